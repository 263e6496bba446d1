//! [`Engine`]: the stages put together, for the command line and for programs that embed it.

mod audit;
mod keep;
mod readers;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::execute::{Executor, Interrupt, Report};
use crate::graph::{self, Graph};
use crate::observe::{Observed, ReadPool, observe, references, settle};
use crate::plan::{Move, Plan, PlanError, check_literals, moves, plan, plan_destroy, plan_refresh};
use crate::program::Stack;
use crate::resource::Registry;
use crate::state::{
    Entry, Holder, KeyProvider, OpenStore, State, StateBackend, StateError, StateStore,
};
use crate::value::Secrets;

pub use audit::{Audit, Gone, Orphan};

/// About how long after a refusal the lock is asked for again.
const AGAIN: Duration = Duration::from_millis(500);
/// How long whoever is in haste waits for the answer to a request for the lock.
const HASTE: Duration = Duration::from_secs(2);

/// How an [`Engine`] works.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Most operations under way at once, waiting ones not counted. Default: 32.
    pub parallel: usize,
    /// Read live state before planning. Default: true.
    pub refresh: bool,
    /// How long the lock lasts without a sign of life. Default: 15 s.
    pub lease: Duration,
    /// How long AWS may take to show what was just made. Something made or begun earlier counts
    /// as missing only after it was looked for that long. Default: 7.5 s.
    pub visibility: Duration,
    /// How long to wait for a lock that somebody else holds and renews. Default: not at all.
    pub lock_timeout: Duration,
    /// Take exports away, or the whole stack, also while other stacks read them. Default: false,
    /// which refuses with [`PlanError::Read`].
    pub force: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            parallel: 32,
            refresh: true,
            lease: Duration::from_secs(15),
            visibility: Duration::from_millis(7_500),
            lock_timeout: Duration::ZERO,
            force: false,
        }
    }
}

/// Plans and applies one stack.
#[derive(Clone)]
pub struct Engine {
    project: String,
    stack: String,
    registry: Registry,
    store: StateStore,
    options: EngineOptions,
    events: Events,
    /// What nothing that leaves it may tell.
    secrets: Secrets,
}

impl Engine {
    /// An engine for one stack; its state is kept by `backend`, secrets in it encrypted with
    /// a key from `keys`.
    pub fn new(
        project: &str,
        stack: &str,
        registry: Registry,
        backend: Arc<dyn StateBackend>,
        keys: Arc<dyn KeyProvider>,
    ) -> Self {
        let secrets = Secrets::default();
        Self {
            project: project.to_owned(),
            stack: stack.to_owned(),
            registry,
            store: StateStore::new(backend, keys),
            options: EngineOptions::default(),
            events: Events::none().hiding(&secrets),
            secrets,
        }
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(mut self, options: EngineOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends events there.
    #[must_use]
    pub fn with_events(mut self, events: Events) -> Self {
        let events = events.hiding(&self.secrets);
        self.registry.listen(&events);
        self.events = events;
        self
    }

    /// The resource types and lookups.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A stack for the program to declare into; pass it to [`Engine::graph`] afterwards.
    pub fn stack(&self) -> Stack {
        Stack::new(&self.project, &self.stack, self.registry.clone())
    }

    /// The checked graph of what was declared.
    ///
    /// # Errors
    /// Duplicate or bad names, cycles, unknown types: all that is wrong, together.
    pub fn graph(&self, stack: &Stack) -> Result<Graph> {
        let declared = stack.take_declared();
        let graph = graph::build(&self.project, &self.stack, declared, &self.registry)?;
        graph.teach(&self.secrets);
        Ok(graph)
    }

    /// Without the secrets that the words of an error may quote.
    fn hide<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.scrubbed(&self.secrets))
    }

    /// State as stored, without the lock.
    ///
    /// # Errors
    /// When it is damaged, newer than this program, or its secrets cannot be decrypted.
    pub async fn state(&self) -> Result<State> {
        let state = self.store.load(&self.project, &self.stack).await?.state;
        state.teach(&self.secrets);
        Ok(state)
    }

