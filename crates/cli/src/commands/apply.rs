//! `up`, `destroy` and `refresh`: the commands that take the lock.

use ferrocrete_core::execute::Report;
use ferrocrete_core::graph::Graph;
use ferrocrete_core::panics::caught_async;
use ferrocrete_core::plan::{Action, Plan};
use ferrocrete_core::render::{
    duration, exports_text, plan_json, plan_text, refresh_text, report_json, report_text,
};
use ferrocrete_core::state::StateError;
use ferrocrete_core::{Error, Session};

use crate::app::App;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::target::Target;
use crate::view::View;

/// What is to be applied.
#[derive(Clone, Copy)]
enum Goal<'a> {
    Up(&'a Graph),
    Destroy,
}

impl<'a> Goal<'a> {
    fn command(self) -> &'static str {
        match self {
            Goal::Up(_) => "up",
            Goal::Destroy => "destroy",
        }
    }

    fn graph(self) -> Option<&'a Graph> {
        match self {
            Goal::Up(graph) => Some(graph),
            Goal::Destroy => None,
        }
    }
}

pub(super) async fn up(app: &App<'_>) -> Result<Exit> {
    app.refuse_unasked("up")?;
    let view = View::new(app);
    let done = async {
        let target = app.or_interrupted(Target::new(app)).await?;
        let engine = target.engine(view.events()).await?;
        let graph = app.graph(&engine).await?;
        target.before_writing()?;
        let session = app.session(&engine, "up").await?;
        in_session(app, &view, session, Goal::Up(&graph)).await
    }
    .await;
    view.close().await;
    done
}

pub(super) async fn destroy(app: &App<'_>) -> Result<Exit> {
    app.refuse_unasked("destroy")?;
    let view = View::new(app);
    let done = async {
        let target = app.or_interrupted(Target::new(app)).await?;
        let engine = target.engine(view.events()).await?;
        target.before_writing()?;
        let session = app.session(&engine, "destroy").await?;
        in_session(app, &view, session, Goal::Destroy).await
    }
    .await;
    view.close().await;
    done
}

pub(super) async fn refresh(app: &App<'_>) -> Result<Exit> {
    let view = View::new(app);
    let done = async {
        let target = app.or_interrupted(Target::new(app)).await?;
        let engine = target.engine(view.events()).await?;
        target.before_writing()?;
        let session = app.session(&engine, "refresh").await?;
        let found = app.or_interrupted(session.refresh()).await;
        let closed = close(app, session).await;
        let found = found?;
        closed?;
        view.settle().await;
        if app.global.json {
            app.io.out(plan_json(&found) + "\n");
        } else {
            app.io.out(refresh_text(&found, app.out));
        }
        Ok(Exit::Ok)
    }
    .await;
    view.close().await;
    done
}

