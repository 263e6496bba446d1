//! [`Runner`]: from `main` to a command line.

use std::fmt::Display;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ferrocrete_core::Stack;
use ferrocrete_core::panics::caught_async;
use ferrocrete_core::resource::Registry;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::args::{Cli, Command, Parsed, parse};
use crate::commands;
use crate::config::{Layers, Place, Settings};
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::io::{Io, Outcome};
use crate::program::{Program, Typed};
use crate::{logging, signals};

/// For programs without configuration; `stack.ENV.toml` is then optional.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct NoConfig {}

/// Turns a program into a command line: `up`, `plan`, `destroy` and the rest.
///
/// ```no_run
/// use ferrocrete_cli::{NoConfig, Runner};
/// use ferrocrete_core::{Error, Stack};
///
/// async fn program(stack: Stack, _: NoConfig) -> Result<(), Error> {
///     stack.export("greeting", "hello");
///     Ok(())
/// }
///
/// fn main() -> std::process::ExitCode {
///     Runner::new("shop").run(program)
/// }
/// ```
#[derive(Clone)]
pub struct Runner<C = NoConfig> {
    project: String,
    config_dir: Option<PathBuf>,
    secret_keys: Vec<String>,
    default_env: String,
    types: Registry,
    config: PhantomData<fn() -> C>,
}

impl Runner {
    /// A command line for the project of this name, so far without configuration.
    pub fn new(project: &str) -> Self {
        Self {
            project: project.to_owned(),
            config_dir: None,
            secret_keys: Vec::new(),
            default_env: "dev".to_owned(),
            types: Registry::default(),
            config: PhantomData,
        }
    }
}

impl<C> Runner<C> {
    /// The type that `stack.ENV.toml`, `FERROCRETE_CONFIG_…` and `--set` fill. Keys that it
    /// does not have are errors.
    #[must_use]
    pub fn config<T: DeserializeOwned>(self) -> Runner<T> {
        Runner {
            project: self.project,
            config_dir: self.config_dir,
            secret_keys: self.secret_keys,
            default_env: self.default_env,
            types: self.types,
            config: PhantomData,
        }
    }

    /// Where `stack.ENV.toml` is looked for before the current folder. Local state is kept
    /// beside it. A relative folder starts at the current one.
    #[must_use]
    pub fn config_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.config_dir = Some(folder.as_ref().to_owned());
        self
    }

    /// Keys, with dots for nested ones, that are secret: asked for without echo when they are
    /// missing and a person is there, and never shown. Fields of type
    /// [`ferrocrete_core::Secret`] are never shown either, but not asked for.
    #[must_use]
    pub fn secret_keys<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.secret_keys.extend(keys.into_iter().map(Into::into));
        self
    }

    /// The environment without `--env` and `FERROCRETE_ENV`. Default: `dev`.
    #[must_use]
    pub fn default_env(mut self, env: &str) -> Self {
        self.default_env = env.to_owned();
        self
    }

    /// Adds resource types and lookups of one's own to AWS's.
    #[must_use]
    pub fn registry(mut self, types: Registry) -> Self {
        self.types = self.types.merge(types);
        self
    }
}

