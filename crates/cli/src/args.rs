//! The command line's grammar.

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::error::{CliError, Result};
use crate::exit::Exit;

/// Plans and applies the infrastructure that this program declares.
#[derive(Debug, Parser)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  {bin} up                           plan, ask, apply
  {bin} plan --env prod              what would change in prod
  {bin} up --sandbox --yes           try it on a local AWS emulator, no account needed
  {bin} outputs app_url              one value, for scripts
  {bin} destroy                      delete everything again

Exit codes:
  0 done   1 error   2 changes (--exit-code)   3 wrong command line
  4 locked by somebody else   5 some steps failed
  130 Ctrl-C   143 SIGTERM   129 terminal closed"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Environment: picks `stack.ENV.toml` and names the stack [env: FERROCRETE_ENV]
    #[arg(long, short, global = true, value_name = "ENV")]
    pub env: Option<String>,
    /// Overrides a configuration key: `--set database.port=5433` (repeatable)
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Where state is kept: `file://PATH` or `s3://BUCKET/PREFIX?table=NAME`
    /// [env: FERROCRETE_BACKEND]
    #[arg(long, global = true, value_name = "URL")]
    pub backend: Option<String>,
    /// AWS region [env: FERROCRETE_REGION]
    #[arg(long, global = true)]
    pub region: Option<String>,
    /// Profile of the AWS configuration files [env: FERROCRETE_PROFILE]
    #[arg(long, global = true)]
    pub profile: Option<String>,
    /// Run against a local AWS emulator instead of AWS
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Print JSON, one document per line
    #[arg(long, global = true)]
    pub json: bool,
    /// Ask nothing
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// Most operations at once; waiting does not count [default: 32]
    #[arg(long, global = true, value_name = "N", value_parser = parallel)]
    pub parallel: Option<usize>,
    /// How long to wait for a lock that somebody else holds, such as `10m`
    /// [env: FERROCRETE_LOCK_TIMEOUT] [default: 0s]
    #[arg(long, global = true, value_name = "TIME")]
    pub lock_timeout: Option<String>,
    /// After how long without a sign of life others take the lock over, 1s to 10m
    /// [env: FERROCRETE_LEASE] [default: 15s]
    #[arg(long, global = true, value_name = "TIME")]
    pub lease: Option<String>,
    /// Do not read live state before planning
    #[arg(long, global = true)]
    pub no_refresh: bool,
    /// No colour and no redrawing; so does the variable NO_COLOR
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Say more on standard error: -v, -vv, -vvv
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// What encrypts secrets in state: `passphrase`, `keyfile[:PATH]` or `kms:KEY`
    /// [env: FERROCRETE_SECRETS]
    #[arg(long, global = true, value_name = "HOW")]
    pub secrets: Option<String>,
}

fn parallel(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1000) => Ok(n),
        _ => Err("give a number from 1 to 1000".into()),
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows what would change, asks, and applies it
    #[command(after_help = "\
Examples:
  {bin} up                           shows the plan and asks
  {bin} up --yes                     asks nothing, for scripts
  {bin} up --set web.size=t3.small   with another value for once
  {bin} up --sandbox                 on the local AWS emulator

Ctrl-C once: nothing new is started, what runs is finished and recorded. Twice, SIGTERM, or a
closed terminal: waits end, too. Either way the next `up` goes on from there.

A stack has one writer at a time. In CI, where runs queue up: {bin} up --yes --lock-timeout 10m")]
    Up(ForceArgs),
    /// Shows what `up` would do; changes nothing and takes no lock
    #[command(
        visible_alias = "preview",
        after_help = "\
Examples:
  {bin} plan
  {bin} plan --exit-code             0: nothing to do, 2: changes, 1: error
  {bin} plan --format markdown       for a comment on a pull request
  {bin} plan --json                  for programs"
    )]
    Plan(PlanArgs),
    /// Deletes everything in the stack
    #[command(after_help = "\
Examples:
  {bin} destroy                      shows what would go and asks
  {bin} destroy --sandbox --yes
  {bin} destroy --force              also while other stacks read its exports")]
    Destroy(ForceArgs),
    /// Shows what was changed outside, and records what is gone; changes nothing in AWS
    #[command(after_help = "\
Examples:
  {bin} refresh
  {bin} refresh --env prod")]
    Refresh,
    /// Prints the stack's exports, or the bare value of one
    #[command(after_help = "\
Examples:
  {bin} outputs                      all of them
  {bin} outputs app_url              curl \"$({bin} outputs app_url)\"
  {bin} outputs db_password --show-secrets
  {bin} outputs --json")]
    Outputs(OutputsArgs),
    /// Shows what state records, checks it, brings a former one back
    #[command(
        subcommand,
        after_help = "\
Examples:
  {bin} state list
  {bin} state show network/public    by name, or by the whole urn
  {bin} state history                former snapshots, the newest first
  {bin} state restore 41             brings snapshot 41 back as the next one
  {bin} state scrub                  removes snapshots that show what is secret by now
  {bin} state forget network/old     removes its record, leaves it in AWS
  {bin} state verify                 is what is stored sound?
  {bin} state audit                  does it say what the account holds?"
    )]
    State(StateCommand),
    /// Sets up or describes the place where state is kept
    #[command(
        subcommand,
        after_help = "\
Examples:
  {bin} backend init --backend s3://my-bucket/state
  {bin} backend show"
    )]
    Backend(BackendCommand),
    /// Takes the lock away from a run that is gone
    #[command(after_help = "\
