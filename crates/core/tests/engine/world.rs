//! A stack on the fake cloud, run again and again.

use std::sync::Arc;
use std::time::Duration;

use ferrocrete_core::execute::{Interrupt, Report};
use ferrocrete_core::graph::Graph;
use ferrocrete_core::plan::{Action, Plan};
use ferrocrete_core::resource::Registry;
use ferrocrete_core::state::{FixedKey, Holder, MemoryBackend, State};
use ferrocrete_core::{Engine, EngineOptions, Error, Stack};

use super::checks::{self, Door};
use super::cloud::{Fake, FakeConnector};
use super::contend::{Place, Target, Tie};
use super::known::Badge;
use super::moves::{Dial, Store};
use super::nested::{Open, Safe};
use super::outputs::Lodge;
use super::parts::Shelf;
use super::throttled::Lamp;
use super::types::{Network, NetworkByCidr, Rollout, Rule, Server};
use super::unrecorded::Well;

pub struct World {
    pub cloud: Fake,
    pub backend: MemoryBackend,
    pub options: EngineOptions,
}

pub fn holder() -> Holder {
    Holder { id: "test".into(), who: "anna@here".into(), pid: 7, command: "up".into() }
}

impl World {
    pub fn new() -> Self {
        let options = EngineOptions { lease: Duration::from_secs(10), ..Default::default() };
        Self { cloud: Fake::new(), backend: MemoryBackend::new(), options }
    }

    pub fn registry(&self) -> Registry {
        Registry::builder(FakeConnector(self.cloud.clone()))
            .resource::<Network>()
            .resource::<Server>()
            .resource::<Rollout>()
            .resource::<Rule>()
            .resource::<Safe>()
            .resource::<Shelf>()
            .resource::<Lamp>()
            .resource::<Store>()
            .resource::<Dial>()
            .resource::<Place>()
            .resource::<Target>()
            .resource::<Tie>()
            .resource::<Badge>()
            .resource::<Door>()
            .resource::<Lodge>()
            .resource::<Well>()
            .lookup::<NetworkByCidr>()
            .lookup::<Open>()
            .build()
            .with_limits(checks::limits())
    }

    pub fn engine(&self) -> Engine {
        let backend = Arc::new(self.backend.clone());
        Engine::new("proj", "dev", self.registry(), backend, Arc::new(FixedKey::for_tests()))
            .with_options(self.options.clone())
    }

    pub fn graph(&self, program: impl Fn(&Stack)) -> Result<Graph, Error> {
        let engine = self.engine();
        let stack = engine.stack();
        program(&stack);
        engine.graph(&stack)
    }

    pub async fn plan(&self, program: impl Fn(&Stack)) -> Plan {
        let graph = self.graph(program).unwrap();
        self.engine().plan(&graph).await.unwrap()
    }

    /// As [`World::plan`], without asking the cloud for what it has.
    pub async fn plan_of_state(&self, program: impl Fn(&Stack)) -> Result<Plan, Error> {
        let graph = self.graph(program)?;
        let options = EngineOptions { refresh: false, ..self.options.clone() };
        self.engine().with_options(options).plan(&graph).await
    }

    pub async fn up(&self, program: impl Fn(&Stack)) -> Report {
        self.try_up(program, &Interrupt::new()).await.unwrap()
    }

    pub async fn try_up(
        &self,
        program: impl Fn(&Stack),
        interrupt: &Interrupt,
    ) -> Result<Report, Error> {
        let graph = self.graph(program)?;
        let session = self.engine().session(&holder()).await?;
        let plan = session.plan(&graph).await?;
        let report = session.apply(Some(&graph), &plan, interrupt).await?;
        session.state().verify().expect("state verifies");
        session.close().await?;
        Ok(report)
    }

    /// Runs `up` and drops it at the first moment when the cloud does nothing any more, as
    /// if the process had been killed there.
    pub async fn up_killed(&self, program: impl Fn(&Stack)) {
        let interrupt = Interrupt::new();
        let run = self.try_up(program, &interrupt);
        let killed = tokio::time::timeout(Duration::from_secs(1800), run).await;
        assert!(killed.is_err(), "the run was to hang, but ended");
    }

    pub async fn destroy(&self) -> Report {
        let session = self.engine().session(&holder()).await.unwrap();
        let plan = session.plan_destroy().await.unwrap();
        let report = session.apply(None, &plan, &Interrupt::new()).await.unwrap();
        session.close().await.unwrap();
        report
    }

    pub async fn state(&self) -> State {
        self.engine().state().await.unwrap()
    }
}

/// Steps that change something, as `action name`.
pub fn changes(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().filter(|s| s.action.is_change());
    steps.map(|s| format!("{} {}", s.action.verb(), s.urn.short())).collect()
}

pub fn action(plan: &Plan, name: &str) -> Action {
    plan.steps.iter().find(|s| s.urn.name() == name).expect("a step").action
}
