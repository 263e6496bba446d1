//! Lives through a history and judges it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferrocrete_core::error::Error;
use ferrocrete_core::event::Events;
use ferrocrete_core::execute::{Interrupt, Report};
use ferrocrete_core::plan::{Action, Plan, PlanError};
use ferrocrete_core::resource::Registry;
use ferrocrete_core::state::{
    FixedKey, Holder, MemoryBackend, ResourceState, State, StateBackend, StateError, StateStore,
};
use ferrocrete_core::{Engine, EngineOptions, Stack, Value, render};

use crate::backend::Line;
use crate::cloud::{Beside, Cloud, Inner, Intended, PROJECT, STACK};
use crate::history::{Act, History, Sabotage, Step};
use crate::links::Link;
use crate::process::{End, Process};
use crate::records::Record;
use crate::spec::{Kind, Program, index, name, plain, text};
use crate::types::{Named, Part, Tagged, Tokened, rack, sign};
use crate::unsaid::without;
use crate::weather::{Sky, Weather};

/// The lock's lease.
const LEASE: Duration = Duration::from_secs(10);

/// Longer than any history, by its own clock.
const FOREVER: Duration = Duration::from_secs(30 * 86_400);

/// What a history went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub runs: u64,
    pub killed: u64,
    pub lock_lost: u64,
    pub exchanges: u64,
}

/// What there is: the cloud, the backend, and what the judge knows.
struct World {
    inner: Arc<Mutex<Inner>>,
    sky: Arc<Mutex<Sky>>,
    storage: MemoryBackend,
    ledger: StateStore,
    ever_protected: BTreeSet<u8>,
    ever_retained: BTreeSet<u8>,
    /// What is secret by now, and stands in plain nowhere any more but in former snapshots.
    sealed: BTreeSet<String>,
    finished: Option<Program>,
    processes: u32,
    /// A renewal that the killed process had sent may still arrive.
    killed: bool,
    sabotage: Sabotage,
    tally: Tally,
    /// Whether every run so far came to its own end, and nothing of it is still under way.
    orderly: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Command {
    Up,
    Destroy,
    Refresh,
    Plan,
    /// An `up` in another account.
    Elsewhere,
}

fn problem<T>(text: impl Into<String>) -> Result<T, String> {
    Err(text.into())
}

/// Lives through a history.
///
/// # Errors
/// Which promise was broken, with the cloud's log.
pub fn live(history: &History) -> Result<Tally, String> {
    let lived = std::panic::catch_unwind(|| through(history));
    lived.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        problem(format!("a panic: {}", text.unwrap_or_default()))
    })
}

fn through(history: &History) -> Result<Tally, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut world = World::new(history);
        let lived = tokio::time::timeout(FOREVER, world.live(history)).await;
        match lived.unwrap_or_else(|_| problem("it never ends")) {
            Ok(()) => Ok(world.tally),
            Err(why) => {
                let log = world.inner.lock().unwrap().log.join("\n  ");
                Err(format!("{why}\n  {log}"))
            }
        }
    })
}

impl World {
    fn new(history: &History) -> Self {
        let storage = MemoryBackend::new();
        let ledger = StateStore::new(Arc::new(storage.clone()), Arc::new(FixedKey::for_tests()));
        Self {
            inner: Arc::default(),
            sky: Arc::new(Mutex::new(Sky::new(history.dice))),
            storage,
            ledger,
            ever_protected: BTreeSet::new(),
            ever_retained: BTreeSet::new(),
            sealed: BTreeSet::new(),
            finished: None,
            processes: 0,
            killed: false,
            sabotage: history.sabotage,
            tally: Tally::default(),
            orderly: true,
        }
    }

