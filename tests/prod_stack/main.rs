//! The built prod example against the sandbox, as a team runs it: each environment comes up, has
//! nothing to do afterwards, changes just what it is told, and goes without a trace. What the
//! account holds is asked through the SDK.

mod account;
mod changes;
mod figures;
mod life;
mod pyshop;
mod rag;
mod team;
