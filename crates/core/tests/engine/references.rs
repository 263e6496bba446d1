//! Exports of one stack, read by another.

use std::sync::Arc;
use std::time::Duration;

use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::event::{Event, Events};
use ferrocrete_core::execute::{Interrupt, Report};
use ferrocrete_core::graph::GraphError;
use ferrocrete_core::observe::ReferenceError;
use ferrocrete_core::plan::{Action, Plan, Reason};
use ferrocrete_core::render::because;
use ferrocrete_core::state::secrets::PassphraseCost;
use ferrocrete_core::state::{
    FixedKey, KeyProvider, LocalBackend, MemoryBackend, Passphrase, StateBackend, StateStore,
};
use ferrocrete_core::value::Value;
use ferrocrete_core::{Engine, EngineOptions, Error, Output, Secret, Stack};

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::{World, action, changes, holder};

/// Several stacks of one backend on one cloud.
struct Stacks {
    world: World,
    backend: Arc<dyn StateBackend>,
    keys: Arc<dyn KeyProvider>,
}

impl Stacks {
    fn new() -> Self {
        Self::on(Arc::new(MemoryBackend::new()))
    }

    fn on(backend: Arc<dyn StateBackend>) -> Self {
        Self { world: World::new(), backend, keys: Arc::new(FixedKey::for_tests()) }
    }

    fn engine(&self, stack: &str) -> Engine {
        let backend = self.backend.for_stack("proj", stack).unwrap();
        Engine::new("proj", stack, self.world.registry(), backend, self.keys.clone())
    }

    async fn plan(&self, stack: &str, program: impl Fn(&Stack)) -> Result<Plan, Error> {
        let engine = self.engine(stack);
        let declared = engine.stack();
        program(&declared);
        engine.plan(&engine.graph(&declared)?).await
    }

    async fn up(&self, stack: &str, program: impl Fn(&Stack)) -> Report {
        let engine = self.engine(stack);
        let declared = engine.stack();
        program(&declared);
        let graph = engine.graph(&declared).unwrap();
        let session = engine.session(&holder()).await.unwrap();
        let plan = session.plan(&graph).await.unwrap();
        let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
        session.close().await.unwrap();
        report
    }

    async fn destroy(&self, stack: &str) -> Report {
        let session = self.engine(stack).session(&holder()).await.unwrap();
        let plan = session.plan_destroy().await.unwrap();
        let report = session.apply(None, &plan, &Interrupt::new()).await.unwrap();
        session.close().await.unwrap();
        report
    }

    /// Who is noted with a stack as its reader.
    async fn noted(&self, stack: &str) -> Vec<String> {
        let place = self.backend.for_stack("proj", stack).unwrap();
        place.readers().await.unwrap().iter().map(ToString::to_string).collect()
    }

    async fn refused(&self, program: impl Fn(&Stack)) -> ReferenceError {
        match self.plan("staging", program).await {
            Err(Error::Reference(error)) => error,
            other => panic!("{other:?}"),
        }
    }
}

const PLAIN: &str = "hunter2-correct-horse";

fn global(size: i32) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.export("network_id", &net.network_id);
        s.export("size", size);
        s.export("zones", vec!["a", "b"]);
        s.export("password", Secret::new(PLAIN.to_owned()));
    }
}

fn staging(s: &Stack) {
    let global = s.reference("global");
    let size: Output<i32> = global.output("size");
    let network_id: Output<String> = global.output("network_id");
    let password: Output<String> = global.output("password");
    s.add("web", Server::builder().network_id(&network_id).size(&size).password(&password));
    s.export("zones", global.output::<Vec<String>>("zones"));
    s.export("password", password.map(|p| format!("<{p}>")));
}

