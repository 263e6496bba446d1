//! A run that is frozen for longer than its lease: a suspended machine, a stopped process.

use ferrocrete_sandbox::Fault;

use crate::lock::{HELD_UP, LAST, LONG, THINGS};
use crate::user::{Running, User};

/// Short enough for a test, long enough for a busy machine.
const LEASE: &str = "4s";

/// A run that stands still while the SDK is about to repeat a call.
async fn repeating(user: &User) -> Running {
    let refused = Fault::status(HELD_UP, 503, "ServiceUnavailable").times(1000);
    user.account.faults([refused]).await.unwrap();
    let mut run = user.start(&["up", "--yes", "--lease", LEASE]);
    run.wait_for(LAST);
    user.hit(2).await;
    run.signal("STOP");
    run
}

/// Everything that state consists of.
async fn stored(user: &User) -> Vec<String> {
    let aws = user.aws().await;
    let buckets = aws.s3().list_buckets().send().await.unwrap();
    let bucket = buckets.buckets().iter().filter_map(|b| b.name());
    let bucket = bucket.into_iter().find(|b| b.starts_with("ferrocrete-state")).unwrap();
    let objects = aws.s3().list_objects_v2().bucket(bucket).send().await.unwrap();
    let objects = objects.contents().iter().map(|o| format!("{:?} {:?}", o.key(), o.e_tag()));
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let table = dynamo.list_tables().send().await.unwrap().table_names.unwrap().remove(0);
    let items = dynamo.scan().table_name(table).send().await.unwrap().items.unwrap();
    let items = items.into_iter().map(|item| {
        let sorted: std::collections::BTreeMap<_, _> = item.into_iter().collect();
        format!("{sorted:?}")
    });
    objects.chain(items).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_commits_nothing_says_so_and_the_one_that_took_over_is_done() {
    let user = User::new("frozen").await;
    // One call was carried out but not answered, one is carried out when all is over.
    let held_up = [Fault::delay_after(HELD_UP, LONG), Fault::delay_before("CreateSecret", LONG)];
    user.account.faults(held_up).await.unwrap();
    let run = user.start(&["up", "--yes", "--lease", LEASE]);
    user.hit(2).await;
    run.signal("STOP");
    let next = user.start(&["up", "--yes"]);
    let pid = next.pid();
    let text = next.end(0);
    assert!(text.contains("its create had got through as"), "{text}");
    let before = stored(&user).await;

    run.signal("CONT");
    let text = run.end(1);
    let lost = format!("was lost: anna@build-7 (pid {pid}), running `up`, took it over at ");
    assert!(text.contains("error: the lock on s3://") && text.contains(&lost), "{text}");
    assert!(text.contains(" and has given it back ("), "{text}");
    assert!(text.contains("hint: run the same command again; it finds everything"), "{text}");
    assert_eq!(stored(&user).await, before, "it commits nothing");
    user.account.reset_faults().await.unwrap();
    user.expect(0, &["plan", "--exit-code"]);
    let things = user.leftovers().await;
    assert_eq!(things.len(), THINGS, "{things:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_who_is_at_work_now() {
    let user = User::new("thawed").await;
    let run = repeating(&user).await;
    user.account.reset_faults().await.unwrap();
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let next = user.start(&["up", "--yes"]);
    user.hit(1).await;
    run.signal("CONT");
    let text = run.end(1);
    let lost = format!("was lost: anna@build-7 (pid {}), running `up`, took it over", next.pid());
    assert!(text.contains(&lost) && !text.contains("has given it back"), "{text}");
    user.account.reset_faults().await.unwrap();
    next.end(0);
    user.expect(0, &["plan", "--exit-code"]);
    assert_eq!(user.leftovers().await.len(), THINGS);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_repeat_a_call_that_was_refused_before() {
    let user = User::new("repeating").await;
    let run = repeating(&user).await;
    user.account.reset_faults().await.unwrap();
    user.expect(0, &["up", "--yes"]);
    user.account.reset_calls().await.unwrap();
    run.signal("CONT");
    run.end(1);
    // It may look; it may not make another.
    let calls = user.account.calls().await.unwrap();
    assert_eq!(calls.count("route53:CreateHostedZone"), 0);
    user.expect(0, &["plan", "--exit-code"]);
    assert_eq!(user.leftovers().await.len(), THINGS);
}
