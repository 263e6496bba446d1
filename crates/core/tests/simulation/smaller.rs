//! Makes a failing history smaller, step by step.

use std::time::{Duration, Instant};

use crate::history::{Act, History, Step};
use crate::process::End;
use crate::run::live;
use crate::spec::{Kind, Program, Spec};
use crate::weather::Weather;

/// The smallest history found in that time that still breaks a promise, and which.
pub fn smallest(history: &History, patience: Duration) -> (History, String) {
    let start = Instant::now();
    let mut found = history.clone();
    let mut why = live(history).expect_err("it failed before");
    'again: loop {
        let seen = found.clone();
        for smaller in candidates(&seen) {
            if start.elapsed() > patience {
                return (found, why);
            }
            if let Err(reason) = live(&smaller) {
                (found, why) = (smaller, reason);
                continue 'again;
            }
        }
        return (found, why);
    }
}

/// Simpler histories, the boldest first.
fn candidates(history: &History) -> impl Iterator<Item = History> + use<'_> {
    let with_steps = |steps: Vec<Step>| History { steps, ..history.clone() };
    let with_program = |program: Program| History { program: program.tidied(), ..history.clone() };
    let numbers: Vec<u8> = history.program.0.keys().copied().collect();
    let halves = [numbers.len() / 2, numbers.len() / 4, numbers.len() / 8].into_iter();
    let chunks: Vec<Vec<u8>> = halves
        .filter(|n| *n > 0)
        .flat_map(|n| numbers.chunks(n).map(<[u8]>::to_vec).collect::<Vec<_>>())
        .chain(numbers.iter().map(|n| vec![*n]))
        .collect();
    let fewer_steps = (0..history.steps.len()).map(move |at| {
        let mut steps = history.steps.clone();
        steps.remove(at);
        with_steps(steps)
    });
    let fewer_resources = chunks.into_iter().map(move |gone| {
        let mut program = history.program.clone();
        program.0.retain(|n, _| !gone.contains(n));
        with_program(program)
    });
    let plainer_steps = history.steps.iter().enumerate().flat_map(move |(at, step)| {
        plainer(step).into_iter().map(move |step| {
            let mut steps = history.steps.clone();
            steps[at] = step;
            with_steps(steps)
        })
    });
    let plainer_specs = history.program.0.iter().flat_map(move |(at, spec)| {
        bare(spec).into_iter().map(move |spec| {
            let mut program = history.program.clone();
            program.0.insert(*at, spec);
            with_program(program)
        })
    });
    let last = history.destroy.then(|| History { destroy: false, ..history.clone() });
    fewer_steps
        .chain(fewer_resources)
        .chain(last)
        .chain(plainer_steps)
        .chain(plainer_specs)
        .filter(move |h| h != history)
}

fn plainer(step: &Step) -> Vec<Step> {
    let mut all = vec![
        Step { weather: Weather::default(), ..step.clone() },
        Step { end: End::Runs, ..step.clone() },
        Step { parallel: 1, ..step.clone() },
        Step { edits: vec![], ..step.clone() },
    ];
    if !matches!(step.act, Act::Up) {
        all.push(Step { act: Act::Up, ..step.clone() });
    }
    for at in 0..step.edits.len() {
        let mut less = step.clone();
        less.edits.remove(at);
        all.push(less);
    }
    let w = step.weather;
    all.extend(
        [
            Weather { throttle: 0, ..w },
            Weather { service: 0, ..w },
            Weather { lost: 0, ..w },
            Weather { hang: 0, ..w },
            Weather { slow: 0, ..w },
            Weather { late: 0, ..w },
            Weather { backend: 0, ..w },
            Weather { cling: 0, ..w },
            Weather { busy: 0, ..w },
        ]
        .map(|weather| Step { weather, ..step.clone() }),
    );
    all
}

fn bare(spec: &Spec) -> Vec<Spec> {
    let mut all = vec![
        Spec { refs: [].into(), ..spec.clone() },
        Spec { fixed_refs: [].into(), ..spec.clone() },
        Spec { depends_on: [].into(), ..spec.clone() },
        Spec { echo: None, ..spec.clone() },
        Spec { sign: None, ..spec.clone() },
        Spec { parent: None, ..spec.clone() },
        Spec { component: None, ..spec.clone() },
        Spec { secret: None, ..spec.clone() },
        Spec { size: 0, ..spec.clone() },
        Spec { zone: 0, ..spec.clone() },
        Spec { room: 0, ..spec.clone() },
        Spec { protect: false, ..spec.clone() },
        Spec { retain: false, ..spec.clone() },
        Spec { delete_first: false, ..spec.clone() },
        Spec { fixed_name: false, ..spec.clone() },
        Spec { shared_name: None, ..spec.clone() },
        Spec { seat: None, ..spec.clone() },
    ];
    if spec.kind != Kind::Named {
        all.push(Spec { kind: Kind::Named, owner: None, ..spec.clone() });
    }
    all
}
