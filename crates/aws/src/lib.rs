//! What every AWS client of Ferrocrete does, be it for resources or for state: answers that
//! were cut short are no answers ([`Whole`], [`Unreadable`]), and throttling does not use up
//! the retries ([`patient_partition`]).

mod retry;
mod whole;

pub use retry::{Unreadable, patient_partition};
pub use whole::Whole;
