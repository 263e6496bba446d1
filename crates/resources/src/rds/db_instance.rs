//! `AWS::RDS::DBInstance`: a managed database.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateDBInstance | rds:CreateDBInstance, rds:AddTagsToResource |
//! | read | DescribeDBInstances, 100 ids a call | rds:DescribeDBInstances |
//! | update | ModifyDBInstance, AddTagsToResource, RemoveTagsFromResource | the same |
//! | delete | ModifyDBInstance when protected by this program, DeleteDBInstance | rds:DeleteDBInstance |
//!
//! Traps: for a moment after ModifyDBInstance the status is still `available`; the pending
//! values tell. The password is never returned, so only a change in the program changes it.
//! A version such as `16` means its newest minor version, so `16` and `16.6` do not differ.
//! Left out: replicas, snapshots as source, Oracle and SQL Server options, Aurora clusters.

mod convert;

use aws_sdk_rds::types::{CloudwatchLogsExportConfiguration, DbInstance as SdkInstance};

use super::shared::{CHUNK, filter, owned, retag, to_sdk};
use crate::prelude::*;

/// A managed database.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBInstance",
    outputs = DbInstanceOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html",
    eventual("DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound"),
    busy("InvalidDBInstanceState"),
    iam(
        create("rds:CreateDBInstance", "rds:AddTagsToResource", "iam:CreateServiceLinkedRole"),
        read("rds:DescribeDBInstances"),
        update("rds:ModifyDBInstance", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"),
        delete("rds:DeleteDBInstance", "rds:ModifyDBInstance")
    )
)]
pub struct DbInstance {
    /// Class, such as `db.t3.micro`.
    pub db_instance_class: String,
    /// Engine, such as `postgres`. Replaces.
    #[field(replaces)]
    pub engine: String,
    /// Name: lower case, up to 63 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 63, lowercase, extra = "-"))]
    pub db_instance_identifier: Option<String>,
    /// Version; `16` stands for its newest minor version. Default: the engine's.
    #[field(server_default)]
    pub engine_version: Option<String>,
    /// Allows another major version. Default: false.
    #[field(write_only)]
    pub allow_major_version_upgrade: Option<bool>,
    /// Storage in GiB, 20 to 65,536; can only grow.
    #[field(server_default)]
    pub allocated_storage: Option<i32>,
    /// GiB up to which storage grows by itself. Default: it does not.
    pub max_allocated_storage: Option<i32>,
    /// `gp3`, `gp2`, `io1`, `io2` or `standard`. Default: `gp2`.
    #[field(server_default)]
    pub storage_type: Option<String>,
    /// I/O operations a second, for io1, io2 and large gp3.
    #[field(server_default)]
    pub iops: Option<i32>,
    /// MiB a second, for large gp3.
    #[field(server_default)]
    pub storage_throughput: Option<i32>,
    /// Encrypted at rest. Default: false. Replaces.
    #[field(replaces, server_default)]
    pub storage_encrypted: Option<bool>,
    /// KMS key. Default: the account's key for RDS. Replaces.
    #[field(replaces, server_default)]
    pub kms_key_id: Option<String>,
    /// Name of the first user. Replaces.
    #[field(replaces)]
    pub master_username: Option<String>,
    /// Password of the first user, at least 8 characters.
    #[field(secret, write_only)]
    pub master_user_password: Option<String>,
    /// Let RDS keep the password in Secrets Manager instead. Default: false.
    #[field(server_default)]
    pub manage_master_user_password: Option<bool>,
    /// Name of the first database. Default: the engine's. Replaces.
    #[field(replaces, server_default)]
    pub db_name: Option<String>,
    /// Port. Default: the engine's, 5432 for Postgres.
    #[field(server_default, affects("endpoint_port"))]
    pub port: Option<i32>,
    /// Ids of security groups. Default: the VPC's default group.
    #[field(set, server_default)]
    pub vpc_security_group_ids: Option<Vec<String>>,
    /// Name of the subnet group. Default: the default VPC's. Replaces.
    #[field(replaces, server_default)]
    pub db_subnet_group_name: Option<String>,
    /// Name of the parameter group. Default: the engine's.
    #[field(server_default)]
    pub db_parameter_group_name: Option<String>,
    /// Zone of a single-zone database. Replaces.
    #[field(replaces, server_default)]
    pub availability_zone: Option<String>,
    /// A standby in another zone. Default: false.
    #[field(server_default)]
    pub multi_az: Option<bool>,
    /// A public address. Default: false.
    #[field(server_default)]
    pub publicly_accessible: Option<bool>,
    /// Days that automated backups are kept, 0 to 35; 0 turns them off. Default: 1.
    #[field(server_default)]
    pub backup_retention_period: Option<i32>,
    /// Daily backup window in UTC, `hh24:mi-hh24:mi`.
    #[field(server_default)]
    pub preferred_backup_window: Option<String>,
    /// Weekly maintenance window in UTC, `ddd:hh24:mi-ddd:hh24:mi`.
    #[field(server_default, case_insensitive)]
    pub preferred_maintenance_window: Option<String>,
    /// Refuse DeleteDBInstance. Default: false. A delete by this program takes it off first.
    #[field(server_default)]
    pub deletion_protection: Option<bool>,
    /// Delete without a last snapshot. Default: false.
    #[field(write_only)]
    pub skip_final_snapshot: Option<bool>,
    /// Name of the last snapshot, needed unless it is skipped.
    #[field(write_only)]
    pub final_db_snapshot_identifier: Option<String>,
    /// Delete automated backups with it. Default: true.
    #[field(write_only)]
    pub delete_automated_backups: Option<bool>,
    /// Apply changes at once instead of in the maintenance window. Default: true.
    #[field(write_only)]
    pub apply_immediately: Option<bool>,
    /// New minor versions in the maintenance window. Default: true.
    #[field(server_default)]
    pub auto_minor_version_upgrade: Option<bool>,
    /// Certificate authority. Default: the account's.
    #[field(server_default)]
    pub ca_certificate_identifier: Option<String>,
    /// Performance Insights. Default: false.
    #[field(server_default)]
    pub enable_performance_insights: Option<bool>,
    /// Days that Performance Insights keeps: 7, months of 31, or 731. Default: 7.
    #[field(server_default)]
    pub performance_insights_retention_period: Option<i32>,
    /// Seconds between points of enhanced monitoring: 0 (off), 1, 5, 10, 15, 30, 60.
    #[field(server_default)]
    pub monitoring_interval: Option<i32>,
    /// ARN of the role for enhanced monitoring.
    #[field(server_default)]
    pub monitoring_role_arn: Option<String>,
    /// Logs that go to CloudWatch, such as `postgresql` and `upgrade`.
    #[field(set)]
    pub enable_cloudwatch_logs_exports: Option<Vec<String>>,
    /// Log-in with IAM. Default: false.
    #[field(server_default)]
    pub enable_iam_database_authentication: Option<bool>,
    /// Snapshots carry its tags. Default: false.
    #[field(server_default)]
    pub copy_tags_to_snapshot: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`DbInstance`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct DbInstanceOutputs {
    /// Name.
    #[output(from_input)]
    pub db_instance_identifier: String,
    /// ARN.
    pub arn: String,
    /// Host to connect to.
    pub endpoint_address: String,
    /// Port to connect to.
    pub endpoint_port: i32,
    /// Id that never changes, such as `db-ABC`.
    pub dbi_resource_id: Option<String>,
    /// ARN of the secret with the password, when RDS keeps it.
    pub master_user_secret_arn: Option<String>,
}

/// Instances by identifier; a missing one does not fail the call.
pub(super) async fn describe(aws: &Aws, ids: Vec<String>) -> Result<Vec<SdkInstance>, OpError> {
    let mut all = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let by_id = filter("db-instance-id", chunk.to_vec())?;
        let mut pages = aws.rds().describe_db_instances().filters(by_id).into_paginator().send();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op("rds:DescribeDBInstances"))? else { break };
            all.extend(page.db_instances.unwrap_or_default());
        }
    }
    Ok(all)
}

