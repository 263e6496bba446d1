use ferrocrete_core::Properties;
use ferrocrete_core::resource::Tags;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Properties)]
struct Volume {
    #[field(tags)]
    tags: Option<Tags>,
    #[field(name(max = 10))]
    name: Option<String>,
    #[field(affects("size"))]
    path: String,
}

fn main() {}
