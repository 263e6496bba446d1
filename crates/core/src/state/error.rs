//! [`StateError`].

use super::backend::LockInfo;

/// Why state cannot be read, locked or written. Messages say what, why and what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Somebody else holds the lock and is alive.
    #[error(
        "the stack is locked by {info}\n  what to do: wait for it to finish (`--lock-timeout 10m` waits for you); if that process is certainly gone, run `unlock`"
    )]
    Locked {
        /// Who and since when.
        info: Box<LockInfo>,
        /// Which stack, as a backend URL.
        place: String,
    },
    /// This process held the lock but no longer does; nothing more is committed.
    #[error(
        "the lock on {place} was lost: {why}\n  what to do: run the same command again; it finds everything that this run made"
    )]
    LeaseLost {
        /// Which stack.
        place: String,
        /// How.
        why: String,
    },
    /// The snapshot was replaced by somebody else.
    #[error(
        "the snapshot in {place} changed under this run\n  what to do: run the same command again; the journal holds everything that this run made"
    )]
    Conflict {
        /// Which snapshot.
        place: String,
    },
    /// What is stored is damaged.
    #[error("{place} is damaged: {why}\n  what to do: {fix}; nothing was overwritten")]
    Damaged {
        /// File, object or item.
        place: String,
        /// What is wrong with it.
        why: String,
        /// How to recover.
        fix: String,
    },
    /// Written by a newer version of this program.
    #[error(
        "{place} has state format {found}, but this program knows only up to {known}\n  what to do: use a newer version of Ferrocrete; nothing was overwritten"
    )]
    TooNew {
        /// File or object.
        place: String,
        /// Its format.
        found: u64,
        /// Newest format known.
        known: u64,
    },
    /// The secrets in state cannot be decrypted.
    #[error("the secrets in {place} cannot be decrypted: {why}\n  what to do: {fix}")]
    Key {
        /// Which stack.
        place: String,
        /// Why not.
        why: String,
        /// How to give the right key.
        fix: String,
    },
    /// The place does not exist or may not be used: a missing bucket, a wrong table name.
    #[error("{place}: {why}\n  what to do: {fix}")]
    Unusable {
        /// Bucket, table, folder.
        place: String,
        /// Why.
        why: String,
        /// What to do.
        fix: String,
    },
    /// The engine was about to write state that it must never write; nothing was written.
    #[error(
        "{place}: refused to write state: {why}\n  what to do: this is a bug in Ferrocrete, please report it; what was recorded before is intact"
    )]
    Bug {
        /// Which stack.
        place: String,
        /// Which rule was broken.
        why: String,
    },
    /// A read or write failed.
    #[error("{place}: {why}")]
    Io {
        /// File, object or table.
        place: String,
        /// The system's or service's answer.
        why: String,
    },
}
