//! [`PlanError`].

use crate::urn::Urn;
use crate::value::EvalError;

/// Why no plan can be made.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// The plan would delete or replace protected resources.
    #[error(
        "these are protected, but would be deleted or replaced:\n  {}\n  what to do: undo the change that causes it, or remove `protect` from them and run `up` first",
        .urns.iter().map(|(urn, why)| format!("`{}` ({why})", urn.short())).collect::<Vec<_>>().join("\n  ")
    )]
    Protected {
        /// Which, and why they would go.
        urns: Vec<(Urn, String)>,
    },
    /// An input cannot be computed.
    #[error("`{}`: {source}", .urn.short())]
    Eval {
        /// Whose input.
        urn: Urn,
        /// Why.
        source: EvalError,
    },
    /// An export cannot be computed.
    #[error("export `{name}`: {source}")]
    Export {
        /// Which.
        name: String,
        /// Why.
        source: EvalError,
    },
    /// A property is missing or has the wrong shape.
    #[error("`{}` ({}): {why}", .urn.short(), .urn.type_name())]
    BadProperty {
        /// Whose.
        urn: Urn,
        /// What is wrong.
        why: String,
    },
    /// State has a resource under several of its names.
    #[error(
        "state has both `{}` and `{}`, but by its aliases both are `{}`, which can be only one of them\n  what to do: remove the alias that is not meant; `up` then deletes what is there, unless it is declared, too",
        .places[0].short(), .places[1].short(), .urn.short()
    )]
    SeveralPlaces {
        /// Whose aliases.
        urn: Urn,
        /// What state has.
        places: [Urn; 2],
    },
    /// State holds a type that the registry does not know, so it cannot be deleted.
    #[error(
        "state holds `{}` of type {}, which is not in the registry\n  what to do: enable the cargo feature of its service",
        .urn.short(), .urn.type_name()
    )]
    UnknownType {
        /// Which.
        urn: Urn,
    },
}
