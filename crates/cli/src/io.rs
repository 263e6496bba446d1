//! [`Io`]: where a command reads and writes, so that tests can stand in for a terminal.

use std::collections::{BTreeMap, VecDeque};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use ferrocrete_core::Secret;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::render::Style;

use crate::exit::Exit;

/// Where a command reads and writes: the process's own streams, or memory.
///
/// ```
/// use ferrocrete_cli::Io;
/// let io = Io::captured().cwd("/tmp").env("NO_COLOR", "1").answer("y");
/// ```
#[derive(Debug, Clone)]
pub struct Io {
    sinks: Arc<Mutex<Sinks>>,
    answers: Option<Arc<Mutex<VecDeque<String>>>>,
    env: Arc<BTreeMap<String, String>>,
    cwd: PathBuf,
    interactive: bool,
    interrupt: Interrupt,
    /// How the process ends because of the first signal that came.
    signalled: Arc<OnceLock<Exit>>,
}

#[derive(Debug, Default)]
struct Sinks {
    captured: Option<(Vec<u8>, Vec<u8>)>,
    failed: Option<std::io::Error>,
}

/// What a command wrote and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code.
    pub code: u8,
    /// What went to standard output.
    pub stdout: String,
    /// What went to standard error.
    pub stderr: String,
}

impl Io {
    /// The process's own streams, environment and folder.
    pub fn process() -> Self {
        let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        // Variables that are not Unicode are no configuration of ours.
        let env = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        Self {
            sinks: Arc::default(),
            answers: None,
            env: Arc::new(env),
            cwd: std::env::current_dir().unwrap_or_default(),
            interactive,
            interrupt: Interrupt::new(),
            signalled: Arc::default(),
        }
    }

    /// Memory instead of streams, no terminal, an empty environment: for tests.
    pub fn captured() -> Self {
        let sinks = Sinks { captured: Some(Default::default()), failed: None };
        Self {
            sinks: Arc::new(Mutex::new(sinks)),
            answers: Some(Arc::default()),
            env: Arc::default(),
            cwd: std::env::current_dir().unwrap_or_default(),
            interactive: false,
            interrupt: Interrupt::new(),
            signalled: Arc::default(),
        }
    }

