//! The pace against services of every kind, with a paused clock and dice that always fall alike.

mod client;

use std::cell::Cell;

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

/// A service that answers so many calls a second and saves up some, or refuses some of them
/// whatever the rate.
struct Service {
    rate: Cell<f64>,
    saved: Cell<f64>,
    most: f64,
    asked: Cell<Instant>,
    /// Of ten calls so many are refused.
    of_ten: u32,
    calls: Cell<u32>,
    refused: Cell<u32>,
}

impl Service {
    fn new(rate: f64, most: f64) -> Self {
        Self {
            rate: Cell::new(rate),
            saved: Cell::new(most),
            most,
            asked: Cell::new(Instant::now()),
            of_ten: 0,
            calls: Cell::new(0),
            refused: Cell::new(0),
        }
    }

    fn answers(&self) -> bool {
        let now = Instant::now();
        let earned = now.duration_since(self.asked.replace(now)).as_secs_f64() * self.rate.get();
        let saved = (self.saved.get() + earned).min(self.most);
        let number = self.calls.replace(self.calls.get() + 1);
        let answers = saved >= 1.0 && number % 10 >= self.of_ten;
        self.saved.set(if answers { saved - 1.0 } else { saved });
        self.refused.set(self.refused.get() + u32::from(!answers));
        answers
    }
}

fn pace() -> Pace {
    of("ec2", false)
}

fn of(service: &'static str, documented: bool) -> Pace {
    let place = Place { caller: String::new(), service, region: None };
    Pace::new(place, documented, Arc::default())
}

/// One call, repeated as the SDK does it until it is answered.
async fn call(pace: &Pace, service: &Service, dice: &Cell<u64>) {
    let mut dice = StdRng::seed_from_u64(dice.replace(dice.get() + 1));
    loop {
        pace.turn().await;
        let sent = Instant::now();
        tokio::time::sleep(Duration::from_millis(dice.random_range(15..80))).await;
        let answered = service.answers();
        tokio::time::sleep(Duration::from_millis(dice.random_range(15..80))).await;
        pace.answered(sent, !answered);
        if answered {
            return;
        }
        tokio::time::sleep(Duration::from_secs_f64(dice.random())).await;
    }
}

