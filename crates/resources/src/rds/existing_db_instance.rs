//! A database that exists already. SDK call: DescribeDBInstances.

use super::db_instance::describe;
use crate::prelude::*;

/// A database that exists already.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::RDS::ExistingDBInstance", outputs = ExistingDbInstanceOutputs)]
pub struct ExistingDbInstance {
    /// Its identifier.
    pub db_instance_identifier: String,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct ExistingDbInstanceOutputs {
    /// ARN.
    pub arn: String,
    /// Host to connect to.
    pub endpoint_address: String,
    /// Port to connect to.
    pub endpoint_port: i32,
    /// Name of the first database.
    pub db_name: Option<String>,
    /// Name of the first user.
    pub master_username: Option<String>,
    /// Version.
    pub engine_version: Option<String>,
    /// Ids of its security groups.
    pub vpc_security_group_ids: Vec<String>,
}

impl Lookup for ExistingDbInstance {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<ExistingDbInstanceOutputs, OpError> {
        let id = &self.db_instance_identifier;
        let found = describe(cloud, vec![id.clone()]).await?.into_iter().next();
        let Some(db) = found else {
            return Err(OpError::new(
                ErrorKind::NotFound,
                format!("there is no database `{id}` in {}", cloud.region()),
            ));
        };
        let groups = db.vpc_security_groups().iter();
        let endpoint = db.endpoint.as_ref();
        Ok(ExistingDbInstanceOutputs {
            vpc_security_group_ids: groups
                .filter_map(|g| g.vpc_security_group_id.clone())
                .collect(),
            arn: db.db_instance_arn.clone().unwrap_or_default(),
            endpoint_address: endpoint.and_then(|e| e.address.clone()).unwrap_or_default(),
            endpoint_port: endpoint.and_then(|e| e.port).unwrap_or_default(),
            db_name: db.db_name.clone(),
            master_username: db.master_username.clone(),
            engine_version: db.engine_version.clone(),
        })
    }
}