    async fn live(&mut self, history: &History) -> Result<(), String> {
        let mut program = history.program.clone();
        for (at, step) in history.steps.iter().enumerate() {
            step.edits.iter().for_each(|e| program.edit(e));
            self.log(format!("-- step {at}: {:?}, {:?}", step.act, step.end));
            self.step(step, &program).await?;
            self.sane().await.map_err(|e| format!("after step {at}: {e}"))?;
            self.orderly &= step.end == End::Runs && step.weather.is_mild();
            self.orderly &= matches!(step.act, Act::Up | Act::Plan | Act::Refresh | Act::Grow(_));
            if self.orderly && step.act == Act::Up && !program.is_mistaken() {
                self.as_declared(&program).await.map_err(|e| format!("after step {at}: {e}"))?;
            }
        }
        self.calm().await;
        let program = program.corrected();
        self.log("-- the quiet up".into());
        self.quiet(Command::Up, &program).await?;
        self.as_declared(&program).await?;
        self.sane().await?;
        self.kept_no_secret()?;
        let changes = self.inner.lock().unwrap().changes;
        self.log("-- the second up".into());
        let report = self.quiet(Command::Up, &program).await?;
        if self.inner.lock().unwrap().changes != changes {
            return problem(format!("a second `up` was not idle: {report:?}"));
        }
        self.log("-- the renamed up".into());
        let program = program.renamed();
        let report = self.quiet(Command::Up, &program).await?;
        if self.inner.lock().unwrap().changes != changes {
            return problem(format!("a rename changed something: {report:?}"));
        }
        self.as_declared(&program).await?;
        self.sane().await?;
        self.scrubbed(&program).await?;
        if history.destroy {
            self.end(program).await?;
        }
        Ok(())
    }

    fn log(&self, line: String) {
        self.inner.lock().unwrap().log.push(line);
    }

    /// Everything under way arrives, everything late is seen.
    async fn calm(&self) {
        self.sky.lock().unwrap().weather = Weather::default();
        tokio::time::sleep(Duration::from_secs(180)).await;
    }

    async fn step(&mut self, step: &Step, program: &Program) -> Result<(), String> {
        self.sky.lock().unwrap().weather = step.weather;
        match step.act {
            Act::Up => self.one(step, Command::Up, program).await?,
            Act::UpWithout(n) => self.one(step, Command::Up, &program.without(n)).await?,
            Act::Destroy => self.one(step, Command::Destroy, program).await?,
            Act::Refresh => self.one(step, Command::Refresh, program).await?,
            Act::Plan => {
                // Whatever a killed writer had sent arrives before.
                tokio::time::sleep(Duration::from_secs(5)).await;
                let before = (self.storage.everything(), self.inner.lock().unwrap().changes);
                self.one(step, Command::Plan, program).await?;
                if before != (self.storage.everything(), self.inner.lock().unwrap().changes) {
                    return problem("a plan wrote something");
                }
            }
            Act::Elsewhere => self.elsewhere(step, program).await?,
            Act::Race(later) => self.race(step, program, later).await?,
            Act::Vanish(n) => {
                let (mut inner, mut sky) = (self.inner.lock().unwrap(), self.sky.lock().unwrap());
                program.pick(n).into_iter().for_each(|n| inner.vanish(n, &mut sky));
            }
            Act::Grow(n) => {
                let mut inner = self.inner.lock().unwrap();
                program.pick(n).into_iter().for_each(|n| inner.grow(n));
            }
            Act::Meddle(n) => {
                let mut inner = self.inner.lock().unwrap();
                program.pick(n).into_iter().for_each(|n| inner.meddle(n));
            }
        }
        let pause = self.sky.lock().unwrap().way();
        tokio::time::sleep(pause).await;
        Ok(())
    }

    fn intend(&mut self, command: Command, program: &Program) {
        let flagged = |flag: fn(&crate::spec::Spec) -> bool| {
            program.0.iter().filter(move |(_, s)| flag(s)).map(|(n, _)| *n)
        };
        self.ever_protected.extend(flagged(|s| s.protect));
        self.ever_retained.extend(flagged(|s| s.retain));
        let program =
            if command == Command::Destroy { Program::default() } else { program.clone() };
        let mut inner = self.inner.lock().unwrap();
        inner.mistakes.clear();
        inner.intended = Intended {
            program,
            before: self.finished.take(),
            protected: self.ever_protected.clone(),
            retained: self.ever_retained.clone(),
        };
    }

    async fn one(
        &mut self,
        step: &Step,
        command: Command,
        program: &Program,
    ) -> Result<(), String> {
        self.intend(command, program);
        let process = Process::new(step.end);
        let run = self.run(&process, command, program, step.parallel);
        let outcome = run.await;
        self.tally.runs += 1;
        self.tally.exchanges += process.exchanges();
        self.judge(step, command, program, outcome)
    }

