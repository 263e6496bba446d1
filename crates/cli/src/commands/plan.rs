//! `plan`.

use ferrocrete_core::render::{plan_json, plan_markdown, plan_text};

use crate::app::App;
use crate::args::{PlanArgs, PlanFormat};
use crate::error::Result;
use crate::exit::Exit;
use crate::target::Target;
use crate::view::View;

pub(super) async fn plan(app: &App<'_>, args: &PlanArgs) -> Result<Exit> {
    let view = View::new_quiet(app);
    let made = app
        .or_interrupted(async {
            let target = Target::new(app).await?;
            let engine = target.engine(view.events()).await?;
            if args.destroy {
                return Ok(engine.plan_destroy().await?);
            }
            let graph = app.graph(&engine).await?;
            Ok::<_, crate::error::CliError>(engine.plan(&graph).await?)
        })
        .await;
    view.close().await;
    let plan = made?;
    let format = if app.global.json { PlanFormat::Json } else { args.format };
    app.io.out(match format {
        PlanFormat::Text => plan_text(&plan, app.out),
        PlanFormat::Json => plan_json(&plan) + "\n",
        PlanFormat::Markdown => plan_markdown(&plan),
    });
    let changes = !plan.is_empty() || plan.exports.values().any(|e| e.old != e.new);
    Ok(if args.exit_code && changes { Exit::Changes } else { Exit::Ok })
}
