//! How the engine grows with the number of resources: time, memory and bytes written, on a cloud in
//! memory and state in a folder. `cargo xtask bench` runs it and writes `docs/performance.md`.
//!
//! Each figure is taken in a process of its own, so that peak memory is that of one operation.

#![allow(missing_docs, reason = "a program, of which nobody uses anything")]

mod cloud;
mod measure;
mod program;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::graph::Graph;
use ferrocrete_core::plan::Plan;
use ferrocrete_core::state::{
    Entry, FixedKey, Holder, KeyProvider, LocalBackend, StateBackend, StateStore,
};
use ferrocrete_core::{Engine, EngineOptions, Stack};

use measure::{Since, Used, copy, written};

/// How long a call takes while something is applied.
const CALL: Duration = Duration::from_millis(5);
/// How long a call takes while the order of steps is measured.
const LONG_CALL: Duration = Duration::from_millis(50);
/// Entries that the journal holds when state is loaded.
const JOURNAL: usize = 2_000;

type Failure = Box<dyn std::error::Error>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Graph,
    Waiting,
    PlanNew,
    Apply,
    PlanSame,
    PlanOne,
    Load,
    Destroy,
    Order,
}

/// In the order in which they are measured: what comes later works on the state of what is before.
const ALL: [(Figure, &str); 9] = [
    (Figure::Graph, "program to graph"),
    (Figure::Waiting, "the same, half waiting for the other half"),
    (Figure::PlanNew, "plan: all new"),
    (Figure::Apply, "apply, 5 ms a call"),
    (Figure::PlanSame, "plan: nothing to do"),
    (Figure::PlanOne, "plan: one change"),
    (Figure::Load, "load of state, 2,000 entries in the journal"),
    (Figure::Destroy, "destroy, 5 ms a call"),
    (Figure::Order, "random graph, 50 ms a call: time by critical path"),
];

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match &args[..] {
        [child, figure, size, folder] if child == "--child" => {
            let figure = ALL[figure.parse::<usize>()?].0;
            let (used, extra) =
                runtime()?.block_on(take(figure, size.parse()?, folder.as_ref()))?;
            println!(
                "{} {} {} {extra}",
                used.time.as_secs_f64(),
                used.cpu.as_secs_f64(),
                used.peak
            );
            Ok(())
        }
        sizes => {
            let sizes: Result<Vec<usize>, _> = sizes.iter().map(|s| s.parse()).collect();
            let sizes = sizes.map_err(|_| "usage: scale [NUMBER OF RESOURCES …]")?;
            print!(
                "{}",
                table(if sizes.is_empty() { &[100, 1_000, 10_000, 30_000] } else { &sizes })?
            );
            Ok(())
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn holder() -> Holder {
    Holder { id: "bench".into(), who: "bench@here".into(), pid: 1, command: "up".into() }
}

fn keys() -> Arc<dyn KeyProvider> {
    Arc::new(FixedKey::for_tests())
}

fn backend(folder: &Path) -> Arc<dyn StateBackend> {
    Arc::new(LocalBackend::new(folder, "bench", "dev"))
}

fn engine(folder: &Path, call: Duration) -> Engine {
    let registry = cloud::registry(call);
    let options = EngineOptions { parallel: 1_000, ..EngineOptions::default() };
    Engine::new("bench", "dev", registry, backend(folder), keys()).with_options(options)
}

fn graph(engine: &Engine, program: impl FnOnce(&Stack)) -> Result<Graph, Failure> {
    let stack = engine.stack();
    program(&stack);
    Ok(engine.graph(&stack)?)
}

/// One figure; what else is worth a column: bytes written by step, or a ratio.
async fn take(figure: Figure, size: usize, folder: &Path) -> Result<(Used, f64), Failure> {
    let call = if figure == Figure::Order { LONG_CALL } else { CALL };
    let engine = engine(folder, call);
    let groups = |changed| graph(&engine, move |stack| program::groups(stack, size, changed));
    match figure {
        Figure::Graph => {
            let since = Since::now();
            groups(None)?;
            Ok((since.used(), 0.0))
        }
        Figure::Waiting => {
            let since = Since::now();
            graph(&engine, |stack| program::waiting(stack, size))?;
            Ok((since.used(), 0.0))
        }
        Figure::PlanNew | Figure::PlanSame => {
            let graph = groups(None)?;
            plan(&engine, &graph).await
        }
        Figure::PlanOne => {
            let graph = groups(Some(size / 2))?;
            plan(&engine, &graph).await
        }
        Figure::Apply | Figure::Order => {
            let mut longest = 0;
            let graph = match figure {
                Figure::Order => graph(&engine, |s| longest = program::random(s, size, 7))?,
                _ => groups(None)?,
            };
            let session = engine.session(&holder()).await?;
            let plan = session.plan(&graph).await?;
            let (used, bytes) = apply(session, Some(&graph), &plan).await?;
            let chain = LONG_CALL.as_secs_f64() * longest as f64;
            let ratio = used.time.as_secs_f64() / chain;
            Ok((used, if figure == Figure::Order { ratio } else { bytes }))
        }
        Figure::Load => {
            fill_journal(folder).await?;
            let store = StateStore::new(backend(folder), keys());
            let since = Since::now();
            store.load("bench", "dev").await?;
            Ok((since.used(), 0.0))
        }
        Figure::Destroy => {
            let session = engine.session(&holder()).await?;
            let plan = session.plan_destroy().await?;
            apply(session, None, &plan).await
        }
    }
}

async fn plan(engine: &Engine, graph: &Graph) -> Result<(Used, f64), Failure> {
    let since = Since::now();
    engine.plan(graph).await?;
    Ok((since.used(), 0.0))
}

/// Until the snapshot is written.
async fn apply(
    session: ferrocrete_core::Session,
    graph: Option<&Graph>,
    plan: &Plan,
) -> Result<(Used, f64), Failure> {
    let (since, before) = (Since::now(), written());
    let report = session.apply(graph, plan, &Interrupt::new()).await?;
    session.close().await?;
    let used = since.used();
    if !report.is_success() {
        return Err(format!("{:?}", report.failures).into());
    }
    Ok((used, (written() - before) as f64 / plan.steps.len().max(1) as f64))
}

/// Records resources once more, as they are.
async fn fill_journal(folder: &Path) -> Result<(), Failure> {
    let store = StateStore::new(backend(folder), keys());
    let open = store.open(&holder(), "bench", "dev", Duration::from_secs(15)).await?;
    let all: Vec<Entry> = open.look(|state| {
        let again = state.resources.values().cycle().take(JOURNAL);
        again.map(|record| Entry::Done(Box::new(record.clone()))).collect()
    });
    for some in all.chunks(50) {
        open.commit(some.to_vec()).await?;
    }
    Ok(open.abandon().await?)
}

struct Row {
    name: &'static str,
    figure: Figure,
    cells: Vec<(Used, f64)>,
}

/// All figures of all sizes.
fn table(sizes: &[usize]) -> Result<String, Failure> {
    let mut rows: Vec<Row> =
        ALL.iter().map(|(figure, name)| Row { name, figure: *figure, cells: Vec::new() }).collect();
    for size in sizes {
        let folder = tempfile::tempdir()?;
        for (nth, row) in rows.iter_mut().enumerate() {
            let place: PathBuf = match row.figure {
                // Each begins with nothing.
                Figure::Order | Figure::PlanNew => tempfile::tempdir_in(&folder)?.keep(),
                // The journal that it fills is not for the others.
                Figure::Load => {
                    let place = folder.path().join("load");
                    copy(&folder.path().join("bench"), &place.join("bench"))?;
                    place
                }
                _ => folder.path().to_owned(),
            };
            row.cells.push(child(nth, *size, &place)?);
        }
    }
    Ok(markdown(sizes, &rows))
}

fn child(nth: usize, size: usize, folder: &Path) -> Result<(Used, f64), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--child", &nth.to_string(), &size.to_string()]).arg(folder);
    let answer = command.stderr(std::process::Stdio::inherit()).output()?;
    let text = String::from_utf8(answer.stdout)?;
    let [time, cpu, peak, extra] = &text.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("{} with {size} resources failed", ALL[nth].1).into());
    };
    let seconds = |text: &str| Ok::<_, Failure>(Duration::from_secs_f64(text.parse()?));
    let used = Used { time: seconds(time)?, cpu: seconds(cpu)?, peak: peak.parse()? };
    Ok((used, extra.parse()?))
}

fn markdown(sizes: &[usize], rows: &[Row]) -> String {
    let mut text = String::from("| resources | what | time | processor time | peak memory | |\n");
    text += "|---|---|---|---|---|---|\n";
    for (column, size) in sizes.iter().enumerate() {
        for row in rows {
            let (used, extra) = &row.cells[column];
            let more = match row.figure {
                Figure::Apply | Figure::Destroy => format!("{extra:.0} bytes written a step"),
                Figure::Order => format!("{extra:.2} of the critical path"),
                _ => String::new(),
            };
            text += &format!(
                "| {size} | {} | {:.3} s | {:.2} s | {:.0} MiB | {more} |\n",
                row.name,
                used.time.as_secs_f64(),
                used.cpu.as_secs_f64(),
                used.peak as f64 / 1024.0 / 1024.0,
            );
        }
    }
    text
}