async fn in_session(app: &App<'_>, view: &View, session: Session, goal: Goal<'_>) -> Result<Exit> {
    // Whatever happens, the lock is given back.
    let applied = caught_async(plan_and_apply(app, view, &session, goal)).await;
    let applied =
        applied.unwrap_or_else(|panic| Err(Stop::Error(CliError::panicked("the run", &panic))));
    // Who left at once does not wait for the lock to be given back; it expires.
    let closed = match &applied {
        Err(Stop::Left) => Ok(()),
        _ => close(app, session).await,
    };
    view.settle().await;
    match applied {
        Ok(applied) => {
            // What was done is said, whatever became of the snapshot.
            let exit = applied.map(|(plan, report)| finish(app, goal, &plan, &report));
            closed.map_err(|e| go_on(e, view, goal))?;
            Ok(exit.unwrap_or(Exit::Ok))
        }
        Err(Stop::Declined) => {
            Err(CliError::new(format!("{} was declined: nothing was changed", goal.command())))
        }
        Err(Stop::Left) => Err(CliError::new(format!("left at once: {}", view.tally()))
            .hint(format!(
                "the lock expires within {}; then run `{}` again: it finds out what became of \
                 what was under way, and goes on",
                duration(app.engine_options().lease),
                goal.command()
            ))
            .exit(Exit::Interrupted)),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// Gives the lock back; who is in haste leaves the journal to the next run.
async fn close(app: &App<'_>, session: Session) -> Result<(), Error> {
    let interrupt = app.io.interrupt();
    let closed = async {
        match interrupt.count() {
            0 | 1 => session.close().await,
            _ => session.abandon().await,
        }
    };
    tokio::select! {
        closed = closed => closed,
        () = interrupt.reached(3) => Ok(()),
    }
}

/// An error that broke an apply off: how far it was, and how to go on.
fn go_on(error: Error, view: &View, goal: Goal<'_>) -> CliError {
    let again =
        matches!(error, Error::State(StateError::LeaseLost { .. } | StateError::Conflict { .. }));
    let mut error = CliError::from(error);
    error.message = format!("{} ({})", error.message, view.tally());
    match again {
        // These say it themselves.
        true => error,
        false => error.hint(format!(
            "then run `{}` again; it finds everything that this run made",
            goal.command()
        )),
    }
}

/// Why nothing, or not all, was applied.
enum Stop {
    Declined,
    Left,
    Error(CliError),
}

impl<E: Into<CliError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Error(error.into())
    }
}

async fn plan_and_apply(
    app: &App<'_>,
    view: &View,
    session: &Session,
    goal: Goal<'_>,
) -> Result<Option<(Plan, Report)>, Stop> {
    let plan = match goal {
        Goal::Up(graph) => app.or_interrupted(session.plan(graph)).await?,
        Goal::Destroy => app.or_interrupted(session.plan_destroy()).await?,
    };
    view.settle().await;
    if app.global.json {
        app.io.out(plan_json(&plan) + "\n");
    } else {
        app.io.out(plan_text(&plan, app.out));
    }
    let exports_change = plan.exports.values().any(|e| e.old != e.new);
    if !plan.is_empty() && !app.confirm(question(goal)).await? {
        return Err(Stop::Declined);
    }
    if plan.is_empty() && !exports_change && !plan.is_to_record() {
        let exports = session.state().exports;
        let report = Report { done: plan.summary(), exports, ..Report::default() };
        if app.global.json {
            return Ok(Some((plan, report)));
        }
        app.io.out(match exports_text(&report.exports, app.out) {
            text if text.is_empty() => text,
            text => format!("\n{text}"),
        });
        return Ok(None);
    }
    view.applying(plan.steps.iter().filter(|s| s.action != Action::Same).count());
    let interrupt = app.io.interrupt();
    let report = tokio::select! {
        report = session.apply(goal.graph(), &plan, interrupt) => match report {
            Ok(report) => report,
            Err(error) => {
                view.settle().await;
                return Err(Stop::Error(go_on(error, view, goal)));
            }
        },
        () = interrupt.reached(3) => return Err(Stop::Left),
    };
    Ok(Some((plan, report)))
}

fn question(goal: Goal<'_>) -> &'static str {
    match goal {
        Goal::Up(_) => "Apply these changes?",
        Goal::Destroy => "Delete all of this?",
    }
}

fn finish(app: &App<'_>, goal: Goal<'_>, plan: &Plan, report: &Report) -> Exit {
    if app.global.json {
        app.io.out(report_json(report) + "\n");
    } else {
        if !plan.is_empty() || !report.is_success() {
            app.io.out(format!("\n{}", report_text(report, goal.command(), app.out)));
        }
        let exports = exports_text(&report.exports, app.out);
        if !exports.is_empty() && report.is_success() {
            app.io.out(format!("\n{exports}"));
        }
    }
    match report {
        report if report.interrupted => Exit::Interrupted,
        report if report.is_success() => Exit::Ok,
        _ => Exit::Failed,
    }
}