    /// A run in another account does nothing there, and gives nothing up here.
    async fn elsewhere(&mut self, step: &Step, program: &Program) -> Result<(), String> {
        // Whatever a killed writer had sent arrives before.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let before = self.state().await?;
        if before.resources.is_empty() && before.intents.is_empty() {
            return Ok(());
        }
        let process = Process::new(step.end);
        let run = self.run(&process, Command::Elsewhere, program, step.parallel);
        let outcome = run.await;
        self.tally.runs += 1;
        self.tally.exchanges += process.exchanges();
        if matches!(outcome, Some(Ok(_))) {
            return problem("a run in another account was not refused");
        }
        self.judge(step, Command::Elsewhere, program, outcome)?;
        let after = self.state().await?;
        if (before.resources, before.intents) != (after.resources, after.intents) {
            return problem("a run in another account gave something up");
        }
        Ok(())
    }

    async fn race(&mut self, step: &Step, program: &Program, later: u16) -> Result<(), String> {
        self.intend(Command::Up, program);
        let (first, second) = (Process::new(step.end), Process::new(End::Runs));
        let one = self.run(&first, Command::Up, program, step.parallel);
        let two = self.run(&second, Command::Up, program, 0);
        let two = async {
            tokio::time::sleep(Duration::from_millis(later.into())).await;
            two.await
        };
        let (one, two) = futures::join!(one, two);
        self.tally.runs += 2;
        self.tally.exchanges += first.exchanges() + second.exchanges();
        self.judge(step, Command::Up, program, one)?;
        self.judge(&Step { end: End::Runs, ..step.clone() }, Command::Up, program, two)?;
        // Who finished all of it is no longer clear.
        self.finished = None;
        Ok(())
    }

    /// One process, from its start to its end; `None` when it was killed.
    fn run(
        &mut self,
        process: &Process,
        command: Command,
        program: &Program,
        parallel: u8,
    ) -> impl Future<Output = Option<Result<Report, Error>>> + use<> {
        self.processes += 1;
        let holder = Holder {
            id: format!("process-{}", self.processes),
            who: "anna@here".into(),
            pid: self.processes,
            command: "up".into(),
        };
        // There is nothing in the other account, and nothing comes to be there.
        let there = command == Command::Elsewhere;
        let cloud = Cloud {
            inner: if there { Arc::default() } else { self.inner.clone() },
            account: if there { "222222222222" } else { "111111111111" },
            sky: self.sky.clone(),
            process: process.clone(),
            ledger: self.ledger.clone(),
            sabotage: self.sabotage,
        };
        let line = Line {
            storage: self.storage.clone(),
            process: process.clone(),
            sky: self.sky.clone(),
            sabotage: self.sabotage,
        };
        let (events, mut heard) = Events::channel();
        let sabotage = self.sabotage;
        let engine = engine(cloud, Arc::new(line), parallel, sabotage).with_events(events);
        let (process, program, inner) = (process.clone(), program.clone(), self.inner.clone());
        let hidden = self.hidden(command, &program);
        async move {
            let work =
                command_run(&engine, command, &program, &holder, process.interrupt(), &hidden);
            let outcome = process.run(work).await;
            drop(engine);
            let mut inner = inner.lock().unwrap();
            while let Ok(event) = heard.try_recv() {
                if let Some(text) = told(&hidden, format!("{event:?}")) {
                    inner.broken.push(format!("an event tells a secret: {text}"));
                }
            }
            let (what, text) = match &outcome {
                Some(Ok(report)) => ("a report", format!("{report:?}")),
                Some(Err(error)) => ("an error", format!("{error} {error:?}")),
                None => ("", String::new()),
            };
            if let Some(text) = told(&hidden, text) {
                inner.broken.push(format!("{what} tells a secret: {text}"));
            }
            match &outcome {
                None => inner.log.push(format!("[{}] killed", holder.id)),
                Some(Err(e)) => inner.log.push(format!("[{}] error: {e}", holder.id)),
                Some(Ok(r)) => {
                    let failures = r
                        .failures
                        .iter()
                        .map(|f| format!("{} {}: {}", f.action, f.urn.short(), f.error));
                    let failures: Vec<String> = failures.collect();
                    inner.log.push(format!("[{}] ended: {:?} {failures:?}", holder.id, r.done));
                }
            }
            outcome
        }
    }

