//! [`World`]: one stack in an account of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ferrocrete_core::execute::{Interrupt, Report};
use ferrocrete_core::graph::Graph;
use ferrocrete_core::plan::{Action, Plan, Step};
use ferrocrete_core::resource::{Cx, OpContext, Resource};
use ferrocrete_core::state::{FixedKey, Holder, MemoryBackend, State, StateBackend};
use ferrocrete_core::value::{Value, from_value};
use ferrocrete_core::{Engine, EngineOptions, Error, Stack};
use ferrocrete_resources::aws::{Aws, AwsConnector, AwsSettings};
use ferrocrete_sandbox::{Account, Options, Sandbox};

use crate::cut::Cut;

/// A stack, its state in memory, its resources in a fresh account of the shared sandbox.
pub struct World {
    pub account: Account,
    backend: MemoryBackend,
}

impl World {
    pub async fn new() -> Self {
        Self::in_region("eu-central-1").await
    }

    pub async fn in_region(region: &str) -> Self {
        let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.expect("the sandbox");
        Self { account: sandbox.fresh_account().in_region(region), backend: MemoryBackend::new() }
    }

    fn settings_at(&self, endpoint: &str) -> AwsSettings {
        AwsSettings {
            region: Some(self.account.region.clone()),
            endpoint_url: Some(endpoint.to_owned()),
            keys: Some((self.account.id.clone(), "test".into())),
            ..AwsSettings::default()
        }
    }

    /// The account as the SDK sees it, at once and as it is.
    pub async fn aws(&self) -> Aws {
        let settings = self.settings_at(&self.account.kind_endpoint());
        Aws::new(settings.load(&Default::default()).await.unwrap())
    }

    fn engine(&self, backend: Arc<dyn StateBackend>) -> Engine {
        self.engine_at(self.account.endpoint(), backend)
    }

    fn engine_at(&self, endpoint: &str, backend: Arc<dyn StateBackend>) -> Engine {
        let settings = self.settings_at(endpoint);
        let registry = ferrocrete_resources::registry(AwsConnector::new(settings));
        // The sandbox shows at once what was made.
        let options =
            EngineOptions { visibility: Duration::from_secs(1), ..EngineOptions::default() };
        Engine::new("test", "dev", registry, backend, Arc::new(FixedKey::for_tests()))
            .with_options(options)
    }

    fn graph(&self, engine: &Engine, program: &dyn Fn(&Stack)) -> Graph {
        let stack = engine.stack();
        program(&stack);
        engine.graph(&stack).unwrap()
    }

    /// The plan of `up`, not carried out.
    pub async fn plan(&self, program: impl Fn(&Stack)) -> Plan {
        let engine = self.engine(Arc::new(self.backend.clone()));
        let graph = self.graph(&engine, &program);
        engine.plan(&graph).await.unwrap()
    }

    /// Why there is no plan of `up`.
    pub async fn plan_error(&self, program: impl Fn(&Stack)) -> String {
        let engine = self.engine(Arc::new(self.backend.clone()));
        let graph = self.graph(&engine, &program);
        engine.plan(&graph).await.expect_err("no plan").to_string()
    }

    /// `up`, whose report is the caller's to judge.
    pub async fn try_up(&self, program: impl Fn(&Stack)) -> Result<(Plan, Report), Error> {
        self.run(Arc::new(self.backend.clone()), &program).await
    }

    async fn run(
        &self,
        backend: Arc<dyn StateBackend>,
        program: &dyn Fn(&Stack),
    ) -> Result<(Plan, Report), Error> {
        self.run_on(self.engine(backend), program).await
    }

    async fn run_on(
        &self,
        engine: Engine,
        program: &dyn Fn(&Stack),
    ) -> Result<(Plan, Report), Error> {
        let graph = self.graph(&engine, program);
        let session = engine.session(&holder()).await?;
        let plan = session.plan(&graph).await?;
        let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await?;
        session.state().verify().expect("state verifies");
        session.close().await?;
        Ok((plan, report))
    }