impl DbInstance {
    fn name(&self) -> String {
        self.db_instance_identifier.clone().unwrap_or_default()
    }

    fn at_once(&self) -> bool {
        self.apply_immediately.unwrap_or(true)
    }
}

impl Resource for DbInstance {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        cx.rds()
            .create_db_instance()
            .db_instance_identifier(self.name())
            .db_instance_class(&self.db_instance_class)
            .engine(&self.engine)
            .set_engine_version(self.engine_version.clone())
            .set_allocated_storage(self.allocated_storage)
            .set_max_allocated_storage(self.max_allocated_storage)
            .set_storage_type(self.storage_type.clone())
            .set_iops(self.iops)
            .set_storage_throughput(self.storage_throughput)
            .set_storage_encrypted(self.storage_encrypted)
            .set_kms_key_id(self.kms_key_id.clone())
            .set_master_username(self.master_username.clone())
            .set_master_user_password(self.master_user_password.clone())
            .set_manage_master_user_password(self.manage_master_user_password)
            .set_db_name(self.db_name.clone())
            .set_port(self.port)
            .set_vpc_security_group_ids(self.vpc_security_group_ids.clone())
            .set_db_subnet_group_name(self.db_subnet_group_name.clone())
            .set_db_parameter_group_name(self.db_parameter_group_name.clone())
            .set_availability_zone(self.availability_zone.clone())
            .set_multi_az(self.multi_az)
            .set_publicly_accessible(self.publicly_accessible)
            .set_backup_retention_period(self.backup_retention_period)
            .set_preferred_backup_window(self.preferred_backup_window.clone())
            .set_preferred_maintenance_window(self.preferred_maintenance_window.clone())
            .set_deletion_protection(self.deletion_protection)
            .set_auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .set_ca_certificate_identifier(self.ca_certificate_identifier.clone())
            .set_enable_performance_insights(self.enable_performance_insights)
            .set_performance_insights_retention_period(self.performance_insights_retention_period)
            .set_monitoring_interval(self.monitoring_interval)
            .set_monitoring_role_arn(self.monitoring_role_arn.clone())
            .set_enable_cloudwatch_logs_exports(self.enable_cloudwatch_logs_exports.clone())
            .set_enable_iam_database_authentication(self.enable_iam_database_authentication)
            .set_copy_tags_to_snapshot(self.copy_tags_to_snapshot)
            .set_tags(Some(to_sdk(self.tags.as_ref())))
            .send()
            .await
            .op("rds:CreateDBInstance")?;
        Ok(Made::Pending(self.name()))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let all = describe(cloud, items.iter().map(|i| i.id.clone()).collect()).await?;
        let one = |item: &ReadRequest<Self>| {
            let instance = all.iter().find(|d| d.db_instance_identifier() == Some(&item.id))?;
            Some(convert::live(instance, item.inputs.as_ref()))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let found = describe(cx, vec![self.name()]).await?;
        let ours = found.iter().any(|d| owned(super::shared::from_sdk(d.tag_list()).as_ref(), cx));
        Ok(ours.then(|| self.name()))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        const OURS: [&str; 6] = [
            "tags",
            "skip_final_snapshot",
            "final_db_snapshot_identifier",
            "delete_automated_backups",
            "apply_immediately",
            "allow_major_version_upgrade",
        ];
        let modify = changes.iter().any(|name| !OURS.contains(&name));
        if modify {
            self.modify(cx, id, old, changes).await?;
        }
        if changes.has("tags") {
            let found = describe(cx, vec![id.to_owned()]).await?;
            if let Some(arn) = found.first().and_then(|d| d.db_instance_arn.clone()) {
                retag(cx, &arn, old.tags.as_ref(), self.tags.as_ref()).await?;
            }
        }
        Ok(if modify && self.at_once() { Progress::Pending } else { Progress::Done })
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        if self.deletion_protection == Some(true) {
            let call = cx.rds().modify_db_instance().db_instance_identifier(id);
            let call = call.deletion_protection(false).apply_immediately(true);
            if found(call.send().await.op("rds:ModifyDBInstance"))?.is_none() {
                return Ok(Progress::Done);
            }
        }
        let skip = self.skip_final_snapshot.unwrap_or(false);
        if !skip && self.final_db_snapshot_identifier.is_none() {
            return Err(OpError::invalid(
                "a database is not deleted without a last snapshot\n  what to do: set \
                 `final_db_snapshot_identifier`, or `skip_final_snapshot` to true, and run `up` first",
            ));
        }
        let call = cx
            .rds()
            .delete_db_instance()
            .db_instance_identifier(id)
            .skip_final_snapshot(skip)
            .set_final_db_snapshot_identifier(
                self.final_db_snapshot_identifier.clone().filter(|_| !skip),
            )
            .set_delete_automated_backups(self.delete_automated_backups);
        match found(call.send().await.op("rds:DeleteDBInstance"))? {
            Some(_) => Ok(Progress::Pending),
            None => Ok(Progress::Done),
        }
    }
}

