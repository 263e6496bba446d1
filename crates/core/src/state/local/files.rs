//! Files of a folder: durable writes, locks, and errors that say which file and what to do.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::state::StateError;

pub(super) struct Folder {
    path: PathBuf,
    /// Sequence of the next journal entry as far as this process knows; 0 when it does not.
    next: AtomicU64,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self { path, next: AtomicU64::new(0) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn describe(&self) -> String {
        format!("file://{}", self.path.display())
    }

    pub fn place(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Whether the journal may hold this sequence already: a repeated append, or a first one.
    pub fn journal_may_hold(&self, sequence: u64) -> bool {
        self.next.load(Ordering::SeqCst) != sequence
    }

    /// Notes the sequence of the journal's last entry, or that it is not known.
    pub fn journal_reaches(&self, last: Option<u64>) {
        self.next.store(last.map_or(0, |last| last + 1), Ordering::SeqCst);
    }

    fn fail(&self, name: &str, error: &io::Error) -> StateError {
        let place = self.place(name);
        let fix = match error.kind() {
            ErrorKind::PermissionDenied => "give this user the right to read and write it",
            ErrorKind::ReadOnlyFilesystem => "use a folder that can be written to",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                "make room on the disk, then run the same command again"
            }
            ErrorKind::NotADirectory => "name a folder, not a file",
            _ => return StateError::Io { place, why: error.to_string() },
        };
        StateError::Unusable { place, why: error.to_string(), fix: fix.into() }
    }

    pub fn create(&self) -> Result<(), StateError> {
        self.create_inside("")
    }

    /// Makes a folder in the folder, and the folder itself.
    pub fn create_inside(&self, name: &str) -> Result<(), StateError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.path.join(name)).map_err(|e| self.fail(name, &e))
    }

    /// Names of what is in a folder in the folder; none when it does not exist.
    pub fn names(&self, name: &str) -> Result<Vec<String>, StateError> {
        let entries = match fs::read_dir(self.path.join(name)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(self.fail(name, &e)),
        };
        let names: io::Result<Vec<String>> =
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
        names.map_err(|e| self.fail(name, &e))
    }

    /// Bytes of a file and when it was written, RFC 3339; `None` when there is no file.
    pub fn size_and_time(&self, name: &str) -> Option<(u64, Option<String>)> {
        let about = fs::metadata(self.path.join(name)).ok()?;
        let time = about.modified().ok().and_then(|t| jiff::Timestamp::try_from(t).ok());
        let time = time.and_then(|t| t.round(jiff::Unit::Second).ok());
        Some((about.len(), time.map(|t| t.to_string())))
    }

    fn open(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.path.join(name))
    }

    /// Keeps others out for a moment; freed when dropped.
    pub fn mutex(&self) -> Result<File, StateError> {
        let file = self.open("mutex").map_err(|e| self.fail("mutex", &e))?;
        file.lock().map_err(|e| self.fail("mutex", &e))?;
        Ok(file)
    }

    /// The file, locked; `None` when a living process has it.
    pub fn try_lock(&self, name: &str) -> Result<Option<File>, StateError> {
        let file = self.open(name).map_err(|e| self.fail(name, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(self.fail(name, &e)),
        }
    }

    /// Removes a file that may be missing; one that stays only takes room.
    pub fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.path.join(name));
    }

    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        match fs::read(self.path.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.fail(name, &e)),
        }
    }

    /// Replaces a file as a whole: written beside it, synced, renamed, folder synced.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let beside = format!("{name}.new");
        let write = || -> io::Result<()> {
            let mut file = self.open(&beside)?;
            file.set_len(0)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            let path = self.path.join(name);
            fs::rename(self.path.join(&beside), &path)?;
            File::open(path.parent().unwrap_or(&self.path))?.sync_all()
        };
        write().map_err(|e| self.fail(name, &e))
    }

    /// Appends and syncs; first cuts off a line that a crash left unfinished. When the write
    /// fails, what it wrote is cut off again.
    pub fn append(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let write = || -> io::Result<()> {
            let mut file = self.open(name)?;
            let end = whole_lines(&mut file)?;
            file.set_len(end)?;
            file.seek(SeekFrom::Start(end))?;
            let written = file.write_all(bytes).and_then(|()| file.sync_all());
            if written.is_err() {
                // Best effort: an unfinished line is left out by readers anyway.
                let _ = file.set_len(end);
            }
            written
        };
        write().map_err(|e| self.fail(name, &e))
    }
}

/// Length of the file up to the end of its last whole line.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut buffer = [0; 4096];
    while end > 0 {
        let start = end.saturating_sub(buffer.len() as u64);
        let chunk = &mut buffer[..usize::try_from(end - start).unwrap_or(4096)];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(chunk)?;
        if let Some(at) = chunk.iter().rposition(|b| *b == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