    /// `up` that must succeed and leave nothing to do. Returns the changes, as [`changes`].
    pub async fn up(&self, program: impl Fn(&Stack)) -> Vec<String> {
        let (plan, report) = self.try_up(&program).await.unwrap();
        assert!(report.is_success(), "up: {:?} {:?}", report.failures, report.skipped);
        let again = self.plan(&program).await;
        assert_eq!(changes(&again), [""; 0], "a second `up`: {:#?}", causes(&again));
        changes(&plan)
    }

    /// `up` whose plan is exactly one update in place, of these properties of `name`.
    pub async fn updates(&self, program: impl Fn(&Stack), name: &str, properties: &[&str]) {
        let plan = self.plan(&program).await;
        assert_eq!(changes(&plan), [format!("update {name}")], "{:#?}", causes(&plan));
        assert_eq!(changed(&plan, name), properties.iter().copied().collect());
        self.up(program).await;
    }

    /// `up` whose plan replaces `name` because of exactly these properties, and nothing else;
    /// returns the physical id before and after.
    pub async fn replaces(
        &self,
        program: impl Fn(&Stack),
        name: &str,
        properties: &[&str],
    ) -> (String, String) {
        let before = self.id(name).await;
        let plan = self.plan(&program).await;
        let expected =
            BTreeSet::from([format!("replace {name}"), format!("delete replaced {name}")]);
        assert_eq!(BTreeSet::from_iter(changes(&plan)), expected, "{:#?}", causes(&plan));
        assert_eq!(replacing(&plan, name), properties.iter().copied().collect());
        self.up(program).await;
        (before, self.id(name).await)
    }

    /// `up` that is killed after AWS carried out the create of `name`, before anything of it
    /// was recorded; then `up` again. It must find what was made: `call` (as
    /// `ec2:CreateVpc`) is made once in all.
    pub async fn finds(&self, program: impl Fn(&Stack), name: &str, call: &str) {
        self.killed(&program, name, 1).await;
        let made = self.count(call).await;
        assert_eq!(made, 1, "{call} before the kill");
        let plan = self.plan(&program).await;
        let why = causes(&plan);
        self.up(program).await;
        assert_eq!(self.count(call).await, made, "{call} was repeated after the kill: {why:#?}");
    }

    /// `up` that is killed when the entry of `name` that follows `entries` others is due.
    pub async fn killed(&self, program: impl Fn(&Stack), name: &str, entries: usize) {
        let cut = Cut::new(self.backend.clone(), name, entries);
        tokio::select! {
            ended = self.run(Arc::new(cut.clone()), &program) => {
                panic!("the run was to be cut, but ended: {:?}", ended.map(|(_, report)| report));
            }
            () = cut.reached() => {}
        }
        // Instead of waiting until the dead run's lease has passed.
        self.backend.unlock().await.unwrap();
    }

    /// `up` through a proxy at `endpoint`, killed when `end` comes. False when it was over before.
    pub async fn up_until(
        &self,
        program: impl Fn(&Stack),
        endpoint: &str,
        end: impl Future<Output = ()>,
    ) -> bool {
        let engine = self.engine_at(endpoint, Arc::new(self.backend.clone()));
        let killed = tokio::select! {
            ended = self.run_on(engine, &program) => {
                let (_, report) = ended.expect("a run that nobody disturbs");
                assert!(report.is_success(), "{:?}", report.failures);
                false
            }
            () = end => true,
        };
        // Instead of waiting until the dead run's lease has passed.
        self.backend.unlock().await.unwrap();
        killed
    }

    /// `destroy`, which must succeed and leave no state.
    pub async fn destroy(&self) {
        let engine = self.engine(Arc::new(self.backend.clone()));
        let session = engine.session(&holder()).await.unwrap();
        let plan = session.plan_destroy().await.unwrap();
        let report = session.apply(None, &plan, &Interrupt::new()).await.unwrap();
        assert!(report.is_success(), "destroy: {:?} {:?}", report.failures, report.skipped);
        session.close().await.unwrap();
        assert!(self.state().await.resources.is_empty());
    }

    pub async fn state(&self) -> State {
        self.engine(Arc::new(self.backend.clone())).state().await.unwrap()
    }

