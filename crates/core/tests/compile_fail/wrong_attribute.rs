use ferrocrete_core::{Outputs, Resource};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(type = "Fake::Network", outputs = NetworkOutputs)]
struct Network {
    #[field(replace)]
    cidr_block: String,
}

#[derive(Clone, Serialize, Deserialize, Outputs)]
struct NetworkOutputs {
    network_id: String,
}

fn main() {}