impl DbInstance {
    /// One ModifyDBInstance with what changed.
    async fn modify(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<(), OpError> {
        let mut call = cx
            .rds()
            .modify_db_instance()
            .db_instance_identifier(id)
            .apply_immediately(self.at_once())
            .set_allow_major_version_upgrade(self.allow_major_version_upgrade);
        macro_rules! changed {
            ($($name:ident => $set:ident),* $(,)?) => {
                $(if changes.has(stringify!($name)) {
                    call = call.$set(self.$name.clone());
                })*
            };
        }
        changed! {
            engine_version => set_engine_version,
            allocated_storage => set_allocated_storage,
            storage_type => set_storage_type,
            iops => set_iops,
            storage_throughput => set_storage_throughput,
            master_user_password => set_master_user_password,
            manage_master_user_password => set_manage_master_user_password,
            port => set_db_port_number,
            vpc_security_group_ids => set_vpc_security_group_ids,
            db_parameter_group_name => set_db_parameter_group_name,
            multi_az => set_multi_az,
            publicly_accessible => set_publicly_accessible,
            backup_retention_period => set_backup_retention_period,
            preferred_backup_window => set_preferred_backup_window,
            preferred_maintenance_window => set_preferred_maintenance_window,
            deletion_protection => set_deletion_protection,
            auto_minor_version_upgrade => set_auto_minor_version_upgrade,
            ca_certificate_identifier => set_ca_certificate_identifier,
            enable_performance_insights => set_enable_performance_insights,
            performance_insights_retention_period => set_performance_insights_retention_period,
            monitoring_interval => set_monitoring_interval,
            monitoring_role_arn => set_monitoring_role_arn,
            enable_iam_database_authentication => set_enable_iam_database_authentication,
            copy_tags_to_snapshot => set_copy_tags_to_snapshot,
        }
        if changes.has("db_instance_class") {
            call = call.db_instance_class(&self.db_instance_class);
        }
        if changes.has("max_allocated_storage") {
            // A maximum of what is allocated turns growing off.
            let off = self.allocated_storage.or(old.allocated_storage);
            call = call.set_max_allocated_storage(self.max_allocated_storage.or(off));
        }
        if changes.has("enable_cloudwatch_logs_exports") {
            let empty = Vec::new();
            let (was, now) = (
                old.enable_cloudwatch_logs_exports.as_ref().unwrap_or(&empty),
                self.enable_cloudwatch_logs_exports.as_ref().unwrap_or(&empty),
            );
            let enable = now.iter().filter(|l| !was.contains(l)).cloned().collect();
            let disable = was.iter().filter(|l| !now.contains(l)).cloned().collect();
            let logs = CloudwatchLogsExportConfiguration::builder()
                .set_enable_log_types(Some(enable))
                .set_disable_log_types(Some(disable))
                .build();
            call = call.cloudwatch_logs_export_configuration(logs);
        }
        call.send().await.op("rds:ModifyDBInstance").map(drop)
    }
}
