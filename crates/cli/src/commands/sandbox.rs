//! `sandbox start|stop|status|reset`: needs no program and no configuration.

use std::collections::BTreeMap;

use ferrocrete_sandbox::{Info, Sandbox};
use serde::Serialize;

use super::json_line;
use crate::args::SandboxCommand;
use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::io::Io;
use crate::sandbox::{options, start};

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    running: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boot_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<BTreeMap<String, String>>,
}

pub(crate) async fn sandbox(io: &Io, json: bool, command: SandboxCommand) -> Result<Exit> {
    match command {
        SandboxCommand::Start => {
            let sandbox = start(io).await?;
            describe(io, json, sandbox.info());
        }
        SandboxCommand::Status => {
            let Some(sandbox) = Sandbox::running(&options(io)).await? else {
                if json {
                    stopped(io);
                }
                return Err(CliError::new("the sandbox is not running")
                    .hint("`sandbox start` starts it, and so does --sandbox on any command"));
            };
            describe(io, json, sandbox.info());
        }
        SandboxCommand::Stop => {
            let running = Sandbox::running(&options(io)).await?;
            if let Some(sandbox) = &running {
                sandbox.stop().await?;
            }
            let said = if running.is_some() { "stopped" } else { "was not running" };
            match json {
                true => stopped(io),
                false => io.out(format!("the sandbox {said}\n")),
            }
        }
        SandboxCommand::Reset => {
            let Some(sandbox) = Sandbox::running(&options(io)).await? else {
                return Err(CliError::new("the sandbox is not running, so it holds nothing"));
            };
            sandbox.reset(None).await?;
            let empty = Sandbox::running(&options(io)).await?.unwrap_or(sandbox);
            match json {
                true => describe(io, json, empty.info()),
                false => io.out("the sandbox is empty\n"),
            }
        }
    }
    Ok(Exit::Ok)
}

/// The variables of the account in use.
fn variables(io: &Io, info: &Info) -> BTreeMap<String, String> {
    let mut env = info.env.clone();
    if let Some(account) = io.var("FERROCRETE_SANDBOX_ACCOUNT") {
        env.insert("AWS_ACCESS_KEY_ID".into(), account.to_owned());
    }
    env
}

fn describe(io: &Io, json: bool, info: &Info) {
    let env = variables(io, info);
    if json {
        let account = io.var("FERROCRETE_SANDBOX_ACCOUNT").unwrap_or(&info.account);
        return io.out(json_line(&Document {
            endpoint: Some(&info.endpoint),
            account: Some(account),
            region: Some(&info.region),
            pid: Some(info.pid),
            boot_id: Some(&info.boot_id),
            env: Some(env),
            ..document(true)
        }));
    }
    io.err(format!(
        "# sandbox at {} (pid {}); for other tools: eval \"$(… sandbox status)\"\n",
        info.endpoint, info.pid
    ));
    for (name, value) in env {
        io.out(format!("export {name}={value}\n"));
    }
}

fn stopped(io: &Io) {
    io.out(json_line(&document(false)));
}

fn document(running: bool) -> Document<'static> {
    Document {
        format: "ferrocrete-sandbox",
        version: ferrocrete_core::render::VERSION,
        running,
        endpoint: None,
        account: None,
        region: None,
        pid: None,
        boot_id: None,
        env: None,
    }
}