impl<C: DeserializeOwned + 'static> Runner<C> {
    /// Runs the process's command line on a runtime of its own.
    pub fn run<P, E>(self, program: P) -> ExitCode
    where
        P: AsyncFn(Stack, C) -> Result<(), E>,
        E: Display + 'static,
    {
        let io = Io::process();
        let args: Vec<String> =
            std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
        let exit = self.block_on(&args, &io, program);
        exit.into()
    }

    /// Runs a command line, given without the program's name, on a runtime of its own, and
    /// returns what a user would have seen.
    pub fn run_from<P, E>(self, args: &[&str], io: Io, program: P) -> Outcome
    where
        P: AsyncFn(Stack, C) -> Result<(), E>,
        E: Display + 'static,
    {
        let exit = self.block_on(&with_name(args), &io, program);
        io.outcome(exit.code())
    }

    /// As [`Runner::run_from`], inside a runtime that is there already.
    pub async fn run_within<P, E>(self, args: &[&str], io: Io, program: P) -> Outcome
    where
        P: AsyncFn(Stack, C) -> Result<(), E>,
        E: Display + 'static,
    {
        let exit = self.command_line(&with_name(args), &io, program).await;
        io.outcome(exit.code())
    }

    fn block_on<P, E>(&self, args: &[String], io: &Io, program: P) -> Exit
    where
        P: AsyncFn(Stack, C) -> Result<(), E>,
        E: Display + 'static,
    {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(e) => {
                io.err(format!("error: the runtime cannot be started: {e}\n"));
                return Exit::Error;
            }
        };
        let exit = runtime.block_on(self.command_line(args, io, program));
        // A question that nobody will answer any more must not keep the process.
        runtime.shutdown_background();
        exit
    }

    async fn command_line<P, E>(&self, args: &[String], io: &Io, program: P) -> Exit
    where
        P: AsyncFn(Stack, C) -> Result<(), E>,
        E: Display + 'static,
    {
        let typed = Typed::<C, P, E>::new(program);
        let no_colour = args.iter().any(|a| a == "--no-color");
        let json = args.iter().any(|a| a == "--json");
        let done = caught_async(self.dispatch(args, io, &typed)).await;
        let done = done.unwrap_or_else(|panic| {
            Err(CliError::panicked("this program", &panic)
                .hint("this is a bug in Ferrocrete, please report it"))
        });
        let done = match io.take_failure() {
            Some(e) if matches!(done, Ok(Exit::Ok)) => {
                Err(CliError::new(format!("standard output cannot be written: {e}")))
            }
            _ => done,
        };
        match done {
            Ok(exit) => io.named(exit),
            Err(mut error) => {
                error.exit = io.named(error.exit);
                io.err(error.text(io.err_style(no_colour)));
                if json {
                    io.out(error.json() + "\n");
                }
                error.exit
            }
        }
    }

    async fn dispatch(&self, args: &[String], io: &Io, program: &dyn Program) -> Result<Exit> {
        let no_colour = args.iter().any(|a| a == "--no-color");
        let out = io.out_style(no_colour);
        let Cli { global, command } =
            match parse(args, out == ferrocrete_core::render::Style::Ansi)? {
                Parsed::Command(cli) => *cli,
                Parsed::Help(text) => {
                    io.out(text);
                    return Ok(Exit::Ok);
                }
                Parsed::Nothing(text) => {
                    io.err(text);
                    return Ok(Exit::Usage);
                }
            };
        let err = io.err_style(no_colour);
        if io.is_process() {
            logging::start(global.verbose, err == ferrocrete_core::render::Style::Ansi);
            signals::watch(io.clone());
        }
        if let Command::Sandbox(command) = command {
            return commands::sandbox(io, global.json, command).await;
        }
        let env = global.env.clone().or_else(|| io.var("FERROCRETE_ENV").map(str::to_owned));
        let env = env.unwrap_or_else(|| self.default_env.clone());
        ferrocrete_core::urn::check_name("environment", &env)
            .map_err(|e| CliError::new(e.to_string()).exit(Exit::Usage))?;
        let place = Place {
            config_dir: self.config_dir.as_deref(),
            env: &env,
            required: std::any::TypeId::of::<C>() != std::any::TypeId::of::<NoConfig>(),
            secret_keys: &self.secret_keys,
        };
        let layers = Layers::read(&place, io, &global.set)?;
        let settings = Settings::new(&layers, &global, io)?;
        let app = App {
            io: io.clone(),
            global,
            force: command.force(),
            project: self.project.clone(),
            env,
            program,
            types: self.types.clone(),
            layers,
            settings,
            out,
            err,
        };
        commands::run(&app, &command).await
    }
}

fn with_name(args: &[&str]) -> Vec<String> {
    std::iter::once("stack").chain(args.iter().copied()).map(str::to_owned).collect()
}
