//! What exists already and is only looked up.

mod ami;
mod availability_zones;
mod default_vpc;
mod prefix_list;
mod subnets;

pub use ami::*;
pub use availability_zones::*;
pub use default_vpc::*;
pub use prefix_list::*;
pub use subnets::*;
