//! What only AWS knows of a database.

use crate::prelude::*;

/// What AWS knows of a [`super::DbInstance`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct DbInstanceOutputs {
    /// Identifier.
    #[output(from_input)]
    pub db_instance_identifier: String,
    /// ARN.
    pub arn: String,
    /// Host to connect to.
    pub endpoint_address: String,
    /// Port to connect to.
    pub endpoint_port: i32,
    /// Id that stays when the identifier changes, such as `db-ABC`.
    pub dbi_resource_id: Option<String>,
    /// ARN of the secret with the password, when RDS keeps it.
    pub master_user_secret_arn: Option<String>,
}