    /// Whether a run may end so.
    fn judge(
        &mut self,
        step: &Step,
        command: Command,
        program: &Program,
        outcome: Option<Result<Report, Error>>,
    ) -> Result<(), String> {
        let killed = self.killed;
        if matches!(outcome, Some(Ok(_))) && command != Command::Plan {
            self.killed = false;
        }
        let fair = step.weather.is_mild() && step.end == End::Runs;
        match outcome {
            None => {
                self.tally.killed += 1;
                self.killed = true;
                Ok(())
            }
            Some(Ok(report)) => {
                if report.is_success() && command == Command::Up {
                    self.finished = Some(program.clone());
                    self.sealed.extend(program.hidden());
                }
                let raced = matches!(step.act, Act::Race(_));
                if fair && !raced && !report.is_success() && !program.is_mistaken() {
                    return problem(format!("a quiet run failed: {report:?}"));
                }
                // A call that a killed run had sent may arrive as late as in the next one.
                let alone = fair && !raced && !killed;
                let mistakes = &self.inner.lock().unwrap().mistakes;
                if let Some((urn, n)) = mistakes.iter().find(|(_, n)| alone && **n > 1) {
                    return problem(format!("the mistake of {} was made {n} times", urn.short()));
                }
                Ok(())
            }
            Some(Err(error)) => {
                if matches!(error, Error::State(StateError::LeaseLost { .. })) {
                    self.tally.lock_lost += 1;
                }
                let fine = match &error {
                    // Each renewal is waited for 2.5 s, and its way is twice as long as this.
                    Error::State(StateError::LeaseLost { .. }) if step.weather.slow > 1_200 => true,
                    Error::State(StateError::Locked { .. } | StateError::LeaseLost { .. }) => {
                        !fair || killed || matches!(step.act, Act::Race(_))
                    }
                    Error::State(StateError::Io { .. } | StateError::Conflict { .. }) => !fair,
                    Error::Cloud { .. } => !fair,
                    Error::WrongAccount { .. } => command == Command::Elsewhere,
                    Error::Interrupted => matches!(step.end, End::InterruptedAt(..)),
                    Error::Plan(PlanError::Protected { urns }) => {
                        urns.iter().all(|(u, _)| self.ever_protected.contains(&index(u.name())))
                            && (command == Command::Destroy
                                || matches!(step.act, Act::UpWithout(_)))
                    }
                    _ => false,
                };
                if fine { Ok(()) } else { problem(format!("a run ended with {error:?}")) }
            }
        }
    }

    /// What nothing may tell that a run says or shows.
    fn hidden(&mut self, command: Command, program: &Program) -> BTreeSet<String> {
        if command == Command::Up || command == Command::Plan {
            // What is no longer secret may be told.
            let plain = program.0.iter().filter_map(|(at, s)| Some(text(*at, s.note?)));
            let hidden = program.hidden();
            for text in plain.filter(|text| !hidden.contains(text)) {
                let begin = text.trim_end_matches("0.").to_owned();
                self.sealed.retain(|sealed| !sealed.starts_with(&begin));
            }
            return &self.sealed | &hidden;
        }
        self.sealed.clone()
    }

    /// Former snapshots can be rid of what is secret by now.
    async fn scrubbed(&self, program: &Program) -> Result<(), String> {
        let (who, command) = ("anna@here".into(), "state scrub".into());
        let holder = Holder { id: "scrub".into(), who, pid: 1, command };
        let scrubbed = self.ledger.scrub(&holder, PROJECT, STACK, LEASE).await;
        scrubbed.map_err(|e| format!("it cannot be scrubbed: {e}"))?;
        match told(&program.hidden(), self.storage.everything()) {
            Some(text) => problem(format!("a former snapshot holds it in plain: {text}")),
            None => self.sane().await,
        }
    }

    /// What holds at every moment.
    async fn sane(&self) -> Result<(), String> {
        let state = self.state().await?;
        if let Err(violations) = state.verify() {
            return problem(format!("state does not verify: {violations:?}"));
        }
        if let Some(text) = told(&self.sealed, self.storage.present()) {
            return problem(format!("state holds in plain what is secret by now: {text}"));
        }
        match self.inner.lock().unwrap().broken.first() {
            Some(broken) => problem(broken.clone()),
            None => Ok(()),
        }
    }

    /// Neither in the present state nor in a former one.
    fn kept_no_secret(&self) -> Result<(), String> {
        match told(&BTreeSet::new(), self.storage.everything()) {
            Some(_) => problem("the backend holds a secret's plaintext"),
            None => Ok(()),
        }
    }

    async fn state(&self) -> Result<State, String> {
        let loaded = self.ledger.load(PROJECT, STACK).await;
        Ok(loaded.map_err(|e| format!("state cannot be loaded: {e}"))?.state)
    }

