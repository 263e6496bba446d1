//! Waiting for somebody else's lock.

use std::sync::Arc;
use std::time::Duration;

use ferrocrete_core::event::{Event, Events};
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::resource::Registry;
use ferrocrete_core::state::{FixedKey, Holder, MemoryBackend, StateBackend, StateError};
use ferrocrete_core::{Engine, EngineOptions, Error};
use tokio::time::Instant;

fn holder(id: &str) -> Holder {
    Holder { id: id.into(), who: format!("{id}@test"), pid: 1, command: "up".into() }
}

fn engine(backend: &MemoryBackend, lock_timeout: Duration, events: Events) -> Engine {
    let keys = Arc::new(FixedKey::for_tests());
    let options = EngineOptions { lock_timeout, ..EngineOptions::default() };
    Engine::new("shop", "dev", Registry::default(), Arc::new(backend.clone()), keys)
        .with_options(options)
        .with_events(events)
}

/// Somebody who holds the lock for that long and shows life.
async fn held(backend: &MemoryBackend, long: Duration) {
    let lease = backend.acquire(&holder("anna"), Duration::from_secs(15)).await.unwrap();
    let backend = backend.clone();
    tokio::spawn(async move {
        let began = Instant::now();
        while began.elapsed() < long {
            tokio::time::sleep(Duration::from_secs(1)).await;
            backend.renew(&lease).await.unwrap();
        }
        backend.release(&lease).await.unwrap();
    });
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_told_once_for_whom_and_gets_it() {
    let backend = MemoryBackend::new();
    held(&backend, 3 * MINUTE).await;
    let (events, mut heard) = Events::channel();
    let began = Instant::now();
    let session = engine(&backend, 10 * MINUTE, events).session(&holder("ben")).await.unwrap();
    assert!((3 * MINUTE..4 * MINUTE).contains(&began.elapsed()), "{:?}", began.elapsed());
    session.close().await.unwrap();
    let mut told = Vec::new();
    while let Ok(event) = heard.try_recv() {
        if let Event::Locked { lock } = event {
            told.push(lock.holder.id);
        }
    }
    assert_eq!(told, ["anna"]);
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    for (patience, least) in [(Duration::ZERO, Duration::ZERO), (MINUTE, MINUTE)] {
        let backend = MemoryBackend::new();
        held(&backend, 10 * MINUTE).await;
        let began = Instant::now();
        let error = engine(&backend, patience, Events::none()).session(&holder("ben")).await;
        let error = error.err().unwrap();
        assert!(matches!(&error, Error::State(StateError::Locked { .. })), "{error}");
        // What a living holder takes to show life comes on top.
        let most = least + Duration::from_secs(15);
        assert!((least..most).contains(&began.elapsed()), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_ends_waiting() {
    let backend = MemoryBackend::new();
    held(&backend, 10 * MINUTE).await;
    let engine = engine(&backend, 10 * MINUTE, Events::none());
    let interrupt = Interrupt::new();
    let (ben, began) = (holder("ben"), Instant::now());
    let (waited, ()) = tokio::join!(engine.session_unless(&ben, &interrupt), async {
        tokio::time::sleep(MINUTE).await;
        interrupt.raise();
    });
    assert!(matches!(waited, Err(Error::Interrupted)));
    assert!(began.elapsed() < 2 * MINUTE, "{:?}", began.elapsed());
    assert_eq!(backend.lock_info().await.unwrap().unwrap().holder, holder("anna"));
}

#[tokio::test(start_paused = true)]
async fn of_fifty_who_wait_nobody_starves() {
    let backend = MemoryBackend::new();
    held(&backend, MINUTE).await;
    let waiting = (0..50).map(|number| {
        let engine = engine(&backend, 10 * MINUTE, Events::none());
        tokio::spawn(async move {
            let session = engine.session(&holder(&format!("waiter-{number}"))).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            session.close().await
        })
    });
    for waited in futures::future::join_all(waiting).await {
        waited.unwrap().unwrap();
    }
}
