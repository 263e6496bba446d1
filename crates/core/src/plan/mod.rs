//! Plan: a pure function of graph, state and what was observed to a list of steps.

mod check;
mod conceal;
mod contend;
mod destroy;
mod diff;
mod edges;
mod error;
mod groups;
mod ignore;
mod make;
mod moves;
mod prepare;
mod refresh;
mod scope;
mod steered;
mod step;
mod unmade;

pub(crate) use check::{check_literals, check_new};
pub use conceal::Concealed;
pub(crate) use contend::same_things;
pub use destroy::plan_destroy;
pub use diff::{Certain, DiffInput, diff, network, same_policy};
pub(crate) use diff::{settled, unsettled};
pub use error::{PlanError, StillRead};
pub(crate) use ignore::{check as check_path, keep_parts};
pub(crate) use make::base;
pub use make::plan;
pub(crate) use moves::moves;
pub use prepare::{Preparation, prepare_inputs};
pub use refresh::plan_refresh;
pub(crate) use scope::{Outputs, affected, told};
pub use steered::Implication;
pub(crate) use steered::{Implied, implied, steered};
pub use step::{
    Action, ChangeKind, ExportChange, Move, Plan, PropertyChange, Reason, Step, Summary,
};
