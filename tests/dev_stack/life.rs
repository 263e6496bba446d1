//! The built dev example against the sandbox, as a user runs it; what is left is looked up
//! through the SDK, not through our own state.

use std::path::{Path, PathBuf};
use std::process::Command;

use ferrocrete::aws::{Aws, AwsSettings};
use ferrocrete_sandbox::{Account, Options, Sandbox};

const SECRETS: [&str; 2] = ["tvly-plain-7c1d", "pg-plain-9b2e"];

struct User {
    account: Account,
    folder: tempfile::TempDir,
    env: &'static str,
}

fn example() -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    deps.parent().and_then(Path::parent).unwrap().join("examples/dev")
}

impl User {
    async fn new(env: &'static str) -> Self {
        let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { account: sandbox.fresh_account(), folder, env }
    }

    /// Runs the example and expects this exit code; returns what was printed.
    fn expect(&self, code: i32, args: &[&str]) -> String {
        let out = Command::new(example())
            .args(args)
            .args(["--sandbox", "--env", self.env])
            .current_dir(self.folder.path())
            .env("FERROCRETE_SANDBOX_NAME", Options::for_tests().name)
            .env("FERROCRETE_SANDBOX_ACCOUNT", &self.account.id)
            .env("FERROCRETE_CONFIG_TAVILY_API_KEY", SECRETS[0])
            .env("FERROCRETE_CONFIG_DATABASE__PASSWORD", SECRETS[1])
            .output()
            .unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        let text = format!("{stdout}{stderr}");
        assert_eq!(out.status.code(), Some(code), "{args:?}:\n{text}");
        for plain in SECRETS {
            assert!(!text.contains(plain), "{args:?} shows a secret:\n{text}");
        }
        text
    }

    async fn aws(&self) -> Aws {
        let settings = AwsSettings {
            region: Some(self.account.region.clone()),
            endpoint_url: Some(self.account.endpoint().to_owned()),
            keys: Some((self.account.id.clone(), "test".into())),
            ..AwsSettings::default()
        };
        Aws::new(settings.load(&Default::default()).await.unwrap())
    }

