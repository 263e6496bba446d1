//! `unlock`.

use serde::Serialize;

use super::json_line;
use crate::app::App;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::target::Target;
use ferrocrete_core::state::LockInfo;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    evicted: Option<&'a LockInfo>,
}

pub(super) async fn unlock(app: &App<'_>) -> Result<Exit> {
    app.refuse_unasked("unlock")?;
    let target = app.or_interrupted(Target::new(app)).await?;
    let Some(lock) = app.or_interrupted(target.backend.lock_info()).await? else {
        say(app, None, "nobody holds the lock".into());
        return Ok(Exit::Ok);
    };
    if !app.global.yes {
        app.io.err(format!("The lock is held by {lock}.\n"));
    }
    if !app.confirm("Take it away? That run can then record nothing more.").await? {
        return Err(CliError::new("unlock was declined: nothing was changed"));
    }
    let evicted = app.or_interrupted(target.backend.unlock()).await?;
    let text = match &evicted {
        Some(lock) => format!("unlocked; it was held by {lock}"),
        None => "nobody held the lock any more".to_owned(),
    };
    say(app, evicted.as_ref(), text);
    Ok(Exit::Ok)
}

fn say(app: &App<'_>, evicted: Option<&LockInfo>, text: String) {
    let (format, version) = ("ferrocrete-unlock", ferrocrete_core::render::VERSION);
    app.io.out(match app.global.json {
        true => json_line(&Document { format, version, evicted }),
        false => text + "\n",
    });
}
