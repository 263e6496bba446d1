//! The Ferrocrete engine: program → graph → observe → plan → execute → state → render.
//!
//! Nothing here knows a cloud. Resource types reach the engine through
//! [`resource::Resource`] (typed, what an author writes) and
//! [`resource::Handler`] (erased, what the engine calls).

extern crate self as ferrocrete_core;

pub mod error;
pub mod event;
pub mod execute;
pub mod graph;
pub mod observe;
pub mod panics;
pub mod plan;
pub mod program;
pub mod render;
pub mod resource;
pub mod schema;
#[doc(hidden)]
pub mod spelling;
pub mod state;
pub mod urn;
pub mod value;

mod engine;

pub use engine::{Audit, Engine, EngineOptions, Gone, Orphan, Session};
pub use error::{Error, Result};
pub use ferrocrete_derive::{Lookup, Outputs, Properties, Resource, interpolate};
pub use program::{Alias, Component, Handle, Options, Stack, StackReference};
pub use urn::Urn;
pub use value::{Input, Output, Secret, Value};

/// What the derive macros refer to; not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use bon;
    pub use serde;
    pub use serde_json;
}
