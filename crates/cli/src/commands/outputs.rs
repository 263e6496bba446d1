//! `outputs`.

use ferrocrete_core::Value;
use ferrocrete_core::render::{exports_text, outputs_json, revealed_json, value_json};
use ferrocrete_core::value::PropertyMap;

use crate::app::App;
use crate::args::OutputsArgs;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::target::Target;

pub(super) async fn outputs(app: &App<'_>, args: &OutputsArgs) -> Result<Exit> {
    let target = app.or_interrupted(Target::new(app)).await?;
    let engine = target.engine(ferrocrete_core::event::Events::none()).await?;
    let exports = app.or_interrupted(engine.state()).await?.exports;
    if let Some(name) = &args.name {
        let value = exports.get(name).ok_or_else(|| unknown(app, name, &exports))?;
        app.io.out(bare(app, name, value, args.show_secrets)? + "\n");
        return Ok(Exit::Ok);
    }
    if app.global.json {
        let text = outputs_json(&app.project, &app.env, &exports, args.show_secrets);
        app.io.out(text + "\n");
    } else if exports.is_empty() {
        app.io.err(format!("{}/{} exports nothing yet\n", app.project, app.env));
    } else {
        let shown: PropertyMap = match args.show_secrets {
            true => exports.iter().map(|(k, v)| (k.clone(), v.reveal())).collect(),
            false => exports,
        };
        app.io.out(exports_text(&shown, app.out));
    }
    Ok(Exit::Ok)
}

/// The value as a script wants it: text without quotes, everything else as JSON.
fn bare(app: &App<'_>, name: &str, value: &Value, reveal: bool) -> Result<String> {
    if value.has_secret() && !reveal && !app.global.json {
        return Err(CliError::new(format!("export `{name}` is secret"))
            .hint("add --show-secrets to print it in plain"));
    }
    Ok(match (app.global.json, reveal) {
        (true, false) => value_json(value),
        (true, true) => revealed_json(value),
        (false, _) => match value.reveal() {
            Value::String(text) => text,
            other => value_json(&other),
        },
    })
}

fn unknown(app: &App<'_>, name: &str, exports: &PropertyMap) -> CliError {
    let error = CliError::new(format!("{}/{} has no export `{name}`", app.project, app.env));
    if exports.is_empty() {
        return error.hint("nothing is exported yet: run `up` first");
    }
    let names: Vec<&str> = exports.keys().map(String::as_str).collect();
    error.hint(format!("there are: {}", names.join(", ")))
}
