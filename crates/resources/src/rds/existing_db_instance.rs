//! A database that exists already. SDK call: DescribeDBInstances. IAM: rds:DescribeDBInstances.

use super::db_instance::describe;
use crate::prelude::*;

/// A database that exists already.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::RDS::ExistingDBInstance")]
pub struct ExistingDbInstance {
    /// Its identifier.
    pub db_instance_identifier: String,
}

/// The database.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ExistingDbInstanceOutputs {
    /// Identifier, in small letters.
    pub db_instance_identifier: String,
    /// ARN.
    pub arn: String,
    /// Id that stays when the identifier changes, such as `db-ABC`.
    pub dbi_resource_id: Option<String>,
    /// Host to connect to; none while it is being made.
    pub endpoint_address: Option<String>,
    /// Port to connect to.
    pub endpoint_port: Option<i32>,
    /// Engine, such as `postgres`.
    pub engine: Option<String>,
    /// Version, in full.
    pub engine_version: Option<String>,
    /// Name of the first database.
    pub db_name: Option<String>,
    /// Name of the first user.
    pub master_username: Option<String>,
    /// ARN of the secret with the password, when RDS keeps it.
    pub master_user_secret_arn: Option<String>,
    /// Name of its subnet group.
    pub db_subnet_group_name: Option<String>,
    /// Ids of its security groups.
    pub vpc_security_group_ids: Vec<String>,
}

impl Lookup for ExistingDbInstance {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<ExistingDbInstanceOutputs> {
        let id = self.db_instance_identifier.to_ascii_lowercase();
        let found = describe(cloud, std::slice::from_ref(&id)).await?.into_iter().next();
        let Some(db) = found else {
            return Err(OpError::new(
                ErrorKind::NotFound,
                format!("there is no database `{id}` in {}", cloud.region()),
            ));
        };
        let groups = db.vpc_security_groups().iter();
        let vpc_security_group_ids =
            groups.filter_map(|g| g.vpc_security_group_id.clone()).collect();
        let endpoint = db.endpoint.as_ref();
        Ok(ExistingDbInstanceOutputs {
            vpc_security_group_ids,
            endpoint_address: endpoint.and_then(|e| e.address.clone()),
            endpoint_port: endpoint.and_then(|e| e.port),
            master_user_secret_arn: db.master_user_secret.and_then(|s| s.secret_arn),
            db_subnet_group_name: db.db_subnet_group.and_then(|g| g.db_subnet_group_name),
            db_instance_identifier: db.db_instance_identifier.unwrap_or(id),
            arn: need(db.db_instance_arn, "rds:DescribeDBInstances", "db_instance_arn")?,
            dbi_resource_id: db.dbi_resource_id,
            engine: db.engine,
            engine_version: db.engine_version,
            db_name: db.db_name,
            master_username: db.master_username,
        })
    }
}
