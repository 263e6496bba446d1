//! Machines whose clocks differ.

use std::time::{Duration, Instant, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use ferrocrete_backend_s3::S3Backend;
use ferrocrete_core::state::{StateBackend, StateError};
use ferrocrete_sandbox::Fault;

use crate::world::{LONG, World, bodies, holder, ready};

/// A clock that is that many seconds ahead.
#[derive(Debug)]
struct Ahead(i64);

impl TimeSource for Ahead {
    fn now(&self) -> SystemTime {
        let off = Duration::from_secs(self.0.unsigned_abs());
        let now = SharedTimeSource::default().now();
        if self.0 < 0 { now - off } else { now + off }
    }
}

/// A machine whose clock is that many seconds ahead.
fn machine(world: &World, ahead: i64) -> S3Backend {
    let config = world.config.to_builder().time_source(Ahead(ahead)).build();
    S3Backend::new(world.location.clone(), &config, "shop", "dev").unwrap()
}

const MINUTES: i64 = 4 * 60;
const TTL: Duration = Duration::from_millis(1500);

async fn no_matter(holder_ahead: i64, other_ahead: i64) {
    let world = ready().await;
    let (first, second) = (machine(&world, holder_ahead), machine(&world, other_ahead));
    let old = first.acquire(&holder("anna"), TTL).await.unwrap();
    let since = first.lock_info().await.unwrap().unwrap().since;

    // Alive: the other one gives up.
    let renewing = async {
        loop {
            tokio::time::sleep(TTL / 8).await;
            first.renew(&old).await.unwrap();
        }
    };
    let ben = holder("ben");
    let refused = tokio::select! {
        result = second.acquire(&ben, LONG) => result.unwrap_err(),
        () = renewing => unreachable!(),
    };
    assert!(matches!(refused, StateError::Locked { .. }), "{refused}");

    // Dead: the other one has it after the whole time to live, and not before.
    first.append(&old, 1, &bodies(["first"])).await.unwrap();
    let died = Instant::now();
    let new = second.acquire(&ben, LONG).await.unwrap();
    assert!(died.elapsed() >= TTL, "{:?}", died.elapsed());
    assert!(first.append(&old, 2, &bodies(["late"])).await.is_err());
    second.append(&new, 2, &bodies(["second"])).await.unwrap();
    let later = second.lock_info().await.unwrap().unwrap().since;
    assert_eq!(later < since, other_ahead < holder_ahead, "it is shown only: {since}, {later}");
}

#[tokio::test]
async fn minutes_between_two_machines_change_nothing() {
    tokio::join!(no_matter(MINUTES, -MINUTES), no_matter(-MINUTES, MINUTES));
}

#[tokio::test]
async fn a_signature_that_is_refused_for_its_time_is_made_anew_with_the_services_time() {
    let world = ready().await;
    let backend = machine(&world, 10 * 60);
    let refused = Fault::status("UpdateItem", 400, "InvalidSignatureException");
    world.account.faults([refused.clone()]).await.unwrap();
    backend.acquire(&holder("anna"), LONG).await.unwrap();
    assert_eq!(world.count("dynamodb:UpdateItem").await, 2);
    // With the right time it is another matter.
    world.account.faults([refused]).await.unwrap();
    let error = machine(&world, 0).unlock().await.unwrap_err();
    assert!(error.to_string().contains("credentials are not accepted"), "{error}");
}
