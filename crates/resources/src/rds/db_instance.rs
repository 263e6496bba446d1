//! `AWS::RDS::DBInstance`: a managed database.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateDBInstance; of a read replica CreateDBInstanceReadReplica, of a snapshot RestoreDBInstanceFromDBSnapshot, of a point in time RestoreDBInstanceToPointInTime, then ModifyDBInstance |
//! | read | DescribeDBInstances, 100 ids a call |
//! | update | ModifyDBInstance, PromoteReadReplica, AddTagsToResource, RemoveTagsFromResource |
//! | delete | DeleteDBInstance; DescribeDBInstances when refused |
//!
//! Traps: for up to a minute after ModifyDBInstance the status is still `available`; the pending
//! values tell of some changes. AWS refuses changes while it makes others or a backup
//! (`InvalidDBInstanceState`), which may begin between plan and apply. The password is never
//! returned, so only a change in the program changes it. `16` means a minor version of AWS's choice,
//! so `16` and `16.6` do not differ. AWS upgrades minor versions, lets storage grow and changes zones
//! by a failover: none of that is drift, or moved back. AWS writes identifiers in
//! small letters. A database that once worked is never replaced because of its state, however bad
//! that is: it holds data. A new parameter group of the same instance waits for a reboot, which
//! is the user's to choose. A read replica takes its users, databases and encryption from its
//! source, which must keep automated backups; it has no last snapshot. It takes some settings only
//! when it is there. `InvalidParameterValue` means everything: a role made moments ago is refused so
//! (`IAM role ARN value is invalid`; Terraform's provider waits that out in
//! `internal/service/rds/instance.go`), and the first database of an account, whose service-linked
//! role AWS makes (`create service linked role`; aws-samples/eks-workshop-v2#1609).
//! What is restored takes users, databases and encryption from its origin, too. The origin counts at the
//! create only: taken out later it changes nothing, as the data is there; another one is another
//! database.
//! Left out: `source_db_instance_automated_backups_arn`, of backups in another region; encrypted sources in other regions
//! (`source_region`), which need a signed address; Aurora and other clusters
//! (`db_cluster_identifier`, `db_cluster_snapshot_identifier`, `source_db_cluster_identifier`,
//! `read_replica_db_cluster_identifiers`, `promotion_tier`); option
//! groups (`option_group_name`); domains (`domain`, `domain_auth_secret_arn`, `domain_dns_ips`,
//! `domain_fqdn`, `domain_iam_role_name`, `domain_ou`); Oracle, SQL Server and Db2
//! (`additional_storage_volumes`, `associated_roles`, `character_set_name`,
//! `nchar_character_set_name`, `timezone`, `db_system_id`, `license_model`, `listener_endpoint`,
//! `replica_mode`, `custom_iam_instance_profile`,
//! `resume_full_automation_mode_time`); `db_security_groups`, of EC2-Classic; backups elsewhere
//! (`automatic_backup_replication_region`, `automatic_backup_replication_kms_key_id`,
//! `automatic_backup_replication_retention_period`, `backup_target`); `network_type`,
//! `database_insights_mode`, `dedicated_log_volume`, `engine_lifecycle_support`, `processor_features`,
//! `use_default_processor_features`, `certificate_rotation_restart`,
//! `master_user_authentication_type`, which few need; what changes by itself or says how things go
//! (`automatic_restart_time`, `certificate_details`, `db_instance_status`, `instance_create_time`,
//! `is_storage_config_upgrade_available`, `latest_restorable_time`, `percent_progress`,
//! `read_replica_db_instance_identifiers`, `secondary_availability_zone`, `status_infos`,
//! `storage_operation_status`, `storage_operation_percent_progress`); `endpoint.hosted_zone_id`;
//! `master_user_secret.kms_key_id`: the secret has the account's key.
//! Differences:
//! - renamed `arn` (`db_instance_arn`), `master_user_secret_arn`
//!   (`master_user_secret.secret_arn`), `vpc_security_group_ids` (`vpc_security_groups`): as the
//!   SDK has them.
//! - own `skip_final_snapshot`, `final_db_snapshot_identifier`: there, a policy of the template
//!   says it.
//! - renamed `restore_to_point_in_time.source_dbi_resource_id` (`source_dbi_resource_id`),
//!   `restore_to_point_in_time.restore_time` (`restore_time`),
//!   `restore_to_point_in_time.use_latest_restorable_time` (`use_latest_restorable_time`): there,
//!   they stand beside the source of a replica, and it depends on them what the source means.
//! - own `restore_to_point_in_time`: holds these.
//! - replaces `db_snapshot_identifier`, `restore_to_point_in_time.source_dbi_resource_id`,
//!   `restore_to_point_in_time.restore_time`,
//!   `restore_to_point_in_time.use_latest_restorable_time`: there, taking it out replaces, too, and some
//!   changes do nothing.
//! - replaces `availability_zone`, `engine`, `performance_insights_kms_key_id`: there, only some
//!   changes do; no call changes them.
//! - in place `auto_minor_version_upgrade`, `backup_retention_period`, `db_parameter_group_name`,
//!   `multi_az`, `preferred_maintenance_window`: there, a change may replace; AWS can change each
//!   of them.
//! - in place `source_db_instance_identifier`: taken out, the replica is promoted; another source
//!   is refused.
//! - read back `source_db_instance_identifier`: AWS tells it.
//! - required `db_instance_class`, `engine`: there, a cluster or snapshot may have them.
//! - does not need `iam:GetRole`, `iam:ListRoles`: only CloudFormation itself looks at the roles.