async fn reads_exports(stacks: Stacks) {
    stacks.up("global", global(1)).await;
    let plan = stacks.plan("staging", staging).await.unwrap();
    let web = &plan.steps[0];
    assert_eq!(web.inputs["network_id"], "network-1".into(), "known before the apply");
    assert_eq!(web.inputs["size"], Value::Int(1));
    assert!(
        web.inputs["password"].has_secret()
            && plan.exports["password"].new.as_ref().unwrap().has_secret()
    );
    assert!(!format!("{plan:?}").contains(PLAIN));

    let report = stacks.up("staging", staging).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(report.exports["zones"], Value::List(vec!["a".into(), "b".into()]));
    assert_eq!(report.exports["password"].reveal().as_str(), Some(&*format!("<{PLAIN}>")));
    assert!(report.exports["password"].has_secret());
    assert!(stacks.plan("staging", staging).await.unwrap().is_empty());

    // A changed export is a change like any other.
    stacks.up("global", global(2)).await;
    let plan = stacks.plan("staging", staging).await.unwrap();
    assert_eq!(changes(&plan), ["update web"]);
    assert_eq!(plan.steps[0].changes.len(), 1);
    assert_eq!(plan.steps[0].changes[0].new, Some(Value::Int(2)));
    let [Reason::Answer { property, urn }] = &plan.steps[0].reasons[..] else {
        panic!("{:?}", plan.steps[0].reasons);
    };
    assert_eq!((property.as_str(), urn.name()), ("size", "global"));
    let why = because(&plan, &plan.steps[0]).unwrap();
    assert!(why.contains("`size` changed with the answer of stack"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn exports_are_known_in_the_plan_and_secrets_stay_secret() {
    reads_exports(Stacks::new()).await;
}

#[tokio::test]
async fn also_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let stacks = Stacks::on(Arc::new(LocalBackend::new(folder.path(), "other", "one")));
    *stacks.world.cloud.slow.lock().unwrap() = Duration::ZERO;
    reads_exports(stacks).await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_neither_locks_nor_writes() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    // Somebody is at work there.
    let session = stacks.engine("global").session(&holder()).await.unwrap();
    stacks.plan("staging", staging).await.unwrap();
    session.close().await.unwrap();
    let there = stacks.backend.for_stack("proj", "staging").unwrap().load().await.unwrap();
    assert!(there.snapshot.is_none() && there.records.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_was_never_brought_up() {
    let error = Stacks::new().refused(staging).await;
    assert!(matches!(&error, ReferenceError::Unknown { stack, .. } if stack == "proj/global"));
    assert!(error.to_string().contains("brought up in memory:proj/global\n"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_export_that_is_not_there() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    let error = stacks
        .refused(|s| {
            let global = s.reference("proj/global");
            s.export("id", global.output::<String>("netwrk_id"));
        })
        .await;
    let text = error.to_string();
    assert!(text.contains("no export `netwrk_id`; did you mean `network_id`?"), "{text}");
    assert!(text.contains("it exports network_id, password, size, zones;"), "{text}");

    let both = stacks
        .refused(|s| {
            s.export("a", s.reference("global").output::<String>("nothing_like_it"));
            s.export("b", s.reference("globl").output::<String>("network_id"));
        })
        .await;
    let ReferenceError::Several(both) = both else { panic!("{both:?}") };
    assert!(matches!(&both[0], ReferenceError::Missing { meant: None, .. }), "{both:?}");
    assert!(matches!(&both[1], ReferenceError::Unknown { .. }), "{both:?}");

    stacks.destroy("global").await;
    let error = stacks.refused(staging).await.to_string();
    assert!(error.contains("it exports nothing: it was destroyed"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_export_of_another_type() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    let read = |s: &Stack| {
        let global = s.reference("global");
        // The same export, once as it is.
        s.export("size", global.output::<u8>("size"));
        s.export("text", global.output::<Option<String>>("size"));
    };
    let text = stacks.refused(read).await.to_string();
    let wanted = "export `size` of stack `proj/global` is a number, not `Option<String>`: \
                  invalid type: integer `1`, expected a string\n";
    assert!(text.starts_with(wanted), "{text}");
    let secret = |s: &Stack| s.export("p", s.reference("global").output::<u8>("password"));
    let text = stacks.refused(secret).await.to_string();
    assert!(text.contains("is text, not `u8`") && !text.contains("hunter2"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn itself_and_bad_names() {
    let stacks = Stacks::new();
    let own = |s: &Stack| s.export("a", s.reference("proj/staging").output::<String>("b"));
    let error = stacks.plan("staging", own).await.unwrap_err();
    let Error::Graph(GraphError::OwnReference { stack }) = error else { panic!("{error:?}") };
    assert_eq!(stack, "proj/staging");
    let bad = |s: &Stack| s.export("a", s.reference("a/b/c").output::<String>("b"));
    let error = stacks.plan("staging", bad).await.unwrap_err();
    assert!(error.to_string().contains("stack `b/c` is not valid"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_decrypted() {
    let mut stacks = Stacks::new();
    let pass = |word: &str| {
        let pass = Passphrase::new(Secret::new(word.to_owned()));
        Arc::new(pass.cost(PassphraseCost::weak()))
    };
    stacks.keys = pass("one");
    stacks.up("global", global(1)).await;
    stacks.plan("staging", staging).await.unwrap();
    for (keys, why) in [
        (pass("two") as Arc<dyn KeyProvider>, "the passphrase is wrong"),
        (Arc::new(FixedKey::for_tests()), "encrypted with a passphrase, but this run was given"),
    ] {
        stacks.keys = keys;
        let error = stacks.refused(staging).await;
        assert!(matches!(error, ReferenceError::Key { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("secrets in memory:proj/global cannot") && text.contains(why),
            "{text}"
        );
    }
}

/// What others read is what the last finished `up` left.
#[tokio::test(start_paused = true)]
async fn exports_are_those_of_the_last_finished_run() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    // An export that changes alone is recorded, and so is one that goes.
    stacks.up("global", global(2)).await;
    let exports = stacks.engine("global").state().await.unwrap().exports;
    assert_eq!(exports["size"], Value::Int(2));
    let less = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.export("network_id", &net.network_id);
    };
    stacks.up("global", less).await;
    let exports = stacks.engine("global").state().await.unwrap().exports;
    assert_eq!(exports.keys().collect::<Vec<_>>(), ["network_id"]);
    // Another stack that comes and goes does not matter.
    let other = |s: &Stack| {
        let id: Output<String> = s.reference("global").output("network_id");
        s.add("web", Server::builder().network_id(&id));
    };
    let report = stacks.up("staging", other).await;
    assert!(report.is_success(), "{report:?}");
    let report = stacks.destroy("staging").await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(stacks.engine("global").state().await.unwrap().exports, exports);
    // A run in which something failed records what it knows, and keeps what it does not.
    stacks.world.cloud.trouble("create server", Trouble::Code("Full", ErrorKind::Other));
    let broken = |s: &Stack| {
        less(s);
        let web = s.add("web", Server::builder().network_id("network-1"));
        s.export("web", &web.server_id);
        s.export("new", "yes");
    };
    assert!(!stacks.up("global", broken).await.is_success());
    let mut partly = exports.clone();
    partly.insert("new".into(), "yes".into());
    assert_eq!(stacks.engine("global").state().await.unwrap().exports, partly);
    assert!(stacks.up("global", broken).await.is_success());
    let exports = stacks.engine("global").state().await.unwrap().exports;
    assert_eq!(exports.keys().collect::<Vec<_>>(), ["network_id", "new", "web"]);
    assert_eq!(action(&stacks.plan("staging", other).await.unwrap(), "web"), Action::Create);
}

async fn refuses_to_leave_readers_behind(stacks: Stacks) {
    stacks.up("global", global(1)).await;
    stacks.up("staging", staging).await;
    // What nobody reads may go, and what is read may change.
    let without = |name: &'static str| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            s.export("network_id", &net.network_id);
            s.export("size", 2);
            if name != "zones" {
                s.export("zones", vec!["a"]);
            }
            if name != "unread" {
                s.export("unread", 3);
            }
            s.export("password", Secret::new(PLAIN.to_owned()));
        }
    };
    stacks.up("global", without("nothing")).await;
    stacks.up("global", without("unread")).await;

    let error = stacks.plan("global", without("zones")).await.unwrap_err().to_string();
    let wanted = "exports of stack `proj/global` are declared no longer, but other stacks read \
                  them:\n  `proj/staging` reads `zones`\n  what to do: declare";
    assert!(error.starts_with(wanted), "{error}");
    let error = stacks.engine("global").plan_destroy().await.unwrap_err().to_string();
    let wanted = "stack `proj/global` would be destroyed, but other stacks read its exports:\n  \
                  `proj/staging` reads `network_id`, `password`, `size`, `zones`\n  what to do: \
                  destroy those stacks first";
    assert!(error.starts_with(wanted), "{error}");
    assert!(!error.contains(PLAIN));

    // One that reads less from now on, although nothing else changes there.
    let less = |s: &Stack| {
        let global = s.reference("global");
        let size: Output<i32> = global.output("size");
        let network_id: Output<String> = global.output("network_id");
        s.add("web", Server::builder().network_id(&network_id).size(&size));
    };
    stacks.up("staging", less).await;
    stacks.up("global", without("zones")).await;
    let error = stacks.engine("global").plan_destroy().await.unwrap_err().to_string();
    assert!(error.contains("`proj/staging` reads `network_id`, `size`\n"), "{error}");

    let report = stacks.destroy("staging").await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(stacks.noted("global").await, Vec::<String>::new(), "its note goes, too");
    let report = stacks.destroy("global").await;
    assert!(report.is_success(), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn what_others_read_does_not_go() {
    refuses_to_leave_readers_behind(Stacks::new()).await;
}

#[tokio::test]
async fn nor_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let stacks = Stacks::on(Arc::new(LocalBackend::new(folder.path(), "other", "one")));
    *stacks.world.cloud.slow.lock().unwrap() = Duration::ZERO;
    refuses_to_leave_readers_behind(stacks).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_forces_it_is_told_who_reads() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    stacks.up("staging", staging).await;
    let (events, mut heard) = Events::channel();
    let force = EngineOptions { force: true, ..EngineOptions::default() };
    let engine = stacks.engine("global").with_options(force).with_events(events);
    let plan = engine.plan_destroy().await.unwrap();
    assert!(!plan.is_empty());
    let mut warnings = Vec::new();
    while let Ok(event) = heard.try_recv() {
        if let Event::Warning { text } = event {
            warnings.push(text);
        }
    }
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.starts_with("forced: stack `proj/global` would be destroyed"), "{warning}");
    assert!(warning.contains("`proj/staging` reads") && !warning.contains("what to do"));
}

/// A run that fails half-way may have made something from what it read, and reads it until one
/// has succeeded; a run that dies has noted it before its first step.
#[tokio::test(start_paused = true)]
async fn what_was_read_counts_until_a_run_has_succeeded() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    stacks.world.cloud.trouble("create server", Trouble::Code("Full", ErrorKind::Other));
    assert!(!stacks.up("staging", staging).await.is_success());
    assert!(stacks.engine("global").plan_destroy().await.is_err());
    // It reads nothing any more, but what it was made from is still there.
    assert!(stacks.up("staging", staging).await.is_success());
    stacks.world.cloud.trouble("delete server", Trouble::Code("Busy", ErrorKind::Other));
    assert!(!stacks.up("staging", |_| {}).await.is_success());
    assert!(stacks.engine("global").plan_destroy().await.is_err());
    assert!(stacks.up("staging", |_| {}).await.is_success());
    stacks.engine("global").plan_destroy().await.unwrap();
}

/// Names are not secret: whoever destroys needs no key of those who read.
#[tokio::test(start_paused = true)]
async fn readers_are_known_without_their_keys() {
    let mut stacks = Stacks::new();
    let plain = |s: &Stack| s.export("zone", "a");
    let read = |s: &Stack| s.export("zone", s.reference("global").output::<String>("zone"));
    stacks.keys = {
        let pass = Passphrase::new(Secret::new("one".to_owned()));
        Arc::new(pass.cost(PassphraseCost::weak()))
    };
    stacks.up("global", plain).await;
    stacks.up("staging", read).await;
    let place = stacks.backend.for_stack("proj", "global").unwrap();
    let store = StateStore::new(place, Arc::new(FixedKey::for_tests()));
    let global = "proj/global".parse().unwrap();
    assert!(store.load("proj", "staging").await.is_err());
    let readers = store.readers(&global).await.unwrap();
    assert_eq!(readers[0].stack.to_string(), "proj/staging");
    assert_eq!(readers[0].exports.as_ref().unwrap().iter().collect::<Vec<_>>(), ["zone"]);
    // Whose state cannot be read may read anything.
    let theirs = stacks.backend.for_stack("proj", "staging").unwrap();
    let lease = theirs.acquire(&holder(), Duration::from_secs(15)).await.unwrap();
    let stored = theirs.load().await.unwrap().snapshot.unwrap();
    theirs.write_snapshot(&lease, b"{}", Some(&stored.tag), 0).await.unwrap();
    let error = stacks.engine("global").plan_destroy().await.unwrap_err().to_string();
    assert!(error.contains("`proj/staging` may read them, but its state is unreadable"), "{error}");
}

/// A note of a stack that reads nothing says nothing: its run died before it read anything.
#[tokio::test(start_paused = true)]
async fn a_note_alone_is_no_reader() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    let place = stacks.backend.for_stack("proj", "global").unwrap();
    place.add_reader(&"proj/staging".parse().unwrap()).await.unwrap();
    stacks.engine("global").plan_destroy().await.unwrap();
}

/// What was brought back reads again what it read then.
#[tokio::test(start_paused = true)]
async fn a_restored_stack_is_a_reader_again() {
    let stacks = Stacks::new();
    stacks.up("global", global(1)).await;
    stacks.up("staging", staging).await;
    let place = stacks.backend.for_stack("proj", "staging").unwrap();
    let store = StateStore::new(place, stacks.keys.clone());
    let serial = store.load("proj", "staging").await.unwrap().state.serial;
    stacks.destroy("staging").await;
    assert_eq!(stacks.noted("global").await, Vec::<String>::new());
    let ttl = Duration::from_secs(15);
    store.restore(&holder(), "proj", "staging", ttl, serial).await.unwrap();
    assert_eq!(stacks.noted("global").await, ["proj/staging"]);
    let error = stacks.engine("global").plan_destroy().await.unwrap_err().to_string();
    assert!(error.contains("`proj/staging` reads"), "{error}");
}