    /// What `up` would do. Takes no lock and writes nothing.
    ///
    /// # Errors
    /// When state or AWS cannot be read, or no plan is possible.
    pub async fn plan(&self, graph: &Graph) -> Result<Plan> {
        let planned = async {
            let mut state = self.state().await?;
            let pool = ReadPool::new(self.registry.clone());
            settle::in_memory(&self.registry, &mut state, &self.events, self.options.visibility)
                .await?;
            self.plan_from(graph, &state, &pool).await
        };
        self.hide(planned.await)
    }

    /// What `destroy` would do. Takes no lock and writes nothing.
    ///
    /// # Errors
    /// As [`Engine::plan`].
    pub async fn plan_destroy(&self) -> Result<Plan> {
        let planned = async {
            let mut state = self.state().await?;
            let pool = ReadPool::new(self.registry.clone());
            settle::in_memory(&self.registry, &mut state, &self.events, self.options.visibility)
                .await?;
            self.plan_destroy_from(&state, &pool).await
        };
        self.hide(planned.await)
    }

    /// Takes the lock, loads state, settles what an interrupted run left open.
    ///
    /// # Errors
    /// [`StateError::Locked`] when somebody else is at work, and still is after
    /// [`EngineOptions::lock_timeout`].
    pub async fn session(&self, holder: &Holder) -> Result<Session> {
        self.enter(holder, &Interrupt::new()).await
    }

    async fn enter(&self, holder: &Holder, interrupt: &Interrupt) -> Result<Session> {
        self.events.send(Event::Phase { name: "lock", detail: self.store.describe() });
        let store = self.open(holder, interrupt).await?;
        store.look(|state| state.teach(&self.secrets));
        let pool = ReadPool::new(self.registry.clone());
        let visibility = self.options.visibility;
        let settled = settle::durably(&self.registry, &store, &self.events, visibility).await;
        match self.hide(settled) {
            Ok(()) => Ok(Session { engine: self.clone(), store: Arc::new(store), pool }),
            Err(error) => {
                let _ = store.abandon().await;
                Err(error)
            }
        }
    }