    /// Sets an environment variable for the command; the process's own stays as it is.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        Arc::make_mut(&mut self.env).insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the current folder for the command.
    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = folder.into();
        self
    }

    /// Stands in for a person at a terminal who gives this answer to the next question.
    #[must_use]
    pub fn answer(mut self, answer: &str) -> Self {
        self.interactive = true;
        if let Some(answers) = &self.answers {
            lock(answers).push_back(answer.to_owned());
        }
        self
    }

    /// Interrupts the command when this is raised, as Ctrl-C does.
    #[must_use]
    pub fn interrupted_by(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// Ctrl-C as this command sees it.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// A signal came that ends the process so; the first one counts.
    pub(crate) fn ends_as(&self, exit: Exit) {
        let _ = self.signalled.set(exit);
    }

    /// An interruption named by the signal that caused it; anything else as it is.
    pub(crate) fn named(&self, exit: Exit) -> Exit {
        match (exit, self.signalled.get()) {
            (Exit::Interrupted, Some(signal)) => *signal,
            _ => exit,
        }
    }

    /// Whether this is the process's own terminal rather than memory.
    pub(crate) fn is_process(&self) -> bool {
        self.answers.is_none()
    }

    /// Whether questions can be asked.
    pub(crate) fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether progress can be redrawn in place.
    pub(crate) fn can_redraw(&self) -> bool {
        let dumb = self.var("TERM") == Some("dumb");
        self.is_process() && !dumb && !self.no_colour() && std::io::stderr().is_terminal()
    }

    fn no_colour(&self) -> bool {
        self.var("NO_COLOR").is_some()
    }

    /// Colour for standard output.
    pub(crate) fn out_style(&self, off: bool) -> Style {
        let on = self.is_process() && std::io::stdout().is_terminal();
        if on && !off && !self.no_colour() { Style::Ansi } else { Style::Plain }
    }

    /// Colour for standard error.
    pub(crate) fn err_style(&self, off: bool) -> Style {
        let on = self.is_process() && std::io::stderr().is_terminal();
        if on && !off && !self.no_colour() { Style::Ansi } else { Style::Plain }
    }

    /// An environment variable; empty counts as not set.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// All environment variables.
    pub(crate) fn vars(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// The current folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.cwd
    }

    /// Writes to standard output: what was asked for.
    pub(crate) fn out(&self, text: impl AsRef<str>) {
        let mut sinks = lock(&self.sinks);
        let bytes = text.as_ref().as_bytes();
        match &mut sinks.captured {
            Some((out, _)) => out.extend_from_slice(bytes),
            None => {
                let mut stdout = std::io::stdout().lock();
                if let Err(e) = stdout.write_all(bytes).and_then(|()| stdout.flush()) {
                    // A reader that has enough is no error; the work goes on without it.
                    if e.kind() != std::io::ErrorKind::BrokenPipe {
                        sinks.failed.get_or_insert(e);
                    }
                }
            }
        }
    }

    /// Writes to standard error: how it goes.
    pub(crate) fn err(&self, text: impl AsRef<str>) {
        let mut sinks = lock(&self.sinks);
        let bytes = text.as_ref().as_bytes();
        match &mut sinks.captured {
            Some((_, err)) => err.extend_from_slice(bytes),
            // Nowhere is left to say that this failed.
            None => drop(std::io::stderr().lock().write_all(bytes)),
        }
    }

    /// The first error of writing to standard output, a closed pipe left out.
    pub(crate) fn take_failure(&self) -> Option<std::io::Error> {
        lock(&self.sinks).failed.take()
    }

    /// What was captured, with the exit code.
    pub(crate) fn outcome(&self, code: u8) -> Outcome {
        let mut sinks = lock(&self.sinks);
        let (out, err) = sinks.captured.take().unwrap_or_default();
        sinks.captured = (!self.is_process()).then(Default::default);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome { code, stdout: text(out), stderr: text(err) }
    }

    /// Asks a question and waits for a line; `None` at the end of input or on Ctrl-C.
    pub(crate) async fn ask(&self, question: &str) -> Option<String> {
        self.err(question);
        if let Some(answers) = &self.answers {
            let answer = lock(answers).pop_front();
            self.err("\n");
            return answer;
        }
        self.blocking(|| {
            let mut line = String::new();
            match std::io::stdin().read_line(&mut line) {
                Ok(n) if n > 0 => Some(line.trim().to_owned()),
                _ => None,
            }
        })
        .await
    }

    /// Asks for a secret without showing what is typed.
    pub(crate) async fn ask_hidden(&self, question: &str) -> Option<Secret<String>> {
        self.err(question);
        if let Some(answers) = &self.answers {
            let answer = lock(answers).pop_front();
            self.err("\n");
            return answer.map(Secret::new);
        }
        let read = || Some(console::Term::stderr().read_secure_line().map(Secret::new));
        match self.blocking(read).await? {
            Ok(secret) => Some(secret),
            Err(e) => {
                if e.kind() == std::io::ErrorKind::Interrupted {
                    // The terminal passes Ctrl-C on as a signal, which is on its way.
                    let wait = std::time::Duration::from_secs(1);
                    let _ = tokio::time::timeout(wait, self.interrupt.reached(1)).await;
                }
                None
            }
        }
    }

    /// Reads on a thread of its own that nobody waits for when Ctrl-C comes first.
    async fn blocking<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let (tx, rx) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || tx.send(read()));
        tokio::select! {
            answer = rx => answer.ok().flatten(),
            () = self.interrupt.reached(1) => {
                self.err("\n");
                None
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while writing leaves nothing half-done that matters.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