    /// Snapshot and journal as they are stored.
    pub fn stored(&self) -> String {
        self.backend.everything()
    }

    /// The physical id of the resource with this name.
    pub async fn id(&self, name: &str) -> String {
        let state = self.state().await;
        let mut all = state.resources.values().filter(|r| r.urn.name() == name);
        all.next().unwrap_or_else(|| panic!("no `{name}` in state")).id.clone()
    }

    /// Who keeps the resource with this name from being deleted, as its type says.
    pub async fn holders<R: Resource<Cloud = Aws>>(&self, name: &str) -> Option<String> {
        let state = self.state().await;
        let record = state.resources.values().find(|r| r.urn.name() == name).expect("in state");
        let resource: R = from_value(&Value::Map(record.inputs.clone())).unwrap();
        let context = OpContext {
            urn: record.urn.clone(),
            identity: record.urn.clone(),
            generation: record.generation,
            token: "token".into(),
            provider: Default::default(),
            namespace: None,
            accept: None,
            finishes: false,
            together: None,
        };
        let cx = Cx::new(self.aws().await, Arc::new(context));
        resource.holders(&cx, &record.id).await.unwrap()
    }

    /// An output of the resource with this name, as text; empty when AWS gave none.
    pub async fn output(&self, name: &str, output: &str) -> String {
        let state = self.state().await;
        let resource = state.resources.values().find(|r| r.urn.name() == name);
        match resource.unwrap_or_else(|| panic!("no `{name}` in state")).outputs.get(output) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => format!("{other:?}"),
            None => String::new(),
        }
    }

    /// An export that is text.
    pub async fn export(&self, name: &str) -> String {
        match self.state().await.exports.get(name) {
            Some(Value::String(text)) => text.clone(),
            other => panic!("export `{name}`: {other:?}"),
        }
    }

    /// An export that is a list of texts.
    pub async fn exports(&self, name: &str) -> BTreeSet<String> {
        let state = self.state().await;
        let Some(Value::List(items)) = state.exports.get(name) else { panic!("no list `{name}`") };
        items.iter().map(|item| from_value(item).unwrap()).collect()
    }

    /// Why a program is no graph.
    pub fn refused(&self, program: impl Fn(&Stack)) -> String {
        let engine = self.engine(Arc::new(self.backend.clone()));
        let stack = engine.stack();
        program(&stack);
        engine.graph(&stack).expect_err("a mistake").to_string()
    }

    /// How often a call such as `ec2:CreateVpc` was made and not refused: AWS carried it out.
    pub async fn count(&self, call: &str) -> usize {
        self.account.calls().await.unwrap().carried_out(call)
    }

    /// How often it was made at all.
    pub async fn tried(&self, call: &str) -> usize {
        self.account.calls().await.unwrap().count(call)
    }
}

fn holder() -> Holder {
    Holder { id: "test".into(), who: "anna@here".into(), pid: 7, command: "up".into() }
}

/// Steps that change something, as `action name`.
pub fn changes(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().filter(|s| s.action.is_change());
    steps.map(|s| format!("{} {}", s.action.verb(), s.urn.name())).collect()
}

/// Properties of `name` that change.
pub fn changed<'p>(plan: &'p Plan, name: &str) -> BTreeSet<&'p str> {
    step(plan, name).changes.iter().map(|c| c.property.as_str()).collect()
}

/// Properties of `name` that replace it.
pub fn replacing<'p>(plan: &'p Plan, name: &str) -> BTreeSet<&'p str> {
    let changes = step(plan, name).changes.iter().filter(|c| c.replaces);
    changes.map(|c| c.property.as_str()).collect()
}

fn step<'p>(plan: &'p Plan, name: &str) -> &'p Step {
    let mut steps = plan.steps.iter().filter(|s| s.action != Action::DeleteReplaced);
    steps.find(|s| s.urn.name() == name).unwrap_or_else(|| panic!("no step of `{name}`"))
}

/// What changes and why, for messages.
fn causes(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().filter(|s| s.action.is_change());
    let line = |s: &Step| format!("{} {}: {:?} {:?}", s.action.verb(), s.urn, s.changes, s.reasons);
    steps.map(line).collect()
}