mod convert;
mod delete;
mod describe;
mod outputs;
mod replica;
mod restore;
mod update;

use super::shared::{arn, from_sdk, retag, to_sdk};
use crate::aws::answer::ours_or;
use crate::prelude::*;

pub(super) use describe::describe;
pub use outputs::DbInstanceOutputs;
pub use restore::{PointInTime, PointInTimeBuilder};

/// A managed database.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBInstance",
    identity("db_instance_identifier"),
    eventual(
        "DBInstanceNotFound",
        "DBParameterGroupNotFound",
        "DBSubnetGroupNotFoundFault",
        "InvalidParameterValue" = "IAM role ARN value is invalid"
    ),
    passing("InvalidParameterValue" = "create service linked role"),
    busy("InvalidDBInstanceState"),
    busy_for = 3600,
    settles = 60,
    check = restore::check,
    iam(
        create(
            "rds:CreateDBInstance",
            "rds:CreateDBInstanceReadReplica",
            "rds:RestoreDBInstanceFromDBSnapshot",
            "rds:RestoreDBInstanceToPointInTime",
            "rds:ModifyDBInstance",
            "rds:AddTagsToResource",
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcs",
            "kms:CreateGrant",
            "kms:DescribeKey",
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
            "iam:PassRole",
            "iam:CreateServiceLinkedRole"
        ),
        read("rds:DescribeDBInstances"),
        update(
            "rds:ModifyDBInstance",
            "rds:PromoteReadReplica",
            "rds:DescribeDBInstances",
            "rds:AddTagsToResource",
            "rds:RemoveTagsFromResource",
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcs",
            "kms:CreateGrant",
            "kms:DescribeKey",
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
            "iam:PassRole"
        ),
        delete("rds:DeleteDBInstance", "rds:CreateDBSnapshot", "rds:DescribeDBInstances")
    )
)]
pub struct DbInstance {
    /// Identifier, up to 63 small letters, digits and hyphens. Default: derived from the urn.
    /// Replaces.
    #[field(replaces, name(max = 63, lowercase, extra = "-"))]
    pub db_instance_identifier: Option<String>,
    /// Identifier of the database that this is a read replica of, or its ARN when it is in
    /// another region. Taken out, the replica becomes a database of its own. Default: it is one.
    pub source_db_instance_identifier: Option<String>,
    /// Snapshot that the database is made from: its name, or the ARN of one that is shared. User,
    /// databases and encryption are the snapshot's; the rest is as declared. Taking it out later
    /// changes nothing. Default: the database begins empty. Replaces.
    #[field(replaces, write_only, server_default)]
    pub db_snapshot_identifier: Option<String>,
    /// Database and time that the database is made from, in the same way as from a snapshot. Taking
    /// it out later changes nothing. Replaces.
    #[field(replaces, write_only, server_default)]
    pub restore_to_point_in_time: Option<PointInTime>,
    /// Class, such as `db.t4g.micro`.
    pub db_instance_class: String,
    /// Engine, such as `postgres`; a read replica's is its source's. Replaces.
    #[field(replaces)]
    pub engine: String,
    /// Version; `16` stands for any of its minor versions. A later minor version, which AWS
    /// upgrades to, is as good as the one declared; AWS goes back to none. Default: the engine's.
    #[field(server_default, moves(version))]
    pub engine_version: Option<String>,
    /// Allow `engine_version` to name another major version. Default: false.
    #[field(write_only)]
    pub allow_major_version_upgrade: Option<bool>,
    /// Storage in GiB. It can only grow: more than is declared is no difference, and declaring less
    /// than before is refused in the plan.
    #[field(server_default, moves(up))]
    pub allocated_storage: Option<i32>,
    /// GiB up to which storage grows by itself. Default: it does not.
    pub max_allocated_storage: Option<i32>,
    /// `gp3`, `gp2`, `io1`, `io2` or `standard`. Default: AWS's choice.
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
    /// KMS key: ARN, id or alias. Default: the account's key for RDS. Replaces.
    #[field(replaces, server_default)]
    pub kms_key_id: Option<String>,
    /// Name of the first user. Replaces.
    #[field(replaces, server_default)]
    pub master_username: Option<String>,
    /// Password of the first user, at least 8 characters. Not with `manage_master_user_password`.
    #[field(secret, write_only, affects("master_user_secret_arn"))]
    pub master_user_password: Option<String>,
    /// Let RDS keep the password in Secrets Manager. Default: false.
    #[field(server_default, affects("master_user_secret_arn"))]
    pub manage_master_user_password: Option<bool>,
    /// Name of the first database. Default: the engine's. Replaces.
    #[field(replaces, server_default)]
    pub db_name: Option<String>,
    /// Port. Default: the engine's, such as 5432 for PostgreSQL. A change restarts the database at
    /// once, whatever `apply_immediately` says.
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
    /// Zone of a database without standby. A failover may move it, which is no difference.
    /// Default: AWS chooses. Replaces.
    #[field(replaces, server_default, moves(anywhere))]
    pub availability_zone: Option<String>,
    /// A standby in another zone. Default: false.
    #[field(default = false)]
    pub multi_az: Option<bool>,
    /// A public address. Default: as the subnets are.
    #[field(server_default)]
    pub publicly_accessible: Option<bool>,
    /// Days that automated backups are kept, 0 (none are made) to 35. Default: 1.
    #[field(server_default)]
    pub backup_retention_period: Option<i32>,
    /// Daily backup window in UTC, such as `03:00-04:00`. Default: AWS chooses.
    #[field(server_default)]
    pub preferred_backup_window: Option<String>,
    /// Weekly maintenance window in UTC, such as `sun:05:00-sun:06:00`. Default: AWS chooses.
    #[field(server_default, case_insensitive)]
    pub preferred_maintenance_window: Option<String>,
    /// Refuse every delete, this program's included, until it is set to false. Default: false.
    #[field(default = false)]
    pub deletion_protection: Option<bool>,
    /// Delete without a last snapshot. Default: false; of a read replica none is ever made.
    #[field(write_only)]
    pub skip_final_snapshot: Option<bool>,
    /// Name of the last snapshot, which must not exist yet. Default: the identifier, `-final-` and
    /// random characters, new at each delete.
    #[field(write_only)]
    pub final_db_snapshot_identifier: Option<String>,
    /// Delete automated backups with the database. Default: true.
    #[field(write_only)]
    pub delete_automated_backups: Option<bool>,
    /// Apply changes at once instead of in the next maintenance window; some of them restart the
    /// database. Default: false.
    ///
    /// AWS keeps a change that it leaves to the window as a pending one (`PendingModifiedValues`),
    /// which counts as done: `up` does not wait for it, and the next plan is empty. Taking the change
    /// back before the window takes it from there, too. Set to true, what is pending is applied at
    /// once. Port, password, security groups, log exports and the like never wait for the window,
    /// and parameters that need a restart wait for one that somebody asks for. See [which changes wait].
    ///
    /// [which changes wait]: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
    #[field(write_only)]
    pub apply_immediately: Option<bool>,
    /// Take new minor versions in the maintenance window. Default: true.
    #[field(server_default)]
    pub auto_minor_version_upgrade: Option<bool>,
    /// Certificate authority, such as `rds-ca-rsa2048-g1`. Default: the account's.
    #[field(server_default)]
    pub ca_certificate_identifier: Option<String>,
    /// Performance Insights. Default: false.
    #[field(default = false)]
    pub enable_performance_insights: Option<bool>,
    /// Days that Performance Insights keeps: 7, a multiple of 31, or 731. Default: 7.
    #[field(server_default)]
    pub performance_insights_retention_period: Option<i32>,
    /// KMS key of Performance Insights: ARN, id or alias. Default: the account's key for RDS.
    /// Replaces.
    #[field(replaces, server_default)]
    pub performance_insights_kms_key_id: Option<String>,
    /// Seconds between points of enhanced monitoring: 0 (off), 1, 5, 10, 15, 30 or 60. Default: 0.
    #[field(default = 0)]
    pub monitoring_interval: Option<i32>,
    /// ARN of the role that writes enhanced monitoring to CloudWatch Logs.
    #[field(server_default)]
    pub monitoring_role_arn: Option<String>,
    /// Logs that go to CloudWatch, such as `postgresql` and `upgrade`. Default: none.
    #[field(set)]
    pub enable_cloudwatch_logs_exports: Option<Vec<String>>,
    /// Log-in with IAM. Default: false.
    #[field(default = false)]
    pub enable_iam_database_authentication: Option<bool>,
    /// Snapshots carry the tags, too. Default: false.
    #[field(default = false)]
    pub copy_tags_to_snapshot: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

impl DbInstance {
    /// The identifier as AWS writes it.
    fn id(&self) -> String {
        self.db_instance_identifier.clone().unwrap_or_default().to_ascii_lowercase()
    }

