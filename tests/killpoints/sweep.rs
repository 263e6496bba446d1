//! Which points are tried, by how many lives at once, and what came of it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

use crate::example::Backend;
use crate::life::{Killed, Life, Quiet};
use crate::point::{Point, SCENARIOS, Scenario};
use crate::proxy::{At, Side, Trap};

/// Points of each scenario in a sample.
const SAMPLE: usize = 6;
/// Lives at once: a run that looks for an interrupted create, or waits for the lock, waits long.
const PARALLEL: usize = 6;

/// Which points.
enum Choice {
    /// Each of them: `FERROCRETE_SWEEP=all`.
    All,
    /// Evenly spread from a start that differs from run to run: `FERROCRETE_SWEEP=sample:SEED`.
    Sample(usize),
    /// One: `FERROCRETE_SWEEP=s3/up/37/after`.
    One(Point),
}

impl Choice {
    fn read() -> Self {
        let Ok(text) = std::env::var("FERROCRETE_SWEEP") else {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            return Choice::Sample(now.subsec_nanos() as usize % 1000);
        };
        match (text.as_str(), text.strip_prefix("sample:")) {
            ("all", _) => Choice::All,
            (_, Some(seed)) => Choice::Sample(seed.parse().expect("a number after `sample:`")),
            (point, None) => Choice::One(point.parse().unwrap_or_else(|why| panic!("{why}"))),
        }
    }

    fn traps(&self, scenario: Scenario, calls: usize) -> VecDeque<Trap> {
        let sides = [Side::Before, Side::After];
        let all = (1..=calls)
            .flat_map(|k| sides.map(|side| Trap { at: At::Number(k), side }))
            .collect::<VecDeque<_>>();
        match self {
            Choice::All => all,
            Choice::Sample(seed) => {
                // Odd, so that both sides come up.
                let step = (all.len() / SAMPLE) | 1;
                (0..SAMPLE).map(|n| all[(seed + n * step) % all.len()].clone()).collect()
            }
            Choice::One(point) if point.scenario == scenario => [point.trap.clone()].into(),
            Choice::One(_) => VecDeque::new(),
        }
    }
}

/// What came of a point.
struct Tried {
    point: Point,
    /// The call, unless the run made fewer.
    call: Option<String>,
    problem: Option<String>,
}

struct Sweep {
    backend: Backend,
    quiet: Quiet,
    /// Points not yet tried, by scenario.
    left: Mutex<[VecDeque<Trap>; 3]>,
    tried: Mutex<Vec<Tried>>,
}

/// Tries the points of this backend.
pub async fn run(backend: Backend) {
    let choice = Choice::read();
    if matches!(&choice, Choice::One(point) if point.backend != backend) {
        return;
    }
    let began = Instant::now();
    let life = Life::new(backend).await.unwrap();
    let quiet = life.quiet(&SCENARIOS).await.unwrap_or_else(|problem| panic!("{problem}"));
    let mut table = format!("\n{backend}: a life without a kill took {:.1?}", began.elapsed());
    for ((scenario, calls), (_, listing)) in quiet.calls.iter().zip(&quiet.listings) {
        write!(table, "; {scenario}: {} calls, {} things", calls.len(), listing.len()).unwrap();
    }
    if let Choice::Sample(seed) = &choice {
        write!(table, "\n{backend}: FERROCRETE_SWEEP=sample:{seed} tries these again").unwrap();
    }
    println!("{table}");
    let left = quiet.calls.iter().map(|(scenario, calls)| choice.traps(*scenario, calls.len()));
    let left = left.collect::<Vec<_>>().try_into().unwrap_or_else(|_| unreachable!());
    let (left, tried) = (Mutex::new(left), Mutex::default());
    let sweep = Arc::new(Sweep { backend, quiet, left, tried });
    let parallel = std::env::var("FERROCRETE_SWEEP_PARALLEL").ok();
    let parallel = parallel.map_or(PARALLEL, |n| n.parse().expect("FERROCRETE_SWEEP_PARALLEL"));
    let mut lives = JoinSet::new();
    for _ in 0..parallel {
        let sweep = sweep.clone();
        lives.spawn(async move { while sweep.live().await {} });
    }
    lives.join_all().await;
    println!("{}\n{backend}: took {:.0?}", sweep.table(), began.elapsed());
    let failed = sweep.tried.lock().unwrap().iter().filter(|t| t.problem.is_some()).count();
    assert_eq!(failed, 0, "points of {backend} that did not survive; each is described above");
}

impl Sweep {
    /// One life, killed at one point of each scenario. False when no point is left.
    async fn live(&self) -> bool {
        let mut traps = self.left.lock().unwrap().each_mut().map(VecDeque::pop_front);
        let Some(last) = traps.iter().rposition(Option::is_some) else { return false };
        let life = Life::new(self.backend).await.unwrap();
        for (scenario, trap) in SCENARIOS.into_iter().zip(&mut traps).take(last + 1) {
            let Some(trap) = trap.take() else {
                life.quiet(&[scenario]).await.unwrap_or_else(|problem| panic!("{problem}"));
                continue;
            };
            let outcome = life.killed(scenario, &trap, &self.quiet).await;
            let failed = outcome.is_err();
            self.record(Point { backend: self.backend, scenario, trap }, outcome);
            if failed {
                break;
            }
        }
        // What comes after a failure is tried in another life.
        let mut left = self.left.lock().unwrap();
        for (left, trap) in left.iter_mut().zip(traps) {
            left.extend(trap);
        }
        true
    }

    fn record(&self, point: Point, outcome: Result<Killed, String>) {
        let (call, problem) = match outcome {
            Ok(Killed::At(call)) => (Some(call), None),
            Ok(Killed::NotReached) => (None, None),
            Err(problem) => (None, Some(problem)),
        };
        let Point { backend, scenario, trap: Trap { side, .. } } = &point;
        match (&call, &problem) {
            (_, Some(problem)) => println!(
                "FAILED {point}\n  again: cargo xtask sweep --point '{point}'\n{problem}\n"
            ),
            (Some(call), _) => println!("{point} is {backend}/{scenario}/{call}/{side}: survived"),
            (None, None) => println!("{point}: the run was over before"),
        }
        self.tried.lock().unwrap().push(Tried { point, call, problem });
    }

    fn table(&self) -> String {
        let tried = self.tried.lock().unwrap();
        let mut table = String::from(
            "\n| state | command | killed | points tried | survived | failed | over before |\n\
             |---|---|---|---|---|---|---|",
        );
        for scenario in SCENARIOS {
            for side in [Side::Before, Side::After] {
                let of = tried
                    .iter()
                    .filter(|t| t.point.scenario == scenario && t.point.trap.side == side);
                let of: Vec<_> = of.collect();
                let failed = of.iter().filter(|t| t.problem.is_some()).count();
                let survived = of.iter().filter(|t| t.call.is_some()).count();
                let (all, over) = (of.len(), of.len() - failed - survived);
                let backend = self.backend;
                write!(
                    table,
                    "\n| {backend} | {scenario} | {side} the call | {all} | {survived} | {failed} | {over} |"
                )
                .unwrap();
            }
        }
        table
    }
}
