//! Plan: a pure function of graph, state and what was observed to a list of steps.

mod check;
mod contend;
mod destroy;
mod diff;
mod edges;
mod error;
mod groups;
mod make;
mod moves;
mod prepare;
mod refresh;
mod scope;
mod steered;
mod step;

pub(crate) use check::check_literals;
pub(crate) use contend::same_things;
pub use destroy::plan_destroy;
pub use diff::{Certain, DiffInput, diff, network, same_policy};
pub(crate) use diff::{settled, unsettled};
pub use error::PlanError;
pub(crate) use make::base;
pub use make::plan;
pub(crate) use moves::moves;
pub use prepare::{Preparation, prepare_inputs};
pub use refresh::plan_refresh;
pub(crate) use scope::{Outputs, told};
pub(crate) use steered::steered;
pub use step::{
    Action, ChangeKind, ExportChange, Move, Plan, PropertyChange, Reason, Step, Summary,
};