    /// What is left of the stack in the account; the state bucket is not part of it.
    async fn leftovers(&self) -> Vec<String> {
        let aws = self.aws().await;
        let mut left = Vec::new();
        let instances = aws.ec2().describe_instances().send().await.unwrap();
        for instance in instances.reservations().iter().flat_map(|r| r.instances()) {
            let state = instance.state().and_then(|s| s.name()).map(|n| n.as_str());
            if state != Some("terminated") {
                left.push(format!("instance {:?}", instance.instance_id()));
            }
        }
        let groups = aws.ec2().describe_security_groups().send().await.unwrap();
        let own = groups.security_groups().iter().filter(|g| g.group_name() != Some("default"));
        left.extend(own.map(|g| format!("group {:?}", g.group_name())));
        let addresses = aws.ec2().describe_addresses().send().await.unwrap();
        left.extend(addresses.addresses().iter().map(|a| format!("address {:?}", a.public_ip())));
        let buckets = aws.s3().list_buckets().send().await.unwrap();
        let names = buckets.buckets().iter().filter_map(|b| b.name());
        left.extend(names.filter(|n| n.contains("dev-example")).map(|n| format!("bucket {n}")));
        let databases = aws.rds().describe_db_instances().send().await.unwrap();
        left.extend(databases.db_instances().iter().map(|d| format!("{:?}", d.db_instance_arn())));
        let subnets = aws.rds().describe_db_subnet_groups().send().await.unwrap();
        let groups = subnets.db_subnet_groups().iter();
        left.extend(groups.map(|d| format!("{:?}", d.db_subnet_group_name())));
        let roles = aws.iam().list_roles().send().await.unwrap();
        let ours = roles.roles().iter().filter(|r| r.role_name().contains("dev-example"));
        left.extend(ours.map(|r| format!("role {}", r.role_name())));
        let profiles = aws.iam().list_instance_profiles().send().await.unwrap();
        left.extend(profiles.instance_profiles().iter().map(|p| p.arn().to_owned()));
        let zones = aws.route53().list_hosted_zones().send().await.unwrap();
        left.extend(zones.hosted_zones().iter().map(|z| format!("zone {}", z.name())));
        let secrets = aws.secretsmanager().list_secrets().send().await.unwrap();
        left.extend(secrets.secret_list().iter().map(|s| format!("secret {:?}", s.name())));
        left
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_with_a_new_database_lives_and_dies() {
    let user = User::new("dev").await;
    let up = user.expect(0, &["up", "--yes"]);
    for export in
        ["app_url", "rds_endpoint", "db_name", "docs_bucket_name", "api_fqdn", "instance_id"]
    {
        assert!(up.contains(export), "{export} is not printed:\n{up}");
    }
    assert!(!user.leftovers().await.is_empty(), "the stack is there");
    user.expect(0, &["plan", "--exit-code"]);
    let again = user.expect(0, &["up", "--yes"]);
    assert!(again.contains("No changes"), "{again}");

    // One property in place: exactly one update.
    let moved = ["--set", "api_address=198.51.100.4"];
    let plan = user.expect(2, &[&["plan", "--exit-code"], &moved[..]].concat());
    assert!(plan.contains("Plan: 1 to update"), "{plan}");
    user.expect(0, &[&["up", "--yes"], &moved[..]].concat());
    user.expect(0, &[&["plan", "--exit-code"], &moved[..]].concat());

    // A replacing property: the instance, and the association that names it.
    let bigger = ["--set", "instance_type=t3.micro", "--set", "api_address=198.51.100.4"];
    let plan = user.expect(2, &[&["plan", "--exit-code"], &bigger[..]].concat());
    assert!(plan.contains("2 to replace"), "{plan}");
    let chain = "because Instance `service/web` is replaced";
    assert!(plan.contains(chain), "{plan}");
    user.expect(0, &[&["up", "--yes"], &bigger[..]].concat());
    user.expect(0, &[&["plan", "--exit-code"], &bigger[..]].concat());

    user.expect(0, &["destroy", "--yes"]);
    assert_eq!(user.leftovers().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_database_is_only_opened_up() {
    let user = User::new("existing").await;
    let aws = user.aws().await;
    let group = aws
        .ec2()
        .create_security_group()
        .group_name("theirs")
        .description("an existing database's")
        .send()
        .await
        .unwrap();
    let group_id = group.group_id().unwrap();
    let example = std::fs::read_to_string("examples/dev/stack.dev.toml").unwrap();
    let (head, _) = example.split_once("[database]").unwrap();
    let head = head.replace("dev.example.org", "existing.example.org");
    let config = format!(
        "{head}[database]\nmode = \"existing\"\nhost = \"db.example.org\"\nport = 5432\n\
         name = \"app\"\nuser = \"app\"\nsecurity_group_id = \"{group_id}\"\n"
    );
    std::fs::write(user.folder.path().join("stack.existing.toml"), config).unwrap();

    let up = user.expect(0, &["up", "--yes"]);
    assert!(up.contains("db.example.org:5432"), "{up}");
    user.expect(0, &["plan", "--exit-code"]);
    let groups = aws.ec2().describe_security_groups().group_ids(group_id).send().await.unwrap();
    assert_eq!(groups.security_groups()[0].ip_permissions().len(), 1, "it is opened up");
    assert!(aws.rds().describe_db_instances().send().await.unwrap().db_instances().is_empty());
    user.expect(0, &["destroy", "--yes"]);
    aws.ec2().delete_security_group().group_id(group_id).send().await.expect("nothing holds it");
    assert_eq!(user.leftovers().await, Vec::<String>::new());
}
