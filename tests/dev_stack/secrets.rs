//! Plaintext secrets are nowhere but where they belong.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ferrocrete_sandbox::Fault;

use crate::lock::{HELD_UP, LAST, LONG};
use crate::user::{SECRETS, User, assert_no_secret};

/// Looks into all files below a folder; returns how many there are.
fn in_files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            if path.is_dir() {
                return in_files(&path);
            }
            assert_no_secret(&path.display().to_string(), &std::fs::read(&path).unwrap());
            1
        })
        .sum()
}

/// Looks into every version of every object of the account; returns how many there are.
async fn in_objects(user: &User) -> usize {
    let s3 = user.aws().await;
    let s3 = s3.s3();
    let mut seen = 0;
    for bucket in s3.list_buckets().send().await.unwrap().buckets() {
        let bucket = bucket.name().unwrap();
        let listed = s3.list_object_versions().bucket(bucket).send().await.unwrap();
        assert_ne!(listed.is_truncated(), Some(true));
        for version in listed.versions() {
            let (key, id) = (version.key().unwrap(), version.version_id().unwrap());
            let object = s3.get_object().bucket(bucket).key(key).version_id(id);
            let bytes = object.send().await.unwrap().body.collect().await.unwrap().into_bytes();
            assert_no_secret(&format!("s3://{bucket}/{key}"), &bytes);
            seen += 1;
        }
    }
    seen
}

/// Looks into every item of every table of the account; returns how many there are.
async fn in_items(user: &User) -> usize {
    let aws = user.aws().await;
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let mut seen = 0;
    for table in dynamo.list_tables().send().await.unwrap().table_names() {
        let mut pages = dynamo.scan().table_name(table).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            assert_no_secret(table, format!("{:?}", item.unwrap()).as_bytes());
            seen += 1;
        }
    }
    seen
}

/// Where they belong: the machine asks Secrets Manager with its role.
async fn they_arrived(user: &User) {
    let aws = user.aws().await;
    let mut all = String::new();
    let listed = aws.secretsmanager().list_secrets().send().await.unwrap();
    let mut arns = Vec::new();
    for secret in listed.secret_list() {
        let arn = secret.arn().unwrap();
        let value = aws.secretsmanager().get_secret_value().secret_id(arn).send().await.unwrap();
        all.push_str(value.secret_string().unwrap());
        arns.push(arn.to_owned());
    }
    assert!(SECRETS.iter().all(|plain| all.contains(plain)), "{all}");

    let instances = aws.ec2().describe_instances().send().await.unwrap();
    let instance = &instances.reservations()[0].instances()[0];
    let attribute = aws
        .ec2()
        .describe_instance_attribute()
        .instance_id(instance.instance_id().unwrap())
        .attribute("userData".into())
        .send()
        .await
        .unwrap();
    let user_data = attribute.user_data().and_then(|data| data.value()).unwrap();
    let user_data = BASE64_STANDARD.decode(user_data).unwrap();
    assert_no_secret("user data", &user_data);
    let user_data = String::from_utf8(user_data).unwrap();
    assert!(arns.iter().all(|arn| user_data.contains(arn)), "{user_data}");
}

/// Leaves a full journal behind: everything is made, and nothing folded into the snapshot.
async fn killed_late(user: &User, backend: &[&str]) {
    user.account.faults([Fault::delay_after(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&[&["up", "--yes", "-vvv"], backend].concat());
    run.wait_for(LAST);
    run.kill();
    user.account.reset_faults().await.unwrap();
}

/// Every command, as chatty as can be; [`User::expect`] looks at what is printed.
fn everything_is_run(user: &User, backend: &[&str]) {
    let run = |code, args: &[&str]| user.expect(code, &[args, &["-vvv"], backend].concat());
    run(2, &["plan", "--exit-code"]);
    run(2, &["plan", "--exit-code", "--json"]);
    let up = run(0, &["up", "--yes", "--json"]);
    assert!(up.contains("\"ferrocrete-report\"") && up.contains("DEBUG"), "{up}");
    let changed = ["--set", "database.allocated_storage=21"];
    run(0, &[&["up", "--yes"], &changed[..]].concat());
    run(0, &[&["plan", "--json", "--format", "markdown"], &changed[..]].concat());
    for args in [
        &["refresh", "--json"][..],
        &["outputs"],
        &["outputs", "--json"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["graph"],
        &["state", "list", "--json"],
        &["state", "show", "api-keys"],
        &["state", "show", "api-keys", "--json"],
        &["state", "show", "database/password"],
    ] {
        run(0, args);
    }
    let urn = format!("urn:fc:dev-example:{}:database:AWS::RDS::DBInstance:postgres", user.env);
    let show = run(0, &["state", "show", &urn, "--json"]);
    assert!(show.contains(r#""master_user_password":{"secret":true}"#), "{show}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_state_in_s3_and_dynamodb() {
    let user = User::new("remote").await;
    killed_late(&user, &[]).await;
    assert!(in_items(&user).await > 20, "the journal of a whole stack");
    in_objects(&user).await;
    user.expect(0, &["unlock", "--yes", "-vvv"]);
    everything_is_run(&user, &[]);
    they_arrived(&user).await;
    assert!(in_objects(&user).await >= 2, "versions of the snapshot");
    in_items(&user).await;
    in_files(user.folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_state_in_files() {
    let user = User::new("local").await;
    let backend = user.local();
    let backend = ["--backend", backend.as_str()];
    killed_late(&user, &backend).await;
    let state = user.folder.path().join("state/dev-example/local");
    let journal = std::fs::read_to_string(state.join("journal.jsonl")).unwrap();
    assert!(journal.lines().count() > 20, "the journal of a whole stack");
    in_files(user.folder.path());
    everything_is_run(&user, &backend);
    they_arrived(&user).await;
    assert!(in_files(user.folder.path()) >= 3);
    in_objects(&user).await;
    in_items(&user).await;
}
