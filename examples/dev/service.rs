//! The FastAPI service: a machine with a role, an address that stays, and its buckets.

use ferrocrete::ec2::{
    Ami, BlockDeviceMapping, Ebs, ElasticIp, ElasticIpAssociation, Instance, KeyPair,
    MetadataOptions,
};
use ferrocrete::iam::{InstanceProfile, PolicyDocument, Role, RolePolicy, Statement};
use ferrocrete::prelude::*;
use ferrocrete::s3::{Bucket, BucketEncryption, PublicAccessBlock};

use crate::database::Connection;

/// Where the machine is and what it runs.
pub struct Service<'a> {
    pub region: String,
    pub instance_type: String,
    pub repository: String,
    pub branch: String,
    pub public_key: Option<String>,
    pub group_id: Output<String>,
    pub keys_secret_arn: Output<String>,
    pub database: &'a Connection,
}

/// What others need of it.
pub struct ServiceOutputs {
    pub instance_id: Output<String>,
    pub public_ip: Output<String>,
}

/// A private, encrypted bucket that goes away with its objects.
pub fn bucket(scope: &Stack, name: &str, versioned: bool) -> Output<String> {
    let bucket = Bucket::builder()
        .encryption(BucketEncryption::builder().sse_algorithm("AES256"))
        .public_access_block(
            PublicAccessBlock::builder()
                .block_public_acls(true)
                .block_public_policy(true)
                .ignore_public_acls(true)
                .restrict_public_buckets(true),
        )
        .maybe_versioning_status(versioned.then_some("Enabled"))
        .empty_on_delete(true);
    scope.add(name, bucket).bucket_name.clone()
}

impl Component for Service<'_> {
    const TYPE: &'static str = "dev:Service";
    type Outputs = ServiceOutputs;

    fn build(self, scope: &Stack) -> ServiceOutputs {
        let buckets = ["logs", "artifacts", "content"].map(|name| bucket(scope, name, false));
        let profile = self.profile(scope, &buckets);
        let image = scope.lookup(
            "ubuntu",
            Ami::builder()
                .owners(["099720109477"])
                .name("ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*"),
        );
        let key_name = self.public_key.as_ref().map(|key| {
            scope.add("login", KeyPair::builder().public_key_material(key)).key_name.clone()
        });
        let instance = scope.add_with(
            "web",
            Instance::builder()
                .image_id(&image.image_id)
                .instance_type(&self.instance_type)
                .security_group_ids([&self.group_id])
                .iam_instance_profile(&profile)
                .maybe_key_name(key_name)
                .metadata_options(MetadataOptions::builder().http_tokens("required"))
                .block_device_mappings([BlockDeviceMapping::builder()
                    .device_name(&image.root_device_name)
                    .ebs(Ebs::builder().volume_size(20).volume_type("gp3").encrypted(true))])
                .user_data(self.user_data(&buckets)),
            // A newer image is no reason to replace a running machine. Its script runs when it is
            // started for the first time only, so another script is another machine.
            Options::new().ignore_changes(["image_id"]).replace_on_changes(["user_data"]),
        );
        let address = scope.add("address", ElasticIp::builder());
        scope.add(
            "address",
            ElasticIpAssociation::builder()
                .allocation_id(&address.allocation_id)
                .instance_id(&instance.instance_id),
        );
        ServiceOutputs {
            instance_id: instance.instance_id.clone(),
            public_ip: address.public_ip.clone(),
        }
    }
}

impl Service<'_> {
    /// A role that may use just these buckets and secrets.
    fn profile(&self, scope: &Stack, buckets: &[Output<String>]) -> Output<String> {
        let role = scope.add(
            "machine",
            Role::builder().assume_role_policy_document(PolicyDocument::new().allow(
                Statement::new().action("sts:AssumeRole").principal_service("ec2.amazonaws.com"),
            )),
        );
        let whole = buckets.iter().map(|b| interpolate!("arn:aws:s3:::{b}"));
        let objects = buckets.iter().map(|b| interpolate!("arn:aws:s3:::{b}/*"));
        let policy = PolicyDocument::new()
            .allow(Statement::new().action("s3:ListBucket").resources(whole))
            .allow(
                Statement::new()
                    .actions(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
                    .resources(objects),
            )
            .allow(
                Statement::new()
                    .action("secretsmanager:GetSecretValue")
                    .resources([&self.keys_secret_arn, &self.database.secret_arn]),
            );
        scope.add(
            "machine",
            RolePolicy::builder().role_name(&role.role_name).policy_document(policy),
        );
        let profile = InstanceProfile::builder().role(&role.role_name);
        scope.add("machine", profile).instance_profile_name.clone()
    }

    /// `user_data.sh` with its `@NAMES@` filled in. No secret is among them, only where to ask.
    fn user_data(&self, buckets: &[Output<String>; 3]) -> Output<String> {
        let db = self.database;
        let text = |s: &str| Output::of(s.to_owned());
        let names = [
            "REGION",
            "REPOSITORY",
            "BRANCH",
            "LOGS_BUCKET",
            "ARTIFACTS_BUCKET",
            "CONTENT_BUCKET",
            "DB_HOST",
            "DB_PORT",
            "DB_NAME",
            "DB_USER",
            "DB_SECRET",
            "KEYS_SECRET",
        ];
        let [logs, artifacts, content] = buckets.clone();
        let values: [Output<String>; 12] = [
            text(&self.region),
            text(&self.repository),
            text(&self.branch),
            logs,
            artifacts,
            content,
            db.host.clone(),
            interpolate!("{}", &db.port),
            text(&db.name),
            text(&db.user),
            db.secret_arn.clone(),
            self.keys_secret_arn.clone(),
        ];
        Output::all(values).map(move |values| {
            let template = include_str!("user_data.sh").to_owned();
            names
                .iter()
                .zip(&values)
                .fold(template, |text, (name, value)| text.replace(&format!("@{name}@"), value))
        })
    }
}