    async fn quiet(&mut self, command: Command, program: &Program) -> Result<Report, String> {
        self.intend(command, program);
        let process = Process::new(End::Runs);
        let outcome = self.run(&process, command, program, 0).await;
        self.tally.runs += 1;
        match outcome.expect("nobody kills it") {
            Ok(report) if report.is_success() => Ok(report),
            Ok(report) => problem(format!("the quiet run failed: {report:?}")),
            Err(error) => problem(format!("the quiet run ended with {error:?}")),
        }
    }

    /// The cloud holds what is declared and what was to be retained, each once.
    async fn as_declared(&self, program: &Program) -> Result<(), String> {
        let state = self.state().await?;
        if !state.intents.is_empty() {
            return problem(format!("intents are still open: {:?}", state.intents.keys()));
        }
        let inner = self.inner.lock().unwrap();
        let mut ids: BTreeMap<u8, String> = BTreeMap::new();
        for resource in state.resources.values() {
            if let Some(other) = ids.insert(index(resource.urn.name()), resource.id.clone()) {
                let short = resource.urn.short();
                return problem(format!("state holds {short} as {other} and {}", resource.id));
            }
        }
        for (id, item) in inner.items.iter().filter(|(_, i)| i.is_live()) {
            let number = index(item.urn.name());
            let kept = self.ever_retained.contains(&number);
            // A link is what it is, whoever made it.
            let known = match item.kind {
                Kind::Link | Kind::Record => ids.values().any(|known| known == id),
                _ => ids.get(&number) == Some(id),
            };
            if !known && !kept {
                return problem(format!("{id} of {} is left over", item.urn.short()));
            }
        }
        for (number, spec) in &program.0 {
            let label = name(*number, spec.called);
            let item = ids.get(number).and_then(|id| inner.items.get(id));
            let Some(item) = item.filter(|i| i.is_live()) else {
                return problem(format!("{label} does not exist"));
            };
            let all = |set: &BTreeSet<u8>| -> BTreeSet<String> {
                set.iter().filter_map(|n| ids.get(n).cloned()).collect()
            };
            let address = |n: &u8| {
                let id = ids.get(n)?;
                Some(format!("{id}/{}", inner.items.get(id)?.props.size))
            };
            let its = |n: &u8| Some(&inner.items.get(ids.get(n)?)?.props);
            let its_note = |n: &u8| its(n)?.note.clone();
            let its_rack = |n: &u8| rack(its(n)?.size);
            let its_sign = |n: &u8| Some(sign(inner.items.get(ids.get(n)?)?.props.size));
            let p = &item.props;
            let zone = match spec.kind {
                Kind::Link => String::new(),
                Kind::Record => spec.form(),
                _ => format!("ZONE-{}", spec.zone),
            };
            let named = match (spec.kind, spec.shared_name) {
                (Kind::Record, _) => p.name == spec.host(),
                (Kind::Link, _) => p.name == format!("grant-{}", spec.grant),
                (_, Some(name)) => p.name == format!("shared-{name}"),
                _ => true,
            };
            let right = p.room >= spec.room
                && p.zone == zone
                && (p.size == spec.size || spec.ignores)
                && p.note == spec.note.map(|note| text(*number, note))
                && p.quote == spec.quote.as_ref().and_then(its_note)
                && p.stand == spec.rack.as_ref().and_then(its_rack)
                && named
                && p.seat == spec.seat.map(i64::from)
                && p.secret == spec.secret.map(|s| plain(*number, s))
                && p.refs == all(&spec.refs)
                && p.fixed_refs == all(&spec.fixed_refs)
                && p.echo == spec.echo.as_ref().and_then(address)
                && p.sign == spec.sign.as_ref().and_then(its_sign)
                && p.owner == spec.owner.and_then(|o| ids.get(&o).cloned())
                && item.kind == spec.kind;
            let of = |r: &&ResourceState| index(r.urn.name()) == *number;
            let record = state.resources.values().find(of).expect("it has an id");
            let told = record.outputs.contains_key("guest");
            let exported = state.exports.get(&format!("guest-{number}"));
            if told != item.guest || exported.is_some_and(|v| v.is_null() == item.guest) {
                return problem(format!("{label} has a guest: {}, {exported:?}", item.guest));
            }
            if !right {
                return problem(format!("{label} is {p:?}, but declared was {spec:?}"));
            }
        }
        match ids.keys().find(|n| !program.0.contains_key(n)) {
            Some(n) => problem(format!("state still holds {}", name(*n, 0))),
            None => Ok(()),
        }
    }