    /// Opens the store; asks again while somebody else holds the lock, as long as it may.
    async fn open(&self, holder: &Holder, interrupt: &Interrupt) -> Result<OpenStore> {
        let asked = Instant::now();
        let mut told = None;
        loop {
            let EngineOptions { lease, lock_timeout, .. } = self.options;
            let error = match self.store.open(holder, &self.project, &self.stack, lease).await {
                Ok(store) => return Ok(store),
                Err(error) => error,
            };
            let left = lock_timeout.saturating_sub(asked.elapsed());
            match &error {
                StateError::Locked { info, .. } if !left.is_zero() => {
                    if told.as_ref() != Some(&info.epoch) {
                        told = Some(info.epoch);
                        self.events.send(Event::Locked { lock: info.clone() });
                    }
                }
                _ => return Err(error.into()),
            }
            // Never longer for those who wait longer, and random: each look is as good as
            // anybody else's, so nobody starves.
            let pause = AGAIN.mul_f64(rand::random_range(0.5..1.5)).min(left);
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => {}
                () = interrupt.reached(1) => return Err(Error::Interrupted),
            }
        }
    }

    /// As [`Engine::session`], given up at the first interrupt. The lock is not left held: a
    /// request for it that is under way may still be granted, so its answer is awaited and the
    /// lock given back. After a second interrupt it is awaited for two seconds more, after a
    /// third not at all; the lease then expires.
    ///
    /// # Errors
    /// As [`Engine::session`], and [`Error::Interrupted`].
    pub async fn session_unless(&self, holder: &Holder, interrupt: &Interrupt) -> Result<Session> {
        let mut opening = std::pin::pin!(self.enter(holder, interrupt));
        tokio::select! {
            biased;
            opened = &mut opening => return opened,
            () = interrupt.reached(1) => {}
        }
        // Who merely watches somebody else's lease has asked for nothing.
        let somebody_else = async {
            match self.store.lock_info().await {
                Ok(Some(lock)) if lock.holder.id != holder.id => {}
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            opened = opening => if let Ok(session) = opened {
                // Whatever keeps the lock from being given back, it expires.
                let _ = session.close().await;
            },
            () = somebody_else => {}
            () = async { interrupt.reached(2).await; tokio::time::sleep(HASTE).await } => {}
            () = interrupt.reached(3) => {}
        }
        Err(Error::Interrupted)
    }

    async fn observe(
        &self,
        graph: Option<&Graph>,
        state: &State,
        pool: &ReadPool,
    ) -> Result<Observed> {
        if self.options.refresh {
            self.events.send(Event::Phase { name: "refresh", detail: String::new() });
        }
        let EngineOptions { refresh, visibility, .. } = self.options;
        observe(&self.registry, pool, graph, state, refresh, visibility).await
    }

    async fn plan_from(&self, graph: &Graph, state: &State, pool: &ReadPool) -> Result<Plan> {
        let moves = moves(graph, state)?;
        let mut state = Cow::Borrowed(state);
        if !moves.is_empty() {
            moved(&moves).for_each(|entry| state.to_mut().apply(entry));
        }
        let state = &*state;
        check_literals(&self.registry, graph, state)?;
        let read = references(&self.store, graph);
        let (observed, exports) =
            tokio::try_join!(self.observe(Some(graph), state, pool), async {
                read.await.map_err(Error::from)
            },)?;
        let mut observed = observed;
        observed.lookups.extend(exports);
        self.events.send(Event::Phase { name: "plan", detail: String::new() });
        loop {
            let mut made = plan(&self.registry, graph, state, &observed)?;
            made.teach(&self.secrets);
            // A lookup whose arguments turn out to be known can be answered before the apply.
            if !observed.answer(&self.registry, graph, &made).await? {
                self.guard_readers(&made).await?;
                made.moves.splice(0..0, moves);
                return Ok(made.scrubbed(&self.secrets));
            }
        }
    }

    async fn plan_destroy_from(&self, state: &State, pool: &ReadPool) -> Result<Plan> {
        let observed = self.observe(None, state, pool).await?;
        let plan = plan_destroy(&self.registry, &self.project, &self.stack, state, &observed)?;
        self.guard_readers(&plan).await?;
        Ok(plan)
    }
}

/// Renames as entries of the journal.
fn moved(moves: &[Move]) -> impl Iterator<Item = Entry> {
    moves.iter().map(|Move { from, to }| Entry::Moved { from: from.clone(), to: to.clone() })
}

/// A locked stack.
///
/// End it with [`Session::close`]; dropping it leaves the lock to expire.
pub struct Session {
    engine: Engine,
    store: Arc<OpenStore>,
    pool: ReadPool,
}

impl Session {
    /// What `up` would do.
    ///
    /// # Errors
    /// As [`Engine::plan`].
    pub async fn plan(&self, graph: &Graph) -> Result<Plan> {
        let planned = self.engine.plan_from(graph, &self.store.state(), &self.pool).await;
        self.engine.hide(planned)
    }

    /// What `destroy` would do.
    ///
    /// # Errors
    /// As [`Engine::plan_destroy`].
    pub async fn plan_destroy(&self) -> Result<Plan> {
        let planned = self.engine.plan_destroy_from(&self.store.state(), &self.pool).await;
        self.engine.hide(planned)
    }

    /// Compares what was applied with what AWS has, and records new outputs and what is gone;
    /// changes nothing in AWS. What was changed outside is in the plan returned, from what was
    /// applied to what AWS has; it is not recorded, so that the next `up` brings it back.
    ///
    /// # Errors
    /// When AWS cannot be read or state cannot be written.
    pub async fn refresh(&self) -> Result<Plan> {
        self.engine.hide(self.read_live().await)
    }

    async fn read_live(&self) -> Result<Plan> {
        let state = self.store.state();
        let observed = observe(
            &self.engine.registry,
            &self.pool,
            None,
            &state,
            true,
            self.engine.options.visibility,
        )
        .await?;
        let (found, entries) = plan_refresh(&self.engine.registry, &state, &observed)?;
        if !entries.is_empty() {
            self.store.commit(entries).await?;
        }
        Ok(found)
    }

