//! What every resource file uses.

pub use ferrocrete_core::error::{ErrorKind, OpError};
pub use ferrocrete_core::resource::{
    Changes, Live, Lookup, Made, Progress, ReadRequest, Resource, Status, Tags,
};
pub use ferrocrete_core::{Lookup, Outputs, Properties, Resource};
pub use serde::{Deserialize, Serialize};

pub use crate::aws::batch;
#[allow(unused_imports, reason = "not every set of features has such a service")]
pub(crate) use crate::aws::tags::retagged;
pub use crate::aws::tags::{self, OWNER};
pub use crate::aws::{Aws, SdkResultExt, found, gone, need, status, text};

/// What an operation is told besides its properties: clients, identity, token.
pub type Cx<C = Aws> = ferrocrete_core::resource::Cx<C>;

/// The result of an operation.
pub type Result<T, E = OpError> = std::result::Result<T, E>;
