//! The Rust API, against a server of its own.

use std::time::Duration;

use ferrocrete_sandbox::{Config, Event, Fault, Options, Progress, Sandbox, SandboxError, Unkind};

/// A server that no other test uses, in the shared installation.
fn own_server(name: &str) -> Options {
    Options::for_tests().named(format!("api-{name}-{}", std::process::id()))
}

/// Ends a server of one's own, with its files.
async fn end(sandbox: &Sandbox) {
    sandbox.stop().await.unwrap();
    forget(&sandbox.info().log);
}

fn forget(log: &std::path::Path) {
    for extension in ["log", "lock"] {
        let _ = std::fs::remove_file(log.with_extension(extension));
    }
}

/// A signed-looking call of EC2; the sandbox checks no signatures.
async fn ec2(sandbox: &Sandbox, account: &str, action: &str) -> Option<(u16, String)> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let port = sandbox.info().port;
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let body = format!("Action={action}&Version=2016-11-15&CidrBlock=10.0.0.0/16");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/ec2/aws4_request, \
         SignedHeaders=host, Signature=00\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer))
}

#[tokio::test]
async fn starts_once_is_found_again_and_stops() {
    let options = own_server("life");
    assert!(Sandbox::running(&options).await.unwrap().is_none());

    let mut steps = Vec::new();
    let first = Sandbox::start(&options, |step| steps.push(step)).await.unwrap();
    assert!(steps.contains(&Progress::Starting));
    assert_eq!(steps.last(), Some(&Progress::Ready));

    let mut steps = Vec::new();
    let second = Sandbox::start(&options, |step| steps.push(step)).await.unwrap();
    assert_eq!(steps, [Progress::Ready]);
    assert_eq!(second.info(), first.info());
    let found = Sandbox::running(&options).await.unwrap().expect("runs");
    assert_eq!(found.info(), first.info());

    first.stop().await.unwrap();
    assert!(Sandbox::running(&options).await.unwrap().is_none());
    second.stop().await.unwrap(); // already gone
    let refused = first.configure(None, Config::default()).await;
    assert!(matches!(refused, Err(SandboxError::Unreachable { .. })));
    end(&first).await;
}

#[tokio::test]
async fn parallel_starts_share_one_server() {
    let options = own_server("parallel");
    let starts = (0..4).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { Sandbox::start(&options, |_| {}).await.unwrap() })
    });
    let mut pids = Vec::new();
    let mut last = None;
    for start in starts.collect::<Vec<_>>() {
        let sandbox = start.await.unwrap();
        pids.push(sandbox.info().pid);
        last = Some(sandbox);
    }
    assert!(pids.windows(2).all(|pair| pair[0] == pair[1]), "{pids:?}");
    end(&last.unwrap()).await;
}

#[tokio::test]
async fn a_stale_announcement_is_removed() {
    let options = own_server("stale");
    let sandbox = Sandbox::start(&options, |_| {}).await.unwrap();
    let announcement = sandbox.info().log.with_extension("json");
    let text = std::fs::read_to_string(&announcement).unwrap();
    sandbox.stop().await.unwrap();

    std::fs::write(&announcement, text).unwrap();
    assert!(Sandbox::running(&options).await.unwrap().is_none());
    assert!(!announcement.exists());
    forget(&announcement);
}

