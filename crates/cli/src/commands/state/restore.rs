//! `state restore`.

use std::fmt::Write as _;

use ferrocrete_core::Engine;
use ferrocrete_core::state::{ResourceKey, RestorePreview};
use serde::Serialize;

use crate::app::App;
use crate::commands::json_line;
use crate::error::{CliError, Result};
use crate::target::Target;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    from: u64,
    serial: u64,
    resources: usize,
    replayed: u64,
    forgotten: Vec<&'a str>,
    returned: Vec<&'a str>,
}

pub(super) async fn restore(
    app: &App<'_>,
    target: &Target<'_>,
    engine: &Engine,
    serial: u64,
) -> Result<()> {
    app.refuse_unasked(&format!("state restore {serial}"))?;
    let preview = app.or_interrupted(engine.preview_restore(serial)).await?;
    if !app.global.json {
        app.io.out(described(&preview));
    }
    if !app.confirm("Bring it back as the next snapshot?").await? {
        return Err(CliError::new("state restore was declined: nothing was changed"));
    }
    target.before_writing()?;
    // Not to be cut off half-way: it is over in a moment.
    let restored = engine.restore(&app.holder("state restore"), serial).await?;
    app.io.out(match app.global.json {
        true => json_line(&Document {
            format: "ferrocrete-restore",
            version: ferrocrete_core::render::VERSION,
            project: &app.project,
            stack: &app.env,
            from: restored.from,
            serial: restored.serial,
            resources: restored.resources,
            replayed: restored.replayed,
            forgotten: urns(&preview.forgotten),
            returned: urns(&preview.returned),
        }),
        false => format!(
            "snapshot {} is back as {}, with {} resources; `state audit` compares it with the \
             account, `plan` says what `up` would do\n",
            restored.from, restored.serial, restored.resources
        ),
    });
    Ok(())
}

fn urns(keys: &[ResourceKey]) -> Vec<&str> {
    keys.iter().map(|(urn, _)| urn.as_str()).collect()
}

fn described(preview: &RestorePreview) -> String {
    let RestorePreview { serial, place, resources, .. } = preview;
    let mut out = format!("snapshot {serial} holds {resources} resources ({place})\n");
    if let Some(w) = &preview.written {
        let _ = writeln!(out, "  written by {} with `{}` at {}", w.by, w.command, w.at);
    }
    if let Some(error) = &preview.unreadable {
        let why = CliError::from(error.clone()).message;
        let _ = writeln!(out, "  state cannot be read now: {why}");
        out.push_str("  what the journal still holds is added to that snapshot\n");
    }
    let lists = [
        ("state would no longer know (they stay in the account)", &preview.forgotten),
        ("state would list again (whether or not they still exist)", &preview.returned),
    ];
    for (what, keys) in lists.into_iter().filter(|(_, keys)| !keys.is_empty()) {
        let _ = writeln!(out, "  {what}:");
        for (urn, generation) in keys {
            let _ = write!(out, "    {} {}", urn.type_name(), urn.short());
            let _ = match generation {
                1 => writeln!(out),
                later => writeln!(out, " (generation {later})"),
            };
        }
    }
    out
}
