//! A stack from its first `up` to its `destroy`.

use crate::user::User;

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

    // Another size: the machine is stopped and started, and stays what it is.
    let smaller = [&moved[..], &["--set", "instance_type=t3.micro"]].concat();
    let machine = || user.expect(0, &["outputs", "instance_id"]);
    let before = machine();
    let plan = user.expect(2, &[&["plan", "--exit-code"], &smaller[..]].concat());
    assert!(plan.contains("Plan: 1 to update"), "{plan}");
    user.expect(0, &[&["up", "--yes"], &smaller[..]].concat());
    user.expect(0, &[&["plan", "--exit-code"], &smaller[..]].concat());
    assert_eq!(machine(), before);

    // A replacing property: the instance, and the association that names it.
    let other = [&smaller[..], &["--set", "branch=other"]].concat();
    let plan = user.expect(2, &[&["plan", "--exit-code"], &other[..]].concat());
    assert!(plan.contains("2 to replace"), "{plan}");
    let chain = "because Instance `service/web` is replaced";
    assert!(plan.contains(chain), "{plan}");
    user.expect(0, &[&["up", "--yes"], &other[..]].concat());
    user.expect(0, &[&["plan", "--exit-code"], &other[..]].concat());
    assert_ne!(machine(), before);

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
        .description("of an existing database")
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
