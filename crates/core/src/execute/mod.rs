//! Execute: steps in dependency order, as wide as the graph allows.

mod executor;
mod fence;
mod interrupt;
mod pace;
mod report;
mod retry;
mod schedule;
mod step;
mod together;
mod wait;

pub use executor::Executor;
pub use fence::may_send;
pub use interrupt::Interrupt;
pub(crate) use pace::{OUTSIDE, patiently};
pub use pace::{in_haste, is_in_haste};
pub use report::Report;
pub use together::Together;