    /// Carries out a plan that this session made.
    ///
    /// Failures of single steps are in the report, not an error.
    ///
    /// # Errors
    /// [`PlanError::Stale`] when state has changed since the plan was made, also by applying it;
    /// when the lock is lost, state cannot be written, or all went well but an export cannot be
    /// computed.
    pub async fn apply(
        &self,
        graph: Option<&Graph>,
        plan: &Plan,
        interrupt: &Interrupt,
    ) -> Result<Report> {
        self.is_current(plan)?;
        let secrets = &self.engine.secrets;
        // The plan may be one that another engine made.
        plan.teach(secrets);
        graph.into_iter().for_each(|graph| graph.teach(secrets));
        self.engine.hide(self.carry_out(graph, plan, interrupt).await)
    }

    async fn carry_out(
        &self,
        graph: Option<&Graph>,
        plan: &Plan,
        interrupt: &Interrupt,
    ) -> Result<Report> {
        let executor = Executor {
            registry: &self.engine.registry,
            store: self.store.clone(),
            pool: &self.pool,
            events: &self.engine.events,
            parallel: self.engine.options.parallel,
            visibility: self.engine.options.visibility,
            interrupt: interrupt.clone(),
            secrets: &self.engine.secrets,
        };
        if !plan.moves.is_empty() {
            self.store.commit(moved(&plan.moves).collect()).await?;
        }
        if !plan.concealed.is_empty() {
            self.store.commit(plan.concealed.entries.clone()).await?;
            self.leave_no_plain().await;
        }
        let reads = match &plan.reads {
            Some(wanted) => Some(self.begin_reading(wanted).await?),
            None => None,
        };
        let report = executor.run(graph, plan).await?;
        // Each export is as good as what it is computed from, whatever else failed: those whose
        // values are not known stay as they were. A destroy that failed says nothing of them.
        if graph.is_some() || report.is_success() {
            let exports = report.exports.clone();
            if exports != self.store.state().exports {
                self.store.commit(vec![Entry::Exports(exports)]).await?;
            }
        }
        if let (true, Some(reads)) = (report.is_success(), reads) {
            self.end_reading(reads).await?;
        }
        if let (true, Some((name, source))) =
            (report.is_success(), report.refused_exports.iter().next())
        {
            let (name, source) = (name.clone(), source.clone());
            return Err(PlanError::Export { name, source }.into());
        }
        Ok(report)
    }

    /// Whether a plan was made for this stack, from the state that there is now: applied twice,
    /// or late, it would make things twice.
    fn is_current(&self, plan: &Plan) -> Result<()> {
        let name = |project: &str, stack: &str| format!("{project}/{stack}");
        let planned = name(&plan.project, &plan.stack);
        let open = name(&self.engine.project, &self.engine.stack);
        if planned != open {
            return Err(PlanError::OtherStack { planned, open }.into());
        }
        let (made_from, now) =
            (plan.made_from, self.store.look(|state| (state.serial, state.sequence)));
        if made_from != now {
            let stack = plan.stack.clone();
            return Err(PlanError::Stale { stack, made_from, now }.into());
        }
        Ok(())
    }

    /// State as it is now.
    pub fn state(&self) -> State {
        self.store.state()
    }

    /// Gives the lock back and leaves the journal to be folded by the next run: for those who
    /// have little time.
    ///
    /// # Errors
    /// When the lock cannot be given back; it then expires.
    pub async fn abandon(self) -> Result<()> {
        match Arc::into_inner(self.store) {
            Some(store) => store.abandon().await.map_err(Error::from),
            None => Ok(()),
        }
    }

    /// Folds the journal into the snapshot and gives the lock back.
    ///
    /// # Errors
    /// When the snapshot cannot be written; the journal then still holds everything.
    pub async fn close(self) -> Result<()> {
        match Arc::into_inner(self.store) {
            Some(store) => store.close().await.map_err(Error::from),
            // Only an operation that was cut off could still hold it; the lease then expires.
            None => Ok(()),
        }
    }
}
