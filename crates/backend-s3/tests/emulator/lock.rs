//! The lock.

use std::time::{Duration, Instant};

use ferrocrete_core::state::{StateBackend, StateError};
use ferrocrete_sandbox::Fault;

use crate::world::{LONG, bodies, holder, lease, ready};

const SHORT: Duration = Duration::from_millis(700);

#[tokio::test]
async fn one_call_takes_renews_and_releases() {
    let world = ready().await;
    let backend = world.backend();
    assert_eq!(backend.lock_info().await.unwrap(), None);
    world.account.reset_calls().await.unwrap();

    let first = backend.acquire(&holder("anna"), LONG).await.unwrap();
    backend.renew(&first).await.unwrap();
    backend.release(&first).await.unwrap();
    assert_eq!(world.account.calls().await.unwrap().total, 3);
    assert_eq!((first.epoch, first.ttl), (1, LONG));

    let second = backend.acquire(&holder("ben"), LONG).await.unwrap();
    assert_eq!(second.epoch, 2);
    let info = backend.lock_info().await.unwrap().unwrap();
    assert_eq!((info.holder, info.epoch), (holder("ben"), 2));
    assert!(info.since.ends_with('Z') && info.since.contains('T'), "{}", info.since);
    backend.release(&second).await.unwrap();
    backend.release(&second).await.unwrap();
    assert_eq!(backend.lock_info().await.unwrap(), None);
    let error = backend.renew(&second).await.unwrap_err();
    assert!(error.to_string().contains("it was released"), "{error}");
}

#[tokio::test]
async fn a_living_holder_is_named() {
    let world = ready().await;
    let (ours, theirs) = (world.backend(), world.backend());
    let lease = ours.acquire(&holder("anna"), Duration::from_secs(3)).await.unwrap();
    let began = Instant::now();
    let renewing = async {
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            ours.renew(&lease).await.unwrap();
        }
    };
    let theirs = holder_error(theirs.acquire(&holder("ben"), LONG), renewing).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let text = theirs.to_string();
    let StateError::Locked { info, place } = theirs else { panic!("{text}") };
    assert_eq!((info.holder, info.epoch), (holder("anna"), 1));
    assert_eq!(place, format!("{}/shop/dev", world.location));
    assert!(text.contains("locked by anna@host (pid 7), running `up`"), "{text}");
}

/// The error of `attempt`, while `other` goes on.
async fn holder_error<T: std::fmt::Debug>(
    attempt: impl Future<Output = Result<T, StateError>>,
    other: impl Future<Output = ()>,
) -> StateError {
    tokio::select! {
        result = attempt => result.unwrap_err(),
        () = other => unreachable!(),
    }
}

#[tokio::test]
async fn a_dead_holder_is_replaced_after_its_ttl_and_not_before() {
    let world = ready().await;
    let (dead, alive) = (world.backend(), world.backend());
    let old = dead.acquire(&holder("anna"), SHORT).await.unwrap();
    let tag = dead.write_snapshot(&old, b"{}", None, 0).await.unwrap();
    dead.renew(&old).await.unwrap();
    let began = Instant::now();
    let new = alive.acquire(&holder("ben"), LONG).await.unwrap();
    assert!(began.elapsed() >= SHORT, "{:?}", began.elapsed());
    assert_eq!(new.epoch, old.epoch + 1);

    let failures = [
        dead.renew(&old).await.unwrap_err(),
        dead.append(&old, 1, &bodies(["late"])).await.unwrap_err(),
        dead.write_snapshot(&old, b"late", Some(&tag), 0).await.unwrap_err(),
    ];
    for error in failures {
        assert!(matches!(error, StateError::LeaseLost { .. }), "{error}");
        assert!(error.to_string().contains("ben@host (pid 7), running `up`, took it over"));
    }
    dead.release(&old).await.unwrap();
    assert_eq!(alive.lock_info().await.unwrap().unwrap().epoch, new.epoch);
    let stored = alive.load().await.unwrap();
    assert_eq!(stored.records, []);
    assert_eq!(stored.snapshot.unwrap().bytes, b"{}");
}

#[tokio::test]
async fn a_lock_released_while_watched_is_taken_at_once() {
    let world = ready().await;
    let (first, second) = (world.backend(), world.backend());
    let old = first.acquire(&holder("anna"), Duration::from_secs(3)).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        first.release(&old).await
    };
    let began = Instant::now();
    let ben = holder("ben");
    let (new, released) = tokio::join!(second.acquire(&ben, LONG), release);
    released.unwrap();
    assert_eq!(new.unwrap().epoch, 2);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn unlock_fences_the_holder() {
    let world = ready().await;
    let backend = world.backend();
    assert_eq!(backend.unlock().await.unwrap(), None);
    let old = lease(&backend).await;
    let info = backend.unlock().await.unwrap().unwrap();
    assert_eq!((info.holder, info.epoch), (holder("anna"), old.epoch));
    assert_eq!(backend.lock_info().await.unwrap(), None);
    assert_eq!(backend.unlock().await.unwrap(), None);
    let error = backend.append(&old, 1, &bodies(["late"])).await.unwrap_err();
    assert!(error.to_string().contains("unlocked by force"), "{error}");
    assert_eq!(lease(&backend).await.epoch, old.epoch + 2);
}

#[tokio::test]
async fn a_lost_answer_is_not_taken_for_somebody_else() {
    let world = ready().await;
    let backend = world.backend();
    let lose = || world.account.faults([Fault::drop_after("UpdateItem")]);
    lose().await.unwrap();
    let lease = lease(&backend).await;
    assert_eq!(lease.epoch, 1);
    lose().await.unwrap();
    backend.renew(&lease).await.unwrap();
    lose().await.unwrap();
    let info = backend.unlock().await.unwrap().unwrap();
    assert_eq!((info.holder, info.epoch), (lease.holder, 1));
    assert_eq!(world.count("dynamodb:UpdateItem").await, 6);
}

#[tokio::test]
async fn a_transaction_in_the_way_is_waited_for() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let conflict = Fault::status("UpdateItem", 400, "TransactionConflictException").times(3);
    world.account.faults([conflict]).await.unwrap();
    backend.renew(&lease).await.unwrap();
    assert_eq!(world.count("dynamodb:UpdateItem").await, 5);
}

#[tokio::test]
async fn stacks_projects_prefixes_and_buckets_do_not_meet() {
    let world = ready().await;
    let mut elsewhere = world.location.clone();
    elsewhere.prefix = "other".to_owned();
    let backends = [
        world.stack("dev"),
        world.stack("prod"),
        ferrocrete_backend_s3::S3Backend::new(world.location.clone(), &world.config, "blog", "dev")
            .unwrap(),
        ferrocrete_backend_s3::S3Backend::new(elsewhere, &world.config, "shop", "dev").unwrap(),
    ];
    for (index, backend) in backends.iter().enumerate() {
        let lease = lease(backend).await;
        assert_eq!(lease.epoch, 1);
        backend.append(&lease, 1, &bodies([index.to_string()])).await.unwrap();
        backend.write_snapshot(&lease, index.to_string().as_bytes(), None, 0).await.unwrap();
    }
    for (index, backend) in backends.iter().enumerate() {
        let stored = backend.load().await.unwrap();
        assert_eq!(stored.records.len(), 1);
        assert_eq!(stored.records[0].body, index.to_string());
        assert_eq!(stored.snapshot.unwrap().bytes, index.to_string().as_bytes());
    }
}
