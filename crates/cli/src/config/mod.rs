//! Configuration of one environment: `stack.ENV.toml`, over it environment variables
//! `FERROCRETE_CONFIG_…`, over them `--set`; each value knows where it comes from.

mod de;
mod explain;
mod fault;
mod node;
mod settings;
mod toml;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::error::{CliError, Result};
use crate::exit::Exit;
use crate::io::Io;

use de::{De, Notes};
use fault::{Fault, Problem};
pub(crate) use node::{Kind, Node, Origin};
pub(crate) use settings::{SecretsBy, Settings};

/// Prefix of the variables that override configuration.
const PREFIX: &str = "FERROCRETE_CONFIG_";
/// The table that is the command line's own.
const OWN_TABLE: &str = "ferrocrete";

/// Where configuration is looked for.
pub(crate) struct Place<'a> {
    /// The folder named in the program.
    pub config_dir: Option<&'a Path>,
    /// The environment.
    pub env: &'a str,
    /// Whether the program has a configuration at all.
    pub required: bool,
    /// Keys that are secret besides those whose type says so.
    pub secret_keys: &'a [String],
}

/// All layers, one over the other.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// The program's part.
    pub tree: Node,
    /// The command line's own part.
    pub own: Option<Node>,
    /// Name of the file, for messages.
    pub file: Arc<str>,
    /// Folder of the file; local state is kept beside it.
    pub folder: PathBuf,
    secret_keys: Vec<String>,
}

/// A configuration, and which of its keys are secret.
pub(crate) struct Filled<C> {
    pub config: C,
    pub secrets: BTreeSet<String>,
}

impl Layers {
    /// Reads the layers.
    pub fn read(place: &Place<'_>, io: &Io, sets: &[String]) -> Result<Self> {
        let name = format!("stack.{}.toml", place.env);
        let mut folders: Vec<PathBuf> = Vec::new();
        folders.extend(place.config_dir.filter(|d| d.is_dir()).map(|d| io.folder().join(d)));
        if !folders.iter().any(|f| f == io.folder()) {
            folders.push(io.folder().to_owned());
        }
        let found = folders.iter().find(|f| f.join(&name).is_file());
        let folder = found.unwrap_or(&folders[0]).clone();
        let file: Arc<str> = shown(&folder.join(&name), io.folder()).into();
        let tree = match found {
            Some(folder) => read_file(&folder.join(&name), &file)?,
            None if place.required => return Err(explain::no_file(&name, place.env, &folders)),
            None => Node::new(Kind::Table(Default::default()), Origin::File(file.clone(), 1)),
        };
        Self { tree, own: None, file, folder, secret_keys: place.secret_keys.to_vec() }
            .with_overrides(io, sets)
    }

    /// The layers over a file's text, for fuzzing.
    pub fn of_text(text: &str, io: &Io, sets: &[String]) -> Result<Self> {
        let file: Arc<str> = "stack.toml".into();
        let tree = parse_file(&file, text)?;
        Self { tree, own: None, file, folder: PathBuf::new(), secret_keys: Vec::new() }
            .with_overrides(io, sets)
    }

    /// Puts variables and `--set` over the file, and takes out what is the command line's own.
    fn with_overrides(mut self, io: &Io, sets: &[String]) -> Result<Self> {
        for (variable, value) in io.vars() {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            let key = rest.to_ascii_lowercase();
            let path: Vec<&str> = key.split("__").collect();
            if path.iter().any(|p| p.is_empty()) {
                return Err(CliError::new(format!("environment variable {variable} names no key"))
                    .hint(format!(
                        "nested keys are joined by two underscores: {PREFIX}DATABASE__HOST"
                    )));
            }
            let origin = Origin::Env(variable.as_str().into());
            self.tree.put(&path, Node::new(Kind::Loose(value.clone()), origin));
        }
        for set in sets {
            let (key, value) = parse_set(set)?;
            let path: Vec<&str> = key.split('.').collect();
            self.tree.put(&path, Node::new(Kind::Loose(value.to_owned()), Origin::Set));
        }
        self.own = match &mut self.tree.kind {
            Kind::Table(table) => table.remove(OWN_TABLE),
            _ => None,
        };
        Ok(self)
    }

    /// The program's configuration.
    ///
    /// `ask` is called with a secret key that is missing, and answers with its value.
    pub async fn fill<C: DeserializeOwned>(
        &self,
        ask: impl AsyncFn(&str) -> Option<String>,
    ) -> Result<Filled<C>> {
        let mut tree = self.tree.clone();
        loop {
            let notes = Rc::new(RefCell::new(Notes::default()));
            let result = C::deserialize(De::new(tree.clone(), notes.clone()));
            let notes = notes.take();
            let fault = match result {
                Ok(config) if notes.unknown.is_empty() => {
                    let mut secrets = notes.secrets;
                    secrets.extend(self.secret_keys.iter().cloned());
                    return Ok(Filled { config, secrets });
                }
                Ok(_) => None,
                Err(fault) => Some(fault),
            };
            if let Some(key) = fault.as_ref().and_then(|f| self.missing_secret(f))
                && notes.unknown.is_empty()
                && let Some(answer) = ask(&key).await
            {
                let path: Vec<&str> = key.split('.').collect();
                tree.put(&path, Node::new(Kind::Text(answer), Origin::Prompt));
                continue;
            }
            return Err(explain::problems(self, fault.as_ref(), &notes));
        }
    }

    fn missing_secret(&self, fault: &Fault) -> Option<String> {
        let missing = matches!(fault.problem, Problem::Missing { .. });
        Some(fault.key()).filter(|key| missing && self.secret_keys.contains(key))
    }

    /// Says which secrets everybody on this machine could read.
    pub fn warn_of_open_secrets(&self, secrets: &BTreeSet<String>, io: &Io) {
        for (path, node) in self.tree.leaves() {
            if node.origin == Origin::Set && Self::is_secret(&path, secrets) {
                io.err(format!(
                    "warning: `{path}` is secret, but command lines can be read by others on this \
                     machine: set {} instead\n",
                    variable(&path)
                ));
            }
        }
    }

    /// Whether a key is, holds, or stands in something secret.
    pub fn is_secret(path: &str, secrets: &BTreeSet<String>) -> bool {
        let inside = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']))
        };
        secrets.iter().any(|s| path.is_empty() || inside(s, path) || inside(path, s))
    }
}

fn read_file(path: &Path, name: &Arc<str>) -> Result<Node> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| CliError::new(format!("{name} cannot be read: {e}")))?;
    parse_file(name, &text)
}

fn parse_file(name: &Arc<str>, text: &str) -> Result<Node> {
    toml::file(name, text)
        .map_err(|bad| CliError::new(format!("{name}:{} is not valid TOML: {}", bad.line, bad.why)))
}

fn parse_set(set: &str) -> Result<(&str, &str)> {
    let usage = |why: String| {
        CliError::new(why)
            .hint("write --set KEY=VALUE, with dots for nested keys: --set database.port=5433")
            .exit(Exit::Usage)
    };
    let (key, value) = set
        .split_once('=')
        .ok_or_else(|| usage("--set needs a key and a value, joined by `=`".into()))?;
    let key = key.trim();
    if key.split('.').any(str::is_empty) {
        return Err(usage(format!("--set: `{key}` is not a key")));
    }
    Ok((key, value))
}

/// A path as people would type it from where they are.
fn shown(path: &Path, from: &Path) -> String {
    path.strip_prefix(from).unwrap_or(path).display().to_string()
}

/// The variable that sets a key.
pub(crate) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__").replace('-', "_"))
}