    /// Takes it all down: only what is retained stays.
    async fn end(&mut self, program: Program) -> Result<(), String> {
        self.log("-- the end".into());
        let program = program.unprotected();
        self.quiet(Command::Up, &program).await?;
        self.ever_protected.clear();
        self.quiet(Command::Destroy, &program).await?;
        self.sane().await?;
        let state = self.state().await?;
        if !state.resources.is_empty() {
            return problem(format!("after destroy state holds {:?}", state.resources.keys()));
        }
        let inner = self.inner.lock().unwrap();
        let left = inner.items.values().filter(|i| i.is_live());
        let mut left = left.filter(|i| !self.ever_retained.contains(&index(i.urn.name())));
        match left.next() {
            Some(item) => problem(format!("after destroy {} is left over", item.urn.short())),
            None => Ok(()),
        }
    }
}

/// The secret that a text tells: one that always was, or one of these; with what is around it.
fn told(hidden: &BTreeSet<String>, text: String) -> Option<String> {
    let mut all = hidden.iter().map(String::as_str).chain(["hush-"]);
    let at = all.find_map(|secret| text.find(secret))?;
    let (from, to) = (at.saturating_sub(200), (at + 60).min(text.len()));
    Some(text.get(from..to).unwrap_or(&text).to_owned())
}

/// What a plan shows of a create or an update is what the apply makes.
fn as_planned(plan: &Plan, state: &State) -> Result<(), Error> {
    for step in &plan.steps {
        if !matches!(step.action, Action::Create | Action::Update) {
            continue;
        }
        let made = state.current(&step.urn);
        for (name, planned) in step.inputs.iter().filter(|(_, v)| !v.has_unknown()) {
            let recorded = made.and_then(|record| record.inputs.get(name));
            if recorded.map(Value::reveal) != Some(planned.reveal()) {
                let who = step.urn.short();
                let text = format!("`{name}` of {who} was made another than planned");
                return Err(Error::Program(text));
            }
        }
    }
    Ok(())
}

fn engine(
    cloud: Cloud,
    backend: Arc<dyn StateBackend>,
    parallel: u8,
    sabotage: Sabotage,
) -> Engine {
    let beside = Registry::builder(Beside(cloud.clone())).resource::<Tokened>();
    let registry = Registry::builder(cloud)
        .resource::<Named>()
        .resource::<Tagged>()
        .resource::<Part>()
        .resource::<Link>()
        .resource::<Record>()
        .build();
    let registry = without(registry.merge(beside.build()), sabotage);
    let parallel = if parallel == 0 { 4 } else { parallel.into() };
    let options = EngineOptions { lease: LEASE, parallel, ..Default::default() };
    Engine::new(PROJECT, STACK, registry, backend, Arc::new(FixedKey::for_tests()))
        .with_options(options)
}

async fn command_run(
    engine: &Engine,
    command: Command,
    program: &Program,
    holder: &Holder,
    interrupt: &Interrupt,
    hidden: &BTreeSet<String>,
) -> Result<Report, Error> {
    let shown = |plan: &Plan| {
        let text = render::plan_text(plan, render::Style::Plain);
        let json = render::plan_json(plan);
        match told(hidden, format!("{text}{json}{plan:?}")) {
            Some(text) => Err(Error::Program(format!("a plan tells a secret: {text}"))),
            None => Ok(()),
        }
    };
    let stack: Stack = engine.stack();
    program.declare(&stack);
    let graph = engine.graph(&stack)?;
    if command == Command::Plan {
        shown(&engine.plan(&graph).await?)?;
        return Ok(Report::default());
    }
    let session = engine.session_unless(holder, interrupt).await?;
    let worked = async {
        match command {
            Command::Up | Command::Elsewhere => {
                let plan = session.plan(&graph).await?;
                shown(&plan)?;
                let report = session.apply(Some(&graph), &plan, interrupt).await?;
                if report.is_success() {
                    as_planned(&plan, &session.state())?;
                }
                Ok(report)
            }
            Command::Destroy => {
                let plan = session.plan_destroy().await?;
                shown(&plan)?;
                session.apply(None, &plan, interrupt).await
            }
            Command::Refresh | Command::Plan => session.refresh().await.map(|_| Report::default()),
        }
    };
    let worked = worked.await;
    let closed = session.close().await;
    let report = worked?;
    closed?;
    Ok(report)
}
