//! [`Exit`]: how a command ends, for scripts.

/// Exit codes; documented in `docs/exit-codes.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// Everything asked for was done.
    Ok,
    /// It was not done: see the message.
    Error,
    /// `plan --exit-code`: there is something to do.
    Changes,
    /// The command line itself is wrong.
    Usage,
    /// Somebody else is at work on the stack.
    Locked,
    /// Some steps failed; what was done is recorded.
    Failed,
    /// Ctrl-C (SIGINT) came.
    Interrupted,
    /// SIGTERM came.
    Terminated,
    /// The terminal was closed (SIGHUP).
    HungUp,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Error => 1,
            Exit::Changes => 2,
            Exit::Usage => 3,
            Exit::Locked => 4,
            Exit::Failed => 5,
            // As shells tell of a process that died of the signal.
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
            Exit::HungUp => 129,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
