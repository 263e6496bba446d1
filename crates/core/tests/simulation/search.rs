//! Runs seeds, and makes a failing one small.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::history::{History, Sabotage, history};
use crate::run::{Tally, live};
use crate::smaller::smallest;

/// After how many seeds a long run says how far it is.
const PROGRESS: u64 = 5_000;
/// Longest time for making a failing history smaller.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// The history of a seed.
pub fn of_seed(seed: u64) -> History {
    history().new_tree(&mut runner(seed)).expect("no filters").current()
}

/// Fails with the history as a test when it breaks a promise.
pub fn holds(history: &History) {
    if let Err(why) = live(history) {
        panic!("{why}");
    }
}

/// How many seeds are run: a sample for the edit loop, unless `FERROCRETE_SEEDS` says more.
fn seeds() -> u64 {
    number("FERROCRETE_SEEDS", 200)
}

/// With how many dice a history written by hand is tried; more where more seeds are run.
pub fn dice() -> std::ops::Range<u64> {
    0..(seeds() / 100).clamp(2, 20)
}

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|e| panic!("{variable} is `{text}`: {e}")),
        Err(_) => default,
    }
}

fn add(sum: &mut Tally, one: Tally) {
    sum.runs += one.runs;
    sum.killed += one.killed;
    sum.lock_lost += one.lock_lost;
    sum.exchanges += one.exchanges;
}

#[test]
fn many_seeds() {
    let first = number("FERROCRETE_SEED", 1);
    let count = seeds();
    let next = AtomicU64::new(first);
    let tally = Mutex::new(Tally::default());
    let failed: Mutex<Vec<u64>> = Mutex::default();
    let began = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first + count {
                        return;
                    }
                    if seed > first && (seed - first).is_multiple_of(PROGRESS) {
                        let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
                        let (done, seconds) = (seed - first, began.elapsed().as_secs());
                        eprintln!("{done} of {count} seeds, {failed:?} failed, {seconds} s");
                    }
                    match live(&of_seed(seed)) {
                        Ok(one) => {
                            add(&mut tally.lock().unwrap_or_else(PoisonError::into_inner), one);
                        }
                        Err(_) => failed.lock().unwrap_or_else(PoisonError::into_inner).push(seed),
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_unstable();
    println!(
        "{count} seeds from {first}: {:?}",
        tally.lock().unwrap_or_else(PoisonError::into_inner)
    );
    let shortest = failed
        .iter()
        .map(|s| (of_seed(*s), s))
        .min_by_key(|(h, _)| h.steps.len() * 10 + h.program.0.len());
    if let Some((shortest, seed)) = shortest {
        println!("failed: {failed:?}");
        for seed in &failed[..failed.len().min(12)] {
            match live(&of_seed(*seed)) {
                Err(why) => println!("seed {seed}: {}", why.lines().next().unwrap_or_default()),
                Ok(_) => println!("seed {seed}: holds when it is repeated!"),
            }
        }
        let (history, why) = smallest(&shortest, PATIENCE);
        panic!(
            "{} of {count} seeds break a promise: {:?} …\n\nseed {seed}: {why}\n\n{}",
            failed.len(),
            &failed[..failed.len().min(10)],
            history.source(&format!("seed_{seed}")),
        );
    }
}

#[test]
fn the_judges_notice_a_broken_world() {
    // Those of single mechanisms have histories of their own.
    for sabotage in [Sabotage::Forgetful, Sabotage::Blind, Sabotage::Unsaid] {
        let noticed = (1..300).any(|seed| live(&History { sabotage, ..of_seed(seed) }).is_err());
        assert!(noticed, "{sabotage:?}");
    }
}

#[test]
fn a_seed_is_always_the_same_history() {
    for seed in 1..(2 + seeds() / 100).min(20) {
        let once = live(&of_seed(seed));
        assert_eq!(once, live(&of_seed(seed)), "seed {seed}");
    }
}
