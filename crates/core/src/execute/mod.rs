//! Execute: steps in dependency order, as wide as the graph allows.

mod executor;
mod fence;
mod interrupt;
mod report;
mod retry;
mod schedule;
mod step;
mod together;
mod wait;

pub use executor::Executor;
pub use fence::may_send;
pub use interrupt::Interrupt;
pub use report::Report;
pub use together::Together;
