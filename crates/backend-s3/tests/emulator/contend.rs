//! Fifty processes and one stack.
//!
//! Each is this test binary again, started with [`ROLE`] to run [`contender`]. Whoever has the
//! lock makes a file that must not exist yet: a second one at the same time would find it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ferrocrete_backend_s3::S3Backend;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::resource::Registry;
use ferrocrete_core::state::{FixedKey, Holder, StateBackend, StateError};
use ferrocrete_core::value::Value;
use ferrocrete_core::{Engine, EngineOptions, Error, Session};
use ferrocrete_sandbox::{Options, Sandbox};

use crate::world::{World, ready};

const PROCESSES: usize = 50;

const ROLE: &str = "CONTENDER_ROLE";
const ACCOUNT: &str = "CONTENDER_ACCOUNT";
const NUMBER: &str = "CONTENDER_NUMBER";
const FOLDER: &str = "CONTENDER_FOLDER";

/// Asks once; holds the lock until its input ends.
const ONCE: &str = "once";
/// Waits for its turn, writes, gives the lock back.
const WAITS: &str = "waits";
/// As [`WAITS`], but dies with the lock in its hands.
const DIES: &str = "dies";

struct Contender {
    child: Child,
    /// Dropping it ends its input.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Contender {
    fn start(world: &World, folder: &Path, number: usize, role: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "contend::contender", "--ignored", "--nocapture"])
            .env(ROLE, role)
            .env(ACCOUNT, &world.account.id)
            .env(NUMBER, number.to_string())
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// What it says next about the lock; the test harness says things of its own.
    fn says(&mut self) -> String {
        let mut seen = String::new();
        loop {
            let start = seen.len();
            let read = self.output.read_line(&mut seen).unwrap();
            assert!(read > 0, "it ended without a word:\n{seen}");
            if let Some((_, said)) = seen[start..].split_once("said: ") {
                return said.trim_end().to_owned();
            }
        }
    }

    fn end(mut self) -> std::process::ExitStatus {
        drop(self.input.take());
        std::io::copy(&mut self.output, &mut std::io::sink()).unwrap();
        self.child.wait().unwrap()
    }
}

/// Not a test by itself.
#[tokio::test]
#[ignore = "the tests of this file start it as processes of their own"]
async fn contender() {
    let role = std::env::var(ROLE).expect("started by a test");
    let number: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.unwrap();
    let world = World::of(sandbox.account(std::env::var(ACCOUNT).unwrap()));
    let holder = Holder {
        id: format!("contender-{number}"),
        who: format!("contender-{number}@here"),
        pid: std::process::id(),
        command: "up".to_owned(),
    };
    let wait = if role == ONCE { Duration::ZERO } else { Duration::from_secs(600) };
    let engine = engine(&world, wait);
    let session = match engine.session(&holder).await {
        Ok(session) => session,
        Err(Error::State(error @ StateError::Locked { .. })) => {
            println!("said: {}", error.to_string().replace('\n', " "));
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let inside = folder.join("inside");
    let file = OpenOptions::new().write(true).create_new(true).open(&inside);
    let mut file: File = file.expect("nobody else is inside");
    writeln!(file, "{number}").unwrap();
    write_export(&engine, &session, number).await;
    println!("said: inside");
    if role == ONCE {
        // The heartbeat goes on meanwhile.
        let input = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        tokio::task::spawn_blocking(input).await.unwrap().unwrap();
    }
    std::fs::remove_file(&inside).unwrap();
    if role == DIES {
        std::process::abort();
    }
    session.close().await.unwrap();
}

fn engine(world: &World, lock_timeout: Duration) -> Engine {
    let keys = Arc::new(FixedKey::for_tests());
    let backend: Arc<S3Backend> = Arc::new(world.backend());
    let lease = Duration::from_secs(5);
    let options = EngineOptions { lease, lock_timeout, ..EngineOptions::default() };
    Engine::new("shop", "dev", Registry::default(), backend, keys).with_options(options)
}

/// Applies a program with one export per writer so far, this one added.
async fn write_export(engine: &Engine, session: &Session, number: usize) {
    let stack = engine.stack();
    for (name, _) in session.state().exports {
        stack.export(&name, String::new());
    }
    stack.export(&format!("writer-{number}"), String::new());
    let graph = engine.graph(&stack).unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    assert!(report.is_success());
}

/// Everybody's export is there: no writer undid another's work.
async fn check_exports(world: &World, writers: impl Iterator<Item = usize>) {
    let exports = engine(world, Duration::ZERO).state().await.unwrap().exports;
    let mut names: Vec<_> = writers.map(|number| format!("writer-{number}")).collect();
    names.sort_unstable();
    assert_eq!(exports.keys().cloned().collect::<Vec<_>>(), names);
    assert!(exports.values().all(|value| *value == Value::String(String::new())));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_processes_one_is_at_work_and_each_other_is_told_who() {
    let world = ready().await;
    let folder = tempfile::tempdir().unwrap();
    let mut all: Vec<Contender> = (0..PROCESSES)
        .map(|number| Contender::start(&world, folder.path(), number, ONCE))
        .collect();
    // The winner stays inside until everybody has spoken.
    let said: Vec<String> = all.iter_mut().map(Contender::says).collect();
    let inside: Vec<usize> = (0..PROCESSES).filter(|n| said[*n] == "inside").collect();
    let [winner] = inside[..] else { panic!("not one winner: {inside:?}") };
    let named = format!(
        "the stack is locked by contender-{winner}@here (pid {}), running `up` since ",
        all[winner].child.id()
    );
    for text in said.iter().filter(|text| *text != "inside") {
        assert!(text.starts_with(&named), "{text}\n{named}");
        assert!(text.contains("what to do: wait for it to finish"), "{text}");
    }
    assert!(all.into_iter().all(|contender| contender.end().success()));
    assert_eq!(world.backend().lock_info().await.unwrap(), None);
    check_exports(&world, std::iter::once(winner)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_processes_that_wait_all_get_their_turn_though_some_die_with_the_lock() {
    let world = ready().await;
    let folder = tempfile::tempdir().unwrap();
    let role = |number| if number % 20 == 7 { DIES } else { WAITS };
    let all: Vec<Contender> = (0..PROCESSES)
        .map(|number| Contender::start(&world, folder.path(), number, role(number)))
        .collect();
    for (number, mut contender) in all.into_iter().enumerate() {
        assert_eq!(contender.says(), "inside", "{number}");
        assert_eq!(contender.end().success(), role(number) == WAITS, "{number}");
    }
    check_exports(&world, 0..PROCESSES).await;
    let state = engine(&world, Duration::ZERO).state().await.unwrap();
    assert_eq!(state.sequence, PROCESSES as u64, "each wrote one entry, once");
    let lock = world.backend().acquire(&crate::world::holder("last"), crate::world::LONG).await;
    assert_eq!(lock.unwrap().epoch, PROCESSES as u64 + 1, "one holder after the other");
}
