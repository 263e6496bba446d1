//! [`Database`].
//!
//! ```text
//!   clients' groups ──5432──> security group
//!                                   │
//!   password (Secrets Manager) ──> Postgres in private subnets ──> replica-1, replica-2 …
//!                                   │
//!                                  url (Secrets Manager): postgresql://app:…@host:5432/app
//! ```

use bon::Builder;
use ferrocrete_core::{Component, Handle, Input, Options, Output, Stack, interpolate};

use super::alarms::{DatabaseAlarms, DatabaseMetrics, database_alarms};
use super::placement::Placement;
use super::support::{Inputs, closed_group, let_in, service_role};
use crate::iam::{Role, RolePolicyAttachment};
use crate::rds::{DbInstance, DbSubnetGroup};
use crate::secretsmanager::{GenerateSecretString, Secret, SecretValue};

/// Postgres on RDS, reachable only for whom it is opened, with a generated password and a
/// connection string in Secrets Manager.
///
/// ```no_run
/// # use ferrocrete_core::Stack;
/// use ferrocrete_resources::components::{Database, NetworkOutputs};
/// # fn program(stack: &Stack, network: &NetworkOutputs) {
/// let database = stack.component(
///     "database",
///     Database::builder()
///         .placement(network.private())
///         .multi_az(true)
///         .build(),
/// );
/// stack.export("database_url_secret", &database.url_secret_arn);
/// # }
/// ```
#[derive(Debug, Clone, Builder)]
pub struct Database {
    /// Subnets in two zones at least, usually private ones.
    pub placement: Placement,
    /// Version of Postgres, such as `16` or `16.4`. Default: `16`. A new major version is
    /// refused unless `allow_major_version_upgrade`.
    #[builder(into, default = "16")]
    pub engine_version: String,
    /// Whether a new major version may be taken. Default: false.
    #[builder(default)]
    pub allow_major_version_upgrade: bool,
    /// Size of the machine. Default: `db.t4g.micro`, about 13 USD a month.
    #[builder(into, default = "db.t4g.micro")]
    pub instance_class: String,
    /// Disk, in GiB, of type gp3. Default: 20.
    #[builder(default = 20)]
    pub allocated_storage: i32,
    /// Up to how many GiB AWS may enlarge the disk. Default: not at all.
    pub max_allocated_storage: Option<i32>,
    /// Name of the database. Default: `app`.
    #[builder(into, default = "app")]
    pub database_name: String,
    /// Name of the first user. Default: `app`.
    #[builder(into, default = "app")]
    pub username: String,
    /// Scheme of the connection string. Default: `postgresql`.
    #[builder(into, default = "postgresql")]
    pub url_scheme: String,
    /// Parameters of the connection string. Default: `sslmode=require`.
    #[builder(into, default = "sslmode=require")]
    pub url_parameters: String,
    /// KMS key for disk and snapshots. Default: AWS's own; the disk is always encrypted.
    #[builder(into)]
    pub kms_key_id: Option<Input<String>>,
    /// A standby in another zone, which takes over; doubles the price. Default: false.
    #[builder(default)]
    pub multi_az: bool,
    /// Read replicas, each with the price of the database. Default: 0.
    #[builder(default)]
    pub replicas: usize,
    /// Days that backups are kept, 0 to 35. Default: 7.
    #[builder(default = 7)]
    pub backup_retention_period: i32,
    /// Seconds between data points of enhanced monitoring: 1, 5, 10, 15, 30, 60, or 0 for
    /// none. Default: 0.
    #[builder(default)]
    pub monitoring_interval: i32,
    /// Whether AWS refuses to delete the database. Default: false.
    #[builder(default)]
    pub deletion_protection: bool,
    /// Whether a delete leaves no snapshot behind. Default: false.
    #[builder(default)]
    pub skip_final_snapshot: bool,
    /// Whether changes are made at once instead of in the maintenance window; some restart the
    /// database. Default: false.
    #[builder(default)]
    pub apply_immediately: bool,
    /// Days that deleted secrets can be restored, 7 to 30, or 0. Default: 7.
    #[builder(default = 7)]
    pub secret_recovery_days: i32,
    /// Alarms. Default: none; see also [`super::Monitoring`].
    pub alarms: Option<DatabaseAlarms>,
    /// Who is told of alarms, usually an SNS topic.
    #[builder(into, default)]
    pub alarm_actions: Inputs,
}

/// How to reach a [`Database`].
pub struct DatabaseOutputs {
    /// Host name.
    pub host: Output<String>,
    /// Port.
    pub port: Output<i32>,
    /// Host names of the read replicas.
    pub replica_hosts: Vec<Output<String>>,
    /// Identifier of the instance.
    pub identifier: Output<String>,
    /// Group that guards the database.
    pub security_group_id: Output<String>,
    /// ARN of the secret that holds the password.
    pub password_secret_arn: Output<String>,
    /// ARN of the secret that holds the connection string.
    pub url_secret_arn: Output<String>,
}

impl DatabaseOutputs {
    /// Lets the members of a security group in. `name` tells the rules of a program apart.
    pub fn allow_from(&self, scope: &Stack, name: &str, group: &Output<String>) {
        let_in(scope, name, &self.security_group_id, group, &self.port);
    }

    /// What alarms and dashboards look at.
    pub fn metrics(&self) -> DatabaseMetrics {
        DatabaseMetrics { identifier: self.identifier.clone() }
    }
}