#[tokio::test]
async fn calls_faults_and_reset_are_per_account() {
    let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
    let (mine, other) = (sandbox.fresh_account(), sandbox.fresh_account());

    mine.faults([
        Fault::status("CreateVpc", 503, "RequestLimitExceeded"),
        Fault::drop_after("CreateVpc"),
    ])
    .await
    .unwrap();
    assert_eq!(ec2(&sandbox, &other.id, "CreateVpc").await.unwrap().0, 200);
    let (status, body) = ec2(&sandbox, &mine.id, "CreateVpc").await.unwrap();
    assert_eq!(status, 503);
    assert!(body.contains("<Code>RequestLimitExceeded</Code>"));
    assert!(ec2(&sandbox, &mine.id, "CreateVpc").await.is_none());
    assert_eq!(ec2(&sandbox, &mine.id, "DescribeVpcs").await.unwrap().0, 200);

    let calls = mine.calls().await.unwrap();
    assert_eq!(calls.total, 3);
    assert_eq!(calls.count("ec2:CreateVpc"), 2);
    let seen: Vec<_> =
        calls.calls.iter().map(|call| (call.status, call.error.as_deref())).collect();
    assert_eq!(seen, [(503, Some("RequestLimitExceeded")), (0, Some("drop_after")), (200, None)]);

    mine.reset_calls().await.unwrap();
    assert_eq!(mine.calls().await.unwrap().total, 0);
    assert_eq!(other.calls().await.unwrap().total, 1);

    let vpcs = |body: &str| body.matches("<vpcId>").count();
    let before = ec2(&sandbox, &mine.id, "DescribeVpcs").await.unwrap().1;
    mine.reset().await.unwrap();
    let after = ec2(&sandbox, &mine.id, "DescribeVpcs").await.unwrap().1;
    assert!(vpcs(&after) < vpcs(&before));
    let others = ec2(&sandbox, &other.id, "DescribeVpcs").await.unwrap().1;
    assert_eq!(vpcs(&others), vpcs(&before));
}

#[tokio::test]
async fn unkind_behaviours_rates_and_events_reach_the_server() {
    let rate = [("ec2".to_owned(), 1)].into();
    let options = Options { unkind: Unkind::demo(), rate, ..own_server("unkind") };
    let sandbox = Sandbox::start(&options, |_| {}).await.unwrap();
    let account = sandbox.fresh_account();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ec2(&sandbox, &account.id, "DescribeVpcs").await.unwrap().0);
    }
    assert!(statuses.contains(&200) && statuses.contains(&503), "{statuses:?}");

    let config = Config { rate: Some([].into()), ..Config::unkind(Unkind::tests()) };
    account.configure(config).await.unwrap();
    for _ in 0..3 {
        assert_eq!(ec2(&sandbox, &account.id, "DescribeVpcs").await.unwrap().0, 200);
    }
    let missing = account.happens(Event::rds_failover("missing")).await;
    assert!(matches!(missing, Err(SandboxError::Refused { .. })), "{missing:?}");
    end(&sandbox).await;
}

#[tokio::test]
async fn a_full_reset_changes_the_boot_id() {
    let options = own_server("reset");
    let sandbox = Sandbox::start(&options, |_| {}).await.unwrap();
    sandbox.reset(None).await.unwrap();
    let again = Sandbox::running(&options).await.unwrap().expect("runs");
    assert_eq!(again.info().pid, sandbox.info().pid);
    assert_ne!(again.info().boot_id, sandbox.info().boot_id);
    end(&sandbox).await;
}

#[tokio::test]
async fn an_idle_server_stops_itself() {
    let options = Options { idle_timeout: Duration::from_millis(300), ..own_server("idle") };
    let sandbox = Sandbox::start(&options, |_| {}).await.unwrap();
    let log = sandbox.info().log.clone();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while Sandbox::running(&options).await.unwrap().is_some() {
        assert!(std::time::Instant::now() < deadline, "still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(std::fs::read_to_string(&log).unwrap().contains("idle"));
    forget(&log);
}

#[tokio::test]
async fn idle_accounts_are_dropped() {
    let options =
        Options { forget_accounts_after: Some(Duration::from_millis(200)), ..own_server("forget") };
    let sandbox = Sandbox::start(&options, |_| {}).await.unwrap();
    let account = sandbox.fresh_account();
    ec2(&sandbox, &account.id, "CreateVpc").await.unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while account.calls().await.unwrap().total > 0 {
        assert!(std::time::Instant::now() < deadline, "still known");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (_, vpcs) = ec2(&sandbox, &account.id, "DescribeVpcs").await.unwrap();
    assert_eq!(vpcs.matches("<vpcId>").count(), 1); // the default one
    end(&sandbox).await;
}

#[tokio::test]
async fn settings_the_server_does_not_know_are_refused() {
    let options = Options::default().named("../escape");
    let refused = Sandbox::running(&options).await;
    assert!(matches!(refused, Err(SandboxError::BadName { .. })));
}
