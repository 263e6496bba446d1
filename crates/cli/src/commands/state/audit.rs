//! `state audit`.

use std::fmt::Write as _;

use ferrocrete_core::{Audit, Engine};
use serde::Serialize;

use crate::app::App;
use crate::args::AuditArgs;
use crate::commands::json_line;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    clean: bool,
    recorded: usize,
    tagged: usize,
    orphans: Vec<Orphan<'a>>,
    gone: Vec<Gone<'a>>,
    open: Vec<&'a str>,
    untagged_types: Vec<&'a str>,
}

#[derive(Serialize)]
struct Orphan<'a> {
    name: &'a str,
    owner: &'a str,
}

#[derive(Serialize)]
struct Gone<'a> {
    urn: &'a str,
    generation: u64,
    id: &'a str,
}

pub(super) async fn audit(app: &App<'_>, engine: &Engine, args: &AuditArgs) -> Result<Exit> {
    let found = app.or_interrupted(engine.audit()).await?;
    app.io.out(match app.global.json {
        true => json_line(&document(app, &found)),
        false => text(&found),
    });
    Ok(if args.exit_code && !found.is_clean() { Exit::Changes } else { Exit::Ok })
}

fn document<'a>(app: &'a App<'_>, found: &'a Audit) -> Document<'a> {
    let orphan = |o: &'a ferrocrete_core::Orphan| Orphan { name: &o.name, owner: &o.owner };
    let gone = |g: &'a ferrocrete_core::Gone| Gone {
        urn: g.urn.as_str(),
        generation: g.generation,
        id: &g.id,
    };
    Document {
        format: "ferrocrete-audit",
        version: ferrocrete_core::render::VERSION,
        project: &app.project,
        stack: &app.env,
        clean: found.is_clean(),
        recorded: found.recorded,
        tagged: found.tagged,
        orphans: found.orphans.iter().map(orphan).collect(),
        gone: found.gone.iter().map(gone).collect(),
        open: found.open.iter().map(|urn| urn.as_str()).collect(),
        untagged_types: found.untagged.iter().map(String::as_str).collect(),
    }
}

fn text(found: &Audit) -> String {
    let mut out = String::new();
    if !found.orphans.is_empty() {
        out.push_str("In the account with this stack's tags, but not in state:\n");
        for orphan in &found.orphans {
            let who = match &orphan.urn {
                Some(urn) => format!("{} {}", urn.type_name(), urn.short()),
                None => orphan.owner.clone(),
            };
            let _ = writeln!(out, "  {who}  {}", orphan.name);
        }
        out.push_str(
            "  what to do: delete them by hand, or `state restore` a snapshot that has them\n",
        );
    }
    if !found.gone.is_empty() {
        out.push_str("In state, but gone from the account:\n");
        for gone in &found.gone {
            let _ = writeln!(out, "  {} {}  {}", gone.urn.type_name(), gone.urn.short(), gone.id);
        }
        out.push_str("  what to do: `up` makes them again; `refresh` forgets them\n");
    }
    if !found.open.is_empty() {
        let open: Vec<String> = found.open.iter().map(|urn| urn.short()).collect();
        let _ = writeln!(out, "Interrupted, to be settled by the next run: {}", open.join(", "));
    }
    let (recorded, tagged) = (found.recorded, found.tagged);
    let verdict = if found.is_clean() { "state and account agree" } else { "they differ" };
    let _ = writeln!(
        out,
        "{recorded} resources in state, {tagged} things with its tags in the account: {verdict}"
    );
    if !found.untagged.is_empty() {
        let types: Vec<&str> = found.untagged.iter().map(String::as_str).collect();
        let _ = writeln!(
            out,
            "(without tags, so that orphans of these types cannot be found: {})",
            types.join(", ")
        );
    }
    out
}