impl Component for Database {
    const TYPE: &'static str = "ferrocrete:Database";
    type Outputs = DatabaseOutputs;

    fn build(self, scope: &Stack) -> DatabaseOutputs {
        self.placement.check_two_zones(scope, "a database");
        let generated =
            GenerateSecretString::builder().password_length(32).exclude_punctuation(true);
        let password = scope.add(
            "password",
            Secret::builder()
                .description("password of the database")
                .recovery_window_in_days(self.secret_recovery_days)
                .generate_secret_string(generated),
        );
        let value =
            scope.lookup("password", SecretValue::builder().secret_id(&password.secret_arn));
        let group = closed_group(scope, "postgres", "Postgres", &self.placement.vpc_id);
        let subnets = scope.add(
            "subnets",
            DbSubnetGroup::builder()
                .db_subnet_group_description("subnets of the database")
                .subnet_ids(self.placement.subnet_ids.to_input())
                .vpc_id(self.placement.vpc_id.clone()),
        );
        let monitoring = (self.monitoring_interval > 0).then(|| monitoring_role(scope));
        let role = monitoring.as_ref().map(|(role, _)| role.arn.clone());
        // Without its policy, the role is refused.
        let mut options = Options::new();
        if let Some((_, policy)) = &monitoring {
            options = options.depends_on(policy);
        }
        let instance = DbInstance::builder()
            .engine("postgres")
            .engine_version(&self.engine_version)
            .allow_major_version_upgrade(self.allow_major_version_upgrade)
            .db_instance_class(&self.instance_class)
            .allocated_storage(self.allocated_storage)
            .maybe_max_allocated_storage(self.max_allocated_storage)
            .storage_type("gp3")
            .storage_encrypted(true)
            .maybe_kms_key_id(self.kms_key_id.clone())
            .db_name(&self.database_name)
            .master_username(&self.username)
            .master_user_password(&value.secret_string)
            .db_subnet_group_name(&subnets.db_subnet_group_name)
            .vpc_security_group_ids([&group.group_id])
            .publicly_accessible(false)
            .multi_az(self.multi_az)
            .backup_retention_period(self.backup_retention_period)
            .copy_tags_to_snapshot(true)
            .monitoring_interval(self.monitoring_interval)
            .maybe_monitoring_role_arn(role.clone())
            .deletion_protection(self.deletion_protection)
            .apply_immediately(self.apply_immediately)
            .skip_final_snapshot(self.skip_final_snapshot);
        let instance = scope.add_with("postgres", instance, options.clone());
        let replicas = self.replicas(scope, &instance, &group.group_id, role, &options);
        let url = scope.add(
            "url",
            Secret::builder()
                .description("connection string of the database")
                .recovery_window_in_days(self.secret_recovery_days)
                .secret_string(self.url(&instance, &value.secret_string)),
        );
        let outputs = DatabaseOutputs {
            host: instance.endpoint_address.clone(),
            port: instance.endpoint_port.clone(),
            replica_hosts: replicas.iter().map(|r| r.endpoint_address.clone()).collect(),
            identifier: instance.db_instance_identifier.clone(),
            security_group_id: group.group_id.clone(),
            password_secret_arn: password.secret_arn.clone(),
            url_secret_arn: url.secret_arn.clone(),
        };
        if let Some(alarms) = &self.alarms {
            database_alarms(scope, alarms, &outputs.metrics(), &self.alarm_actions);
        }
        outputs
    }
}

impl Database {
    fn replicas(
        &self,
        scope: &Stack,
        source: &Handle<DbInstance>,
        group: &Output<String>,
        role: Option<Output<String>>,
        options: &Options,
    ) -> Vec<Handle<DbInstance>> {
        let replica = |i: usize| {
            let replica = DbInstance::builder()
                .engine("postgres")
                .source_db_instance_identifier(&source.db_instance_identifier)
                .db_instance_class(&self.instance_class)
                .storage_type("gp3")
                .vpc_security_group_ids([group])
                .publicly_accessible(false)
                .monitoring_interval(self.monitoring_interval)
                .maybe_monitoring_role_arn(role.clone())
                .deletion_protection(self.deletion_protection)
                .apply_immediately(self.apply_immediately)
                .skip_final_snapshot(true);
            scope.add_with(&format!("replica-{i}"), replica, options.clone())
        };
        (1..=self.replicas).map(replica).collect()
    }

    fn url(&self, instance: &Handle<DbInstance>, password: &Output<String>) -> Output<String> {
        let (host, port) = (&instance.endpoint_address, &instance.endpoint_port);
        let (scheme, user, name) = (&self.url_scheme, &self.username, &self.database_name);
        let start = Output::of(format!("{scheme}://{user}"));
        let mut end = name.clone();
        if !self.url_parameters.is_empty() {
            end = format!("{end}?{}", self.url_parameters);
        }
        let end = Output::of(end);
        interpolate!("{start}:{password}@{host}:{port}/{end}")
    }
}

fn monitoring_role(scope: &Stack) -> (Handle<Role>, Handle<RolePolicyAttachment>) {
    let role = service_role(scope, "monitoring", "monitoring.rds.amazonaws.com");
    // AWS's own policies are in the partition that the role is in.
    let policy = role.arn.map(|arn: String| {
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        format!("arn:{partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole")
    });
    let attachment = scope.add(
        "monitoring",
        RolePolicyAttachment::builder().role_name(&role.role_name).policy_arn(policy),
    );
    (role, attachment)
}
