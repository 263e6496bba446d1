//! Accounts: the unit of isolation between tests.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{CallLog, Config, Event, Fault, Sandbox, SandboxError};

/// One account of the sandbox. Its id doubles as access key id: a key of exactly twelve digits
/// selects the account, so that nothing else needs to be configured.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account id, twelve digits; also the access key id.
    pub id: String,
    /// The region, `us-east-1` unless changed.
    pub region: String,
    sandbox: Sandbox,
}

impl Account {
    pub(crate) fn new(sandbox: Sandbox, id: String) -> Self {
        let region = sandbox.info().region.clone();
        Self { id, region, sandbox }
    }

    /// The same account in another region.
    pub fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The environment variables with which an AWS SDK or the AWS CLI works in this account.
    pub fn env(&self) -> BTreeMap<String, String> {
        crate::info::env(&self.sandbox.info().endpoint, &self.id, &self.region)
    }

    /// The endpoint, for every service.
    pub fn endpoint(&self) -> &str {
        &self.sandbox.info().endpoint
    }

    /// The endpoint for a test's own calls, which meet none of the unkind behaviours: they see what
    /// is there, and what they make is old at once.
    pub fn kind_endpoint(&self) -> String {
        // With the final slash, as S3's endpoints are joined without one.
        format!("{}/_kind/", self.endpoint())
    }

    /// Changes this account's settings.
    pub async fn configure(&self, config: Config) -> Result<(), SandboxError> {
        self.sandbox.configure(Some(&self.id), config).await
    }

    /// The calls made in this account.
    pub async fn calls(&self) -> Result<CallLog, SandboxError> {
        self.sandbox.calls(Some(&self.id)).await
    }

    /// Forgets the calls made so far.
    pub async fn reset_calls(&self) -> Result<(), SandboxError> {
        self.sandbox.reset_calls(Some(&self.id)).await
    }

    /// Adds faults to this account's calls, in addition to those there are.
    pub async fn faults(
        &self,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Result<(), SandboxError> {
        let faults: Vec<_> = faults.into_iter().map(|f| f.account(&self.id)).collect();
        self.sandbox.faults(&faults).await
    }

    /// How many calls this account's faults have hit.
    pub async fn faults_hit(&self) -> Result<u32, SandboxError> {
        self.sandbox.faults_hit(&self.id).await
    }

    /// Removes this account's faults; calls that they hold up go on.
    pub async fn reset_faults(&self) -> Result<(), SandboxError> {
        self.sandbox.reset_faults(Some(&self.id)).await
    }

    /// Lets AWS do something by itself, in this account and region.
    pub async fn happens(&self, event: Event) -> Result<(), SandboxError> {
        self.sandbox.happens(&self.id, &self.region, &event).await
    }

    /// Drops everything in this account, its settings, calls and faults included.
    pub async fn reset(&self) -> Result<(), SandboxError> {
        self.sandbox.reset(Some(&self.id)).await
    }
}

/// Twelve digits that nobody else has: random, so that parallel processes do not meet.
pub(crate) fn fresh_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    // RandomState is seeded by the operating system, once per thread; the counter tells
    // apart the accounts of one thread.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.write_u64(COUNTER.fetch_add(1, Ordering::Relaxed));
    // Never a leading zero: ids survive being read as numbers.
    format!("{}", 200_000_000_000 + hasher.finish() % 800_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_are_twelve_digits_and_differ() {
        let ids: std::collections::BTreeSet<_> = (0..1000).map(|_| fresh_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())));
    }
}