fn rate(pace: &Pace) -> Option<f64> {
    lock(&pace.limit).rate()
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_a_second_get_through_a_service_that_answers_five() {
    let (pace, service, dice) = (pace(), Service::new(5.0, 5.0), Cell::new(1));
    let start = Instant::now();
    let rates = Mutex::new(Vec::new());
    let offered = (0..500).map(|n| {
        let (pace, service, dice, rates) = (&pace, &service, &dice, &rates);
        async move {
            tokio::time::sleep(Duration::from_millis(10 * n)).await;
            call(pace, service, dice).await;
            if start.elapsed() > Duration::from_secs(20) {
                lock(rates).push(rate(pace).expect("a limit"));
            }
        }
    });
    join_all(offered).await;
    let (took, refused) = (start.elapsed().as_secs_f64(), service.refused.get());
    // As fast as the service allows: 5 at once, then 5 a second.
    assert!((99.0..105.0).contains(&took), "{took} s");
    // One call in five is refused once, most of them before anything is known of the service.
    // Without a pace it would be ten for each.
    assert!(refused <= 100, "{refused}");
    let rates = rates.into_inner().unwrap();
    assert!(rates.iter().all(|rate| (4.5..7.0).contains(rate)), "{rates:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_service_has_saved_up_is_used() {
    // EC2 is like that: a hundred calls at once, then twenty a second.
    let (pace, service, dice) = (pace(), Service::new(20.0, 100.0), Cell::new(1));
    let start = Instant::now();
    join_all((0..600).map(|_| call(&pace, &service, &dice))).await;
    let took = start.elapsed().as_secs_f64();
    assert!((25.0..40.0).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn it_recovers_when_the_service_does() {
    let (pace, service, dice) = (pace(), Service::new(5.0, 5.0), Cell::new(1));
    let start = Instant::now();
    let lifted = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        service.rate.set(10_000.0);
    };
    join_all([
        Box::pin(lifted) as futures::future::LocalBoxFuture<'_, ()>,
        Box::pin(async {
            join_all((0..1_000).map(|_| call(&pace, &service, &dice))).await;
        }),
    ])
    .await;
    // About a hundred by then; the other nine hundred would take three minutes at that rate.
    let took = start.elapsed().as_secs_f64();
    assert!(took < 45.0, "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_single_refusal_holds_nobody_up() {
    let (pace, service, dice) =
        (pace(), Service { of_ten: 1, ..Service::new(1e4, 1e4) }, Cell::new(1));
    let start = Instant::now();
    join_all((0..100).map(|_| call(&pace, &service, &dice))).await;
    let took = start.elapsed().as_secs_f64();
    assert!(took < 4.0, "{took} s");
}

#[tokio::test(start_paused = true)]
async fn slowing_down_that_does_not_help_is_given_up() {
    // The storm of tests/faults: three of ten are refused at any speed.
    for (calls, at_once) in [(60, 8), (150, 16), (600, 32)] {
        let dice = Cell::new(1);
        let (pace, service) = (pace(), Service { of_ten: 3, ..Service::new(1e4, 1e4) });
        let start = Instant::now();
        let left = Cell::new(calls);
        join_all((0..at_once).map(async |_| {
            while left.get() > 0 {
                left.set(left.get() - 1);
                call(&pace, &service, &dice).await;
            }
        }))
        .await;
        let paced = start.elapsed().as_secs_f64();
        // Ten calls of 0.1 s each in a row, and half a second for each refusal.
        let unpaced = f64::from(calls) / f64::from(at_once) * (0.1 + 0.43 * 0.6);
        assert!(paced < 2.5 * unpaced, "{calls} calls took {paced} s, unpaced {unpaced} s");
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_leaves_no_trace() {
    let pace = of("route53", true);
    let start = Instant::now();
    let mut queue: Vec<_> = (0..200).map(|_| Box::pin(pace.turn())).collect();
    // Those that may go at once go; the others queue.
    let gone = futures::future::poll_fn(|cx| {
        let ready = queue.iter_mut().map(|turn| u8::from(turn.as_mut().poll(cx).is_ready()));
        std::task::Poll::Ready(usize::from(ready.sum::<u8>()))
    })
    .await;
    assert_eq!(gone, 2, "half a second's worth");
    assert_eq!(pace.waiting.load(Ordering::Relaxed), 200 - gone);
    drop(queue);
    assert_eq!(pace.waiting.load(Ordering::Relaxed), 0);
    // Ctrl-C dropped them all; the next one does not wait for their turns.
    pace.turn().await;
    assert!(start.elapsed() <= Duration::from_millis(200), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn first_come_first_served() {
    let pace = of("route53", true);
    let order = Mutex::new(Vec::new());
    join_all((0..40).map(async |n| {
        tokio::time::sleep(Duration::from_millis(n)).await;
        pace.turn().await;
        lock(&order).push(n);
    }))
    .await;
    assert_eq!(*lock(&order), (0..40).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_documented_rate_holds_from_the_start_and_is_never_exceeded() {
    let (pace, service, dice) = (of("route53", true), Service::new(5.0, 5.0), Cell::new(1));
    let start = Instant::now();
    join_all((0..200).map(|_| call(&pace, &service, &dice))).await;
    let took = start.elapsed().as_secs_f64();
    assert!((39.0..42.0).contains(&took), "{took} s");
    assert!(service.refused.get() <= 2, "{}", service.refused.get());
    assert_eq!(rate(&pace), Some(5.0));
    assert_eq!(rate(&of("route53", false)), None, "an emulator has no rates");
}

#[test]
fn each_account_and_region_has_its_own_and_a_global_service_one() {
    let paces = Paces::default();
    let of = |who, service, region| paces.of(who, service, region, true);
    let same = |a: &Arc<Pace>, b: &Arc<Pace>| Arc::ptr_eq(a, b);
    let home = of("anna", "ec2", "eu-central-1");
    assert!(same(&home, &of("anna", "ec2", "eu-central-1")));
    for other in [
        of("anna", "ec2", "us-east-1"),
        of("ben", "ec2", "eu-central-1"),
        of("anna", "rds", "eu-central-1"),
    ] {
        assert!(!same(&home, &other));
    }
    let global = of("anna", "route53", "eu-central-1");
    assert!(same(&global, &of("anna", "route53", "us-east-1")));
}

#[tokio::test(start_paused = true)]
async fn waiting_is_told_once_and_its_end_once() {
    let paces = Paces::default();
    let (events, mut heard) = Events::channel();
    paces.listen(&events);
    let pace = paces.of("anna", "ec2", "eu-central-1", true);
    let (service, dice) = (Service::new(5.0, 5.0), Cell::new(1));
    let all = async {
        join_all((0..300).map(|_| call(&pace, &service, &dice))).await;
        // Quiet rounds, until there is no limit any more.
        service.rate.set(10_000.0);
        while rate(&pace).is_some() {
            call(&pace, &service, &dice).await;
        }
    };
    all.await;
    let mut told = Vec::new();
    while let Ok(event) = heard.try_recv() {
        match event {
            Event::Paced { service, region, per_second } => {
                assert_eq!((service.as_str(), region.as_deref()), ("ec2", Some("eu-central-1")));
                told.push(per_second);
            }
            other => panic!("{other:?}"),
        }
    }
    // Once for each time that the rate was halved or doubled while calls were waiting.
    assert_eq!(told.last(), Some(&None), "{told:?}");
    assert!(told.len() <= 5 && told.contains(&Some(5)), "{told:?}");
}
