//! Program: what the user's function declares — resources, components, lookups, exports.

mod alias;
mod complete;
mod component;
mod declare;
mod exported;
mod handle;
mod options;
mod reference;
mod stack;

pub use alias::Alias;
pub use complete::Complete;
pub use component::Component;
pub use declare::{
    ComponentDecl, Declaration, Declared, LookupDecl, ReferenceDecl, ResourceDecl, WantedExport,
};
pub use exported::Exported;
pub use handle::{ComponentHandle, Handle, LookupHandle, Node};
pub use options::{Options, Timeouts};
pub(crate) use reference::REFERENCE;
pub use reference::StackReference;
pub use stack::Stack;
