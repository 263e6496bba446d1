//! `config show`.

use serde::Serialize;

use super::{json_line, state::table};
use crate::app::App;
use crate::config::Layers;
use crate::error::Result;
use crate::exit::Exit;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    env: &'a str,
    values: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    secret: bool,
    source: String,
}

pub(super) async fn show(app: &App<'_>) -> Result<Exit> {
    let secrets = app.program.secrets(&app.layers).await?;
    let mut values: Vec<Entry> = app
        .layers
        .tree
        .leaves()
        .into_iter()
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, node)| {
            let secret = Layers::is_secret(&key, &secrets);
            let value = (!secret).then(|| node.to_string());
            Entry { key, value, secret, source: node.origin.to_string() }
        })
        .collect();
    values.extend(app.settings.sources.iter().map(|(name, value, origin)| Entry {
        key: format!("ferrocrete.{name}"),
        value: Some(format!("{value:?}")),
        secret: false,
        source: origin.to_string(),
    }));
    if app.global.json {
        let (format, version) = ("ferrocrete-config", ferrocrete_core::render::VERSION);
        let (project, env) = (app.project.as_str(), app.env.as_str());
        app.io.out(json_line(&Document { format, version, project, env, values }));
        return Ok(Exit::Ok);
    }
    if values.is_empty() {
        app.io.err(format!("environment `{}` sets nothing\n", app.env));
    }
    let rows: Vec<[String; 3]> = values
        .into_iter()
        .map(|e| {
            let value = e.value.unwrap_or_else(|| "(secret)".to_owned());
            [format!("{} = {value}", e.key), "#".to_owned(), e.source]
        })
        .collect();
    app.io.out(table(&rows));
    Ok(Exit::Ok)
}
