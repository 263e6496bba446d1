//! [`App`]: one run of the command line.

use ferrocrete_core::graph::Graph;
use ferrocrete_core::render::Style;
use ferrocrete_core::resource::Registry;
use ferrocrete_core::state::Holder;
use ferrocrete_core::{Engine, EngineOptions, Session};

use crate::args::Global;
use crate::config::{Layers, Settings};
use crate::error::{CliError, Result};
use crate::io::Io;
use crate::program::Program;

/// One run of the command line.
pub(crate) struct App<'a> {
    pub io: Io,
    pub global: Global,
    /// Whether exports may go that other stacks read.
    pub force: bool,
    pub project: String,
    pub env: String,
    pub program: &'a dyn Program,
    /// Resource types besides AWS's.
    pub types: Registry,
    pub layers: Layers,
    pub settings: Settings,
    /// Colour of standard output.
    pub out: Style,
    /// Colour of standard error.
    pub err: Style,
}

impl App<'_> {
    /// How the engine is to work.
    pub fn engine_options(&self) -> EngineOptions {
        let default = EngineOptions::default();
        EngineOptions {
            refresh: !self.global.no_refresh,
            force: self.force,
            parallel: self.settings.parallel.unwrap_or(default.parallel),
            lock_timeout: self.settings.lock_timeout.unwrap_or(default.lock_timeout),
            lease: self.settings.lease.unwrap_or(default.lease),
            ..default
        }
    }

    /// Runs the user's program and checks what it declares.
    pub async fn graph(&self, engine: &Engine) -> Result<Graph> {
        let stack = engine.stack();
        self.or_interrupted(self.program.declare(&self.layers, &self.io, stack.clone())).await?;
        Ok(engine.graph(&stack)?)
    }

    /// The future, or an error as soon as Ctrl-C comes: for what changes nothing.
    pub async fn or_interrupted<T, E: Into<CliError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        tokio::select! {
            done = work => done.map_err(Into::into),
            () = self.io.interrupt().reached(1) => Err(CliError::interrupted()),
        }
    }

    /// Takes the lock for a command; Ctrl-C meanwhile leaves it free.
    pub async fn session(&self, engine: &Engine, command: &str) -> Result<Session> {
        let (holder, interrupt) = (self.holder(command), self.io.interrupt());
        let mut opening = std::pin::pin!(engine.session_unless(&holder, interrupt));
        tokio::select! {
            biased;
            opened = &mut opening => return Ok(opened?),
            () = interrupt.reached(1) => {}
        }
        self.io
            .err("stopping: giving the lock back; press Ctrl-C twice more to leave it to expire\n");
        Ok(opening.await?)
    }

    /// Refuses a command that would ask where nobody can answer.
    pub fn refuse_unasked(&self, command: &str) -> Result<()> {
        if self.global.yes {
            return Ok(());
        }
        if self.global.json {
            return Err(CliError::new(format!("`{command} --json` asks no question"))
                .hint(format!("add --yes, after a look at `plan`: {command} --json --yes")));
        }
        if self.io.is_interactive() {
            return Ok(());
        }
        Err(CliError::new(format!(
            "`{command}` asks before it changes anything, but there is no terminal to answer on"
        ))
        .hint(format!("add --yes to go on without a question: {command} --yes")))
    }

    /// Asks; anything but yes is no.
    pub async fn confirm(&self, question: &str) -> Result<bool> {
        if self.global.yes {
            return Ok(true);
        }
        let answer = self.io.ask(&format!("{question} [y/N] ")).await;
        if self.io.interrupt().count() > 0 {
            return Err(CliError::interrupted());
        }
        let answer = answer.unwrap_or_default().to_ascii_lowercase();
        Ok(matches!(answer.as_str(), "y" | "yes"))
    }

    /// Who this is, for others who find the stack locked.
    pub fn holder(&self, command: &str) -> Holder {
        let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|v| self.io.var(v));
        Holder {
            id: uuid::Uuid::new_v4().to_string(),
            who: format!("{}@{}", user.unwrap_or("somebody"), host(&self.io)),
            pid: std::process::id(),
            command: command.to_owned(),
        }
    }
}

fn host(io: &Io) -> String {
    let file = || std::fs::read_to_string("/etc/hostname").ok();
    let tool = || {
        let output = std::process::Command::new("hostname").output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let name = ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|v| io.var(v)).map(str::to_owned);
    let name = name.or_else(file).or_else(tool).unwrap_or_default();
    match name.trim() {
        "" => "unknown-host".to_owned(),
        name => name.to_owned(),
    }
}