    /// Whether changes wait for no maintenance window; AWS's default is that they do.
    fn at_once(&self) -> bool {
        self.apply_immediately.unwrap_or(false)
    }
}

impl Resource for DbInstance {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        if let Some(source) = &self.source_db_instance_identifier {
            return replica::create(self, cx, source).await;
        }
        if let Some(snapshot) = &self.db_snapshot_identifier {
            return restore::from_snapshot(self, cx, snapshot).await;
        }
        if let Some(point) = &self.restore_to_point_in_time {
            return restore::to_point(self, cx, point).await;
        }
        let call = update::create(self, cx).set_tags(Some(to_sdk(&self.tags)));
        match call.send().await.op("rds:CreateDBInstance") {
            Ok(_) => Ok(Made::Pending(self.id())),
            Err(error) => ours_or(self, cx, error).await,
        }
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let ids: Vec<String> = items.iter().map(|i| i.id.clone()).collect();
        let all = describe(cloud, &ids).await?;
        let one = |item: &ReadRequest<Self>| {
            let instance = all.iter().find(|d| d.db_instance_identifier() == Some(&item.id))?;
            Some(convert::live(instance, item.inputs.as_ref()))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let found = describe(cx, &[self.id()]).await?;
        let ours = found.iter().any(|d| tags::is_ours(cx, &from_sdk(d.tag_list())));
        Ok(ours.then(|| self.id()))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("source_db_instance_identifier") {
            return replica::promote(self, cx, id, old).await;
        }
        let modified = update::modify(self, cx, id, old, changes).await?;
        if changes.has("tags") {
            let arn = arn(cx, "db", id).await?;
            retag(cx, &arn, &old.tags, &self.tags).await?;
        }
        Ok(if modified { Progress::Pending } else { Progress::Done })
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        delete::delete(self, cx, id).await
    }
}
