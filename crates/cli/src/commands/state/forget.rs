//! `state forget`.

use ferrocrete_core::Engine;
use serde::Serialize;

use super::named;
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
    urn: &'a str,
    generations: Vec<u64>,
}

pub(super) async fn forget(
    app: &App<'_>,
    target: &Target<'_>,
    engine: &Engine,
    wanted: &str,
) -> Result<()> {
    app.refuse_unasked(&format!("state forget {wanted}"))?;
    let state = app.or_interrupted(engine.state()).await?;
    let urns = state.resources.keys().chain(state.intents.keys()).map(|(urn, _)| urn);
    let urn = named(urns, wanted)?;
    if !app.global.json {
        let mut text = format!("{} {}\n", urn.type_name(), urn.short());
        for resource in state.generations(urn) {
            text.push_str(&format!("  {}, generation {}\n", resource.id, resource.generation));
        }
        app.io.out(text);
    }
    if !app.confirm("Remove it from state? It stays in AWS and is managed no more.").await? {
        return Err(CliError::new("state forget was declined: nothing was changed"));
    }
    target.before_writing()?;
    // Not to be cut off half-way: it is over in a moment.
    let forgotten = engine.forget(&app.holder("state forget"), urn).await?;
    app.io.out(match app.global.json {
        true => json_line(&Document {
            format: "ferrocrete-forget",
            version: ferrocrete_core::render::VERSION,
            project: &app.project,
            stack: &app.env,
            urn: urn.as_str(),
            generations: forgotten.iter().map(|(_, generation)| *generation).collect(),
        }),
        false => format!(
            "state no longer knows `{}`, which is as it was in AWS; a program that declares it \
             makes a new one\n",
            urn.short()
        ),
    });
    Ok(())
}
