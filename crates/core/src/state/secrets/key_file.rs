//! [`KeyFile`].

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{DataKey, KeyMeta, KeyProvider, from_base64, key_error, to_base64};
use crate::state::StateError;

/// Keeps data keys under a key in a file: 32 random bytes as base64, readable by its owner
/// only. Made at the first stack that uses it; several stacks may share it.
///
/// Whoever loses the file loses the secrets in state, so it needs a backup; it does not
/// belong in version control.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// Uses the file at `path`; nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Path) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || f(&path))
            .await
            .unwrap_or_else(|e| Err(key_error(e.to_string(), "run the same command again")))
    }
}

const SCHEME: &str = "key-file";

#[async_trait]
impl KeyProvider for KeyFile {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    async fn create(&self) -> Result<(KeyMeta, DataKey), StateError> {
        let wrapping = self
            .run(|path| match read(path)? {
                Some(key) => Ok(key),
                None => {
                    make(path).map_err(|e| io_error(path, "cannot be created", &e))?;
                    // Somebody else may have been first, so what counts is what is there.
                    read(path)?.ok_or_else(|| missing(path))
                }
            })
            .await?;
        let key = DataKey::random();
        let meta = KeyMeta::new(SCHEME)
            .with("fingerprint", fingerprint(&wrapping))
            .with_bytes("wrapped", &wrapping.wrap(&key));
        Ok((meta, key))
    }

    async fn open(&self, meta: &KeyMeta) -> Result<DataKey, StateError> {
        let wrapping = self.run(|path| read(path)?.ok_or_else(|| missing(path))).await?;
        wrapping.unwrap_key(&meta.bytes("wrapped")?).ok_or_else(|| {
            key_error(
                format!(
                    "key file {} holds another key: {}, wanted {}",
                    self.path.display(),
                    fingerprint(&wrapping),
                    meta.text("fingerprint").unwrap_or("an unknown one")
                ),
                "use the key file that this stack was created with",
            )
        })
    }
}

/// Enough of a hash to tell keys apart, too little to say anything about the key.
fn fingerprint(key: &DataKey) -> String {
    let mut hash = Sha256::new();
    hash.update(b"ferrocrete key file fingerprint");
    hash.update(key.expose());
    hash.finalize()[..6].iter().map(|b| format!("{b:02x}")).collect()
}

fn missing(path: &Path) -> StateError {
    key_error(
        format!("key file {} is missing", path.display()),
        "put back the key file that this stack was created with, or name another path",
    )
}

fn io_error(path: &Path, what: &str, e: &io::Error) -> StateError {
    key_error(
        format!("key file {} {what}: {e}", path.display()),
        "make the file and its folder accessible, or name another path",
    )
}

/// The key in the file; `None` when there is no file.
fn read(path: &Path) -> Result<Option<DataKey>, StateError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io_error(path, "cannot be read", &e)),
    };
    check_mode(path, &file)?;
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(|e| io_error(path, "cannot be read", &e))?;
    match parse(&text) {
        Some(key) => Ok(Some(key)),
        None => Err(key_error(
            format!("{} is not a key file: expected 32 bytes as base64", path.display()),
            "use the key file that this stack was created with",
        )),
    }
}

/// The key in a file's text.
pub(in crate::state) fn parse(text: &str) -> Option<DataKey> {
    let bytes = from_base64(text.trim()).map(Zeroizing::new)?;
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(DataKey::from_bytes)
}

#[cfg(unix)]
fn check_mode(path: &Path, file: &File) -> Result<(), StateError> {
    use std::os::unix::fs::PermissionsExt;
    let mode =
        file.metadata().map_err(|e| io_error(path, "cannot be read", &e))?.permissions().mode()
            & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(key_error(
        format!("key file {} is open to other users (mode {mode:04o})", path.display()),
        format!("run: chmod 600 {}", path.display()),
    ))
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &File) -> Result<(), StateError> {
    Ok(())
}

/// Writes a new key next to `path` and links it into place, so that nobody ever reads half
/// a key and an existing file is never replaced.
fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:016x}.tmp", rand::random::<u64>()));
    let temporary = path.with_file_name(name);
    let text = Zeroizing::new(format!("{}\n", to_base64(DataKey::random().expose())));
    let made = write_new(&temporary, &text).and_then(|()| fs::hard_link(&temporary, path));
    let _ = fs::remove_file(&temporary);
    match made {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        // Some file systems have no links.
        Err(_) => write_new(path, &text)?,
    }
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
