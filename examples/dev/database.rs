//! Postgres: new, or existing and only opened up for the application.

use ferrocrete::ec2::{SecurityGroup, SecurityGroupIngress, Subnets};
use ferrocrete::prelude::*;
use ferrocrete::rds::{DbInstance, DbSubnetGroup};
use ferrocrete::secretsmanager::{self, GenerateSecretString, SecretValue};

use crate::config::DatabaseConfig;

/// The database as the application needs it.
pub struct Database {
    pub config: DatabaseConfig,
    pub vpc_id: Output<String>,
    /// The application's security group, which alone may connect.
    pub client_group_id: Output<String>,
}

/// How to connect.
pub struct Connection {
    pub host: Output<String>,
    pub port: Output<i32>,
    pub name: String,
    pub user: String,
    /// ARN of the secret that holds the password.
    pub secret_arn: Output<String>,
}

impl Component for Database {
    const TYPE: &'static str = "dev:Database";
    type Outputs = Connection;

    fn build(self, scope: &Stack) -> Connection {
        match self.config {
            DatabaseConfig::New { name, user, instance_class, allocated_storage, password } => {
                // Without a password of yours, AWS makes one up and nobody ever types it.
                let secret = secretsmanager::Secret::builder()
                    .description("password of the application's database")
                    .recovery_window_in_days(0);
                let secret = match &password {
                    Some(password) => scope.add("password", secret.secret_string(password)),
                    None => scope.add(
                        "password",
                        secret.generate_secret_string(
                            GenerateSecretString::builder()
                                .password_length(32)
                                .exclude_punctuation(true),
                        ),
                    ),
                };
                let value =
                    scope.lookup("password", SecretValue::builder().secret_id(&secret.secret_arn));

                let subnets = scope.lookup(
                    "subnets",
                    Subnets::builder().vpc_id(&self.vpc_id).default_for_az(true),
                );
                let subnet_group = scope.add(
                    "subnets",
                    DbSubnetGroup::builder()
                        .db_subnet_group_description("every zone of the default VPC")
                        .subnet_ids(&subnets.subnet_ids),
                );
                let group = scope.add(
                    "postgres",
                    SecurityGroup::builder()
                        .group_description("Postgres, for the application only")
                        .vpc_id(&self.vpc_id),
                );
                let_in(scope, &group.group_id, &self.client_group_id, 5432);
                let instance = scope.add(
                    "postgres",
                    DbInstance::builder()
                        .engine("postgres")
                        .engine_version("16")
                        .db_instance_class(instance_class)
                        .allocated_storage(allocated_storage)
                        .storage_encrypted(true)
                        .db_name(&name)
                        .master_username(&user)
                        .master_user_password(&value.secret_string)
                        .db_subnet_group_name(&subnet_group.db_subnet_group_name)
                        .vpc_security_group_ids([&group.group_id])
                        .publicly_accessible(false)
                        .skip_final_snapshot(true),
                );
                Connection {
                    host: instance.endpoint_address.clone(),
                    port: instance.endpoint_port.clone(),
                    name,
                    user,
                    secret_arn: secret.secret_arn.clone(),
                }
            }
            DatabaseConfig::Existing { host, port, name, user, security_group_id, password } => {
                let secret = scope.add(
                    "password",
                    secretsmanager::Secret::builder()
                        .description("password of the application's database")
                        .recovery_window_in_days(0)
                        .secret_string(&password),
                );
                let_in(scope, &Output::of(security_group_id), &self.client_group_id, port);
                Connection {
                    host: Output::of(host),
                    port: Output::of(port),
                    name,
                    user,
                    secret_arn: secret.secret_arn.clone(),
                }
            }
        }
    }
}

fn let_in(scope: &Stack, group: &Output<String>, client: &Output<String>, port: i32) {
    scope.add(
        "from-app",
        SecurityGroupIngress::builder()
            .group_id(group)
            .source_security_group_id(client)
            .ip_protocol("tcp")
            .from_port(port)
            .to_port(port)
            .description("Postgres from the application"),
    );
}
