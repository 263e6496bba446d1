//! What exists already and is only looked up.

mod ami;
mod availability_zones;
mod default_vpc;
mod subnets;

pub use ami::{Ami, AmiOutputs, AmiOutputsRef};
pub use availability_zones::{
    AvailabilityZones, AvailabilityZonesOutputs, AvailabilityZonesOutputsRef,
};
pub use default_vpc::{DefaultVpc, DefaultVpcOutputs, DefaultVpcOutputsRef};
pub use subnets::{Subnets, SubnetsOutputs, SubnetsOutputsRef};
