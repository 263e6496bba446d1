//! What every AWS client of Ferrocrete does, be it for resources or for state: answers that
//! were cut short are no answers ([`Whole`], [`CutShort`]), and throttling does not use up
//! the retries ([`patient_partition`]).

mod partition;
mod retry;
mod whole;

pub use partition::{domain, partition};
pub use retry::{CutShort, patient_partition};
pub use whole::{Whole, is_cut_short};