Examples:
  {bin} unlock                       shows who holds it and asks
  {bin} unlock --yes

A run that lost its lock can record nothing more and stops. A run that was killed blocks
others for 15 seconds at most (see --lease), even without this.")]
    Unlock,
    /// Shows the configuration and where each value comes from
    #[command(
        subcommand,
        after_help = "\
Examples:
  {bin} config show --env prod
  FERROCRETE_CONFIG_WEB__SIZE=t3.small {bin} config show"
    )]
    Config(ConfigCommand),
    /// Draws the dependency graph
    #[command(after_help = "\
Examples:
  {bin} graph | dot -Tsvg > graph.svg
  {bin} graph --format mermaid")]
    Graph(GraphArgs),
    /// Starts, stops or describes the local AWS emulator
    #[command(
        subcommand,
        after_help = "\
Examples:
  {bin} sandbox start
  eval \"$({bin} sandbox status)\"     then `aws s3 ls` and other tools see the emulator
  {bin} sandbox status --json
  {bin} sandbox stop"
    )]
    Sandbox(SandboxCommand),
}

/// Of `plan`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlanArgs {
    /// End with 2 when there is something to do
    #[arg(long)]
    pub exit_code: bool,
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    pub format: PlanFormat,
    /// What `destroy` would do
    #[arg(long)]
    pub destroy: bool,
    #[command(flatten)]
    pub force: ForceArgs,
}

/// Of whatever may take exports away.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct ForceArgs {
    /// Take exports away although other stacks read them
    #[arg(long)]
    pub force: bool,
}

impl Command {
    /// Whether exports may go that other stacks read.
    pub fn force(&self) -> bool {
        match self {
            Command::Up(args) | Command::Destroy(args) => args.force,
            Command::Plan(args) => args.force.force,
            _ => false,
        }
    }
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// Of `outputs`.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputsArgs {
    /// Print only this one, without quotes
    pub name: Option<String>,
    /// Print secrets in plain
    #[arg(long)]
    pub show_secrets: bool,
}

/// Of `state`.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StateCommand {
    /// Lists what is recorded
    List,
    /// Shows one resource
    Show {
        /// Its urn, or its name as `state list` prints it
        resource: String,
    },
    /// Lists present and former snapshots: who wrote them, when, and where they are
    History(HistoryArgs),
    /// Brings a former snapshot back as a new one; removes nothing, changes nothing in AWS
    Restore {
        /// Its serial, as `state history` prints it
        serial: u64,
    },
    /// Removes former snapshots that hold in plain what is secret by now; asks before
    Scrub,
    /// Removes the record of a resource, which stays where it is and is managed no more
    Forget {
        /// Its urn, or its name as `state list` prints it
        resource: String,
    },
    /// Checks snapshot, journal, key and secrets; writes nothing
    Verify,
    /// Compares state with the account: what is tagged as this stack's but not in state, and
    /// what is in state but gone; writes nothing
    Audit(AuditArgs),
}

/// Of `state history`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HistoryArgs {
    /// How many former snapshots to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

/// Of `state audit`.
#[derive(Debug, Clone, Args)]
pub(crate) struct AuditArgs {
    /// End with 2 when state and account differ
    #[arg(long)]
    pub exit_code: bool,
}

/// Of `backend`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum BackendCommand {
    /// Makes folder, or bucket and table; can be run twice
    Init,
    /// Where state is, what is in it, who holds the lock
    Show,
}

/// Of `config`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Every key with its value and source; secrets are not shown
    Show,
}

/// Of `graph`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GraphArgs {
    /// Which language
    #[arg(long, value_enum, default_value = "dot")]
    pub format: GraphFormat,
}

/// How a graph is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Graphviz
    Dot,
    /// Mermaid, which Markdown viewers draw
    Mermaid,
}

/// Of `sandbox`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Installs it at first use and starts it in the background
    Start,
    /// Ends it; everything in it is lost
    Stop,
    /// Says whether it runs, and how other tools reach it
    Status,
    /// Empties it
    Reset,
}

/// What clap answers instead of a command: help, a version, or what is wrong.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// A command.
    Command(Box<Cli>),
    /// Help that was asked for.
    Help(String),
    /// Help because nothing was asked for.
    Nothing(String),
}

/// Parses the arguments; the first is the program's own name.
pub(crate) fn parse(args: &[String], colour: bool) -> Result<Parsed> {
    let program = args.first().map_or("stack", String::as_str);
    let bin = std::path::Path::new(program)
        .file_stem()
        .map_or_else(|| "stack".to_owned(), |s| s.to_string_lossy().into_owned());
    let command = named(Cli::command(), &bin).bin_name(bin.clone());
    let parsed = command.try_get_matches_from(args).and_then(|m| Cli::from_arg_matches(&m));
    let error = match parsed {
        Ok(cli) => return Ok(Parsed::Command(Box::new(cli))),
        Err(error) => error,
    };
    let rendered = error.render();
    let text = if colour { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        if error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
            return Ok(Parsed::Nothing(text));
        }
        let text = rendered.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
        return Err(CliError::new(text).exit(Exit::Usage));
    }
    Ok(Parsed::Help(text))
}

/// Puts the program's name into the examples.
fn named(command: clap::Command, bin: &str) -> clap::Command {
    let help = command.get_after_help().map(|h| h.to_string().replace("{bin}", bin));
    let command = match help {
        Some(help) => command.after_help(help),
        None => command,
    };
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    names.into_iter().fold(command, |c, name| c.mut_subcommand(name, |sub| named(sub, bin)))
}

#[cfg(test)]
mod tests;
