//! `graph`.

use ferrocrete_core::render::{dot, mermaid};

use crate::app::App;
use crate::args::{GraphArgs, GraphFormat};
use crate::error::Result;
use crate::exit::Exit;
use crate::target::Target;

pub(super) async fn graph(app: &App<'_>, args: &GraphArgs) -> Result<Exit> {
    let target = app.or_interrupted(Target::new(app)).await?;
    let engine = target.engine(ferrocrete_core::event::Events::none()).await?;
    let graph = app.graph(&engine).await?;
    app.io.out(match args.format {
        GraphFormat::Dot => dot(&graph),
        GraphFormat::Mermaid => mermaid(&graph),
    });
    Ok(Exit::Ok)
}
