//! What can go wrong: what failed, why, and what to do about it.

use std::path::PathBuf;

/// Why the sandbox could not be installed, started, stopped or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// No usable Python was found.
    #[error(
        "the sandbox needs Python {minimum} or newer, and found none: {tried}. \
         Install Python, or set FERROCRETE_PYTHON to the path of one",
        minimum = crate::MINIMUM_PYTHON
    )]
    NoPython {
        /// What was tried, and why each was not usable.
        tried: String,
    },

    /// Python is there, but cannot make a virtual environment.
    #[error(
        "{python} cannot make a virtual environment: {reason}. \
         On Debian and Ubuntu: apt install python3-venv"
    )]
    NoVenv {
        /// The Python that was used.
        python: PathBuf,
        /// What it printed.
        reason: String,
    },

    /// pip failed to install the emulator.
    #[error(
        "pip could not install the emulator into {folder}: {reason}. \
         The first start needs a network connection to PyPI (or a mirror in pip's \
         configuration); later starts need none. Try again when it is there"
    )]
    Pip {
        /// The virtual environment.
        folder: PathBuf,
        /// The last lines pip printed.
        reason: String,
    },

    /// The server ended or stayed silent while it was being started.
    #[error("the emulator did not start: {reason}. Its log is {log}", log = log.display())]
    NotStarted {
        /// What was seen, with the end of the log.
        reason: String,
        /// The log file.
        log: PathBuf,
    },

    /// The server refused a control request.
    #[error("the emulator refused {request}: {reason}")]
    Refused {
        /// Method and path.
        request: String,
        /// What it answered.
        reason: String,
    },

    /// The server cannot be reached.
    #[error(
        "the emulator at {endpoint} does not answer: {source}. \
         It may have been stopped; start it again"
    )]
    Unreachable {
        /// Where it should be.
        endpoint: String,
        /// The cause.
        source: std::io::Error,
    },

    /// The server did not go although it was asked to.
    #[error("the emulator (process {pid}) does not stop; end it yourself: kill {pid}")]
    NotStopped {
        /// Its process id.
        pid: u32,
    },

    /// No place for the sandbox's files.
    #[error(
        "there is no folder for the sandbox's files: neither FERROCRETE_SANDBOX_HOME nor \
         XDG_CACHE_HOME nor HOME is set. Set one of them"
    )]
    NoCacheDir,

    /// A name that cannot be part of a file name.
    #[error("{name:?} cannot be a sandbox's name: use letters, digits, '-' and '_' only")]
    BadName {
        /// The name.
        name: String,
    },

    /// A file could not be read or written.
    #[error("{what} {path}: {source}", path = path.display())]
    File {
        /// What was attempted.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

impl SandboxError {
    pub(crate) fn file(
        what: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}
