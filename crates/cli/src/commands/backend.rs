//! `backend init` and `backend show`.

use serde::Serialize;

use super::json_line;
use crate::app::App;
use crate::args::BackendCommand;
use crate::error::Result;
use crate::exit::Exit;
use crate::target::Target;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    backend: String,
    stack: String,
    snapshot_bytes: Option<usize>,
    journal_entries: usize,
    locked_by: Option<&'a ferrocrete_core::state::LockInfo>,
}

pub(super) async fn backend(app: &App<'_>, command: BackendCommand) -> Result<Exit> {
    let target = app.or_interrupted(Target::new(app)).await?;
    match command {
        BackendCommand::Init => {
            let done = app.or_interrupted(target.init()).await?;
            app.io.out(done);
        }
        BackendCommand::Show => show(app, &target).await?,
    }
    Ok(Exit::Ok)
}

async fn show(app: &App<'_>, target: &Target<'_>) -> Result<()> {
    let lock = app.or_interrupted(target.backend.lock_info()).await?;
    let stored = app.or_interrupted(target.backend.load()).await?;
    let bytes = stored.snapshot.as_ref().map(|s| s.bytes.len());
    if app.global.json {
        app.io.out(json_line(&Document {
            format: "ferrocrete-backend",
            version: ferrocrete_core::render::VERSION,
            backend: target.location.url(),
            stack: target.backend.describe(),
            snapshot_bytes: bytes,
            journal_entries: stored.records.len(),
            locked_by: lock.as_ref(),
        }));
        return Ok(());
    }
    let snapshot = match bytes {
        Some(bytes) => format!("{bytes} bytes, {} journal entries", stored.records.len()),
        None => "none yet: `up` was never run".to_owned(),
    };
    let lock = match lock {
        Some(lock) => format!(
            "held by {} (pid {}), running `{}` since {}",
            lock.holder.who, lock.holder.pid, lock.holder.command, lock.since
        ),
        None => "free".to_owned(),
    };
    app.io.out(format!(
        "backend   {}\nstack     {}\nsnapshot  {snapshot}\nlock      {lock}\n",
        target.location.url(),
        target.backend.describe(),
    ));
    Ok(())
}
