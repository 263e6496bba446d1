//! The commands that only show something, on a stack that is there.

use crate::user::User;

#[tokio::test(flavor = "multi_thread")]
async fn each_command_shows_what_is_there() {
    let user = User::new("shown").await;
    let shown = |args: &[&str]| user.expect(0, args);
    let plan = user.expect(2, &["plan", "--exit-code"]);
    assert!(plan.ends_with("Plan: 21 to create, 1 to read during the apply.\n"), "{plan}");
    shown(&["up", "--yes"]);
    shown(&["plan", "--exit-code"]);

    let aws = user.aws().await;
    let addresses = aws.ec2().describe_addresses().send().await.unwrap();
    let ip = addresses.addresses()[0].public_ip().unwrap();
    assert_eq!(shown(&["outputs", "app_url"]), format!("http://{ip}:8000\n"));
    let databases = aws.rds().describe_db_instances().send().await.unwrap();
    let host = databases.db_instances()[0].endpoint().unwrap().address().unwrap();
    let all = shown(&["outputs"]);
    assert!(all.contains(&format!("rds_endpoint     = \"{host}:5432\"\n")), "whole: {all}");

    let list = shown(&["state", "list"]);
    assert_eq!(list.lines().count(), 21, "{list}");
    let zones = aws.route53().list_hosted_zones().send().await.unwrap();
    let zone = zones.hosted_zones()[0].id().trim_start_matches("/hostedzone/");
    let row = list.lines().find(|line| line.starts_with("AWS::Route53::HostedZone ")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>()[1..], ["root", zone]);
    let show = shown(&["state", "show", "root"]);
    assert!(show.starts_with(&format!("AWS::Route53::HostedZone root ({zone})\n")), "{show}");
    assert!(show.contains("    name: \"dev.example.org\"\n"), "{show}");

    let config = shown(&["config", "show", "--set", "owner=me"]);
    let line = |key: &str| config.lines().find(|line| line.starts_with(key)).unwrap_or(&config);
    assert!(line("app = ").contains("\"release-notes\""), "{config}");
    assert!(line("app = ").ends_with("stack.shown.toml:4"), "{config}");
    assert!(line("owner = ").contains("\"me\"") && line("owner = ").ends_with("--set"), "{config}");
    assert!(line("database.password = ").contains("(secret)"), "{config}");

    let mermaid = shown(&["graph", "--format", "mermaid"]);
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    let id = |text: &str, label: &str| {
        let line = text.lines().find(|line| line.contains(label));
        let line = line.unwrap_or_else(|| panic!("no {label}:\n{text}")).trim();
        line.chars().take_while(|c| c.is_alphanumeric()).collect::<String>()
    };
    let edge = [id(&mermaid, "root<br/>HostedZone"), id(&mermaid, "api<br/>RecordSet")];
    assert!(mermaid.contains(&edge.join(" --> ")), "{mermaid}");
    let dot = shown(&["graph", "--format", "dot"]);
    assert!(dot.starts_with("digraph stack {"), "{dot}");
    assert!(dot.trim_end().ends_with('}'), "{dot}");
    assert_eq!(shown(&["graph"]), dot, "the default");

    let backend = shown(&["backend", "show"]);
    let bucket = format!("s3://ferrocrete-state-{}", user.account.id);
    assert!(backend.contains(&format!("backend   {bucket}\n")), "{backend}");
    assert!(backend.contains(" bytes, 0 journal entries\nlock      free\n"), "{backend}");

    let status = shown(&["sandbox", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["format"], "ferrocrete-sandbox");
    assert_eq!(status["running"], true);
    assert_eq!(status["endpoint"], user.account.endpoint());
    assert_eq!(status["env"]["AWS_ACCESS_KEY_ID"], user.account.id.as_str());

    assert_eq!(shown(&["refresh"]), "21 resources were read; all are as recorded.\n");
    let records = aws.ec2().release_address();
    let allocation = addresses.addresses()[0].allocation_id().unwrap();
    let association = addresses.addresses()[0].association_id().unwrap();
    aws.ec2().disassociate_address().association_id(association).send().await.unwrap();
    records.allocation_id(allocation).send().await.unwrap();
    let found = shown(&["refresh"]);
    assert!(found.contains("- AWS::EC2::EIP service/address"), "{found}");
    assert!(found.contains(": 2 gone, 0 changed outside."), "{found}");
}
