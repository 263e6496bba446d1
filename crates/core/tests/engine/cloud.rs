//! A fake cloud: items in memory, a log of calls, and scripted trouble.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::{Connector, Namespace, ProviderConfig, Tags};
use tokio::time::Instant;

/// One thing in the fake cloud.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: &'static str,
    pub props: BTreeMap<String, serde_json::Value>,
    pub tags: Tags,
    pub ready_at: Instant,
    pub gone_at: Option<Instant>,
    pub broken: Option<String>,
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Refused with this code.
    Code(&'static str, ErrorKind),
    /// Takes effect, but the answer is lost.
    Lost,
    /// Hangs for ever after it took effect: the process is killed there.
    Hang,
    /// Hangs for ever before it took effect.
    HangBefore,
}

#[derive(Default)]
pub struct Inner {
    pub items: BTreeMap<String, Item>,
    pub calls: Vec<String>,
    pub trouble: Vec<(String, Trouble)>,
    next: u32,
}

/// The clients; cloning shares the cloud.
#[derive(Clone)]
pub struct Fake {
    pub inner: Arc<Mutex<Inner>>,
    pub slow: Arc<Mutex<Duration>>,
    pub account: Arc<Mutex<String>>,
}

impl Fake {
    pub fn new() -> Self {
        Self {
            inner: Arc::default(),
            slow: Arc::new(Mutex::new(Duration::from_secs(30))),
            account: Arc::new(Mutex::new("111111111111".into())),
        }
    }

    /// Calls made since the last time, in order.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.lock().unwrap().calls)
    }

    /// The next call that equals `call` meets trouble.
    pub fn trouble(&self, call: &str, trouble: Trouble) {
        self.inner.lock().unwrap().trouble.push((call.to_owned(), trouble));
    }

    /// Ids of what exists, with kind.
    pub fn existing(&self) -> Vec<(String, &'static str)> {
        let inner = self.inner.lock().unwrap();
        inner
            .items
            .iter()
            .filter(|(_, i)| i.gone_at.is_none())
            .map(|(id, i)| (id.clone(), i.kind))
            .collect()
    }

    /// The id of the only one of a kind, which may be about to go.
    pub fn existing_or_going(&self, kind: &str) -> String {
        let inner = self.inner.lock().unwrap();
        let mut found = inner.items.iter().filter(|(_, i)| i.kind == kind);
        found.next().expect("there is one").0.clone()
    }

    /// Changes something behind the engine's back.
    pub fn meddle(&self, id: &str, property: &str, value: serde_json::Value) {
        let mut inner = self.inner.lock().unwrap();
        inner.items.get_mut(id).expect("it exists").props.insert(property.into(), value);
    }

    /// Deletes something behind the engine's back.
    pub fn vanish(&self, id: &str) {
        self.inner.lock().unwrap().items.remove(id).expect("it exists");
    }

    pub async fn begin(&self, call: &str) -> Result<Option<Trouble>, OpError> {
        let trouble = {
            let mut inner = self.inner.lock().unwrap();
            inner.calls.push(call.to_owned());
            let at = inner.trouble.iter().position(|(c, _)| c == call);
            at.map(|at| inner.trouble.remove(at).1)
        };
        match trouble {
            Some(Trouble::Code(code, kind)) => {
                let mut error = OpError::new(kind, format!("the cloud says {code}"));
                error.code = Some(code.to_owned());
                error.operation = call.to_owned();
                Err(error)
            }
            Some(Trouble::HangBefore) => std::future::pending().await,
            other => Ok(other),
        }
    }

    pub async fn end(&self, trouble: Option<Trouble>) -> Result<(), OpError> {
        match trouble {
            Some(Trouble::Lost) => Err(OpError::new(ErrorKind::NoAnswer, "connection reset")),
            Some(Trouble::Hang) => std::future::pending().await,
            _ => Ok(()),
        }
    }

    pub fn insert(
        &self,
        kind: &'static str,
        props: BTreeMap<String, serde_json::Value>,
        tags: Tags,
        slow: bool,
    ) -> String {
        let wait = if slow { *self.slow.lock().unwrap() } else { Duration::ZERO };
        let mut inner = self.inner.lock().unwrap();
        inner.next += 1;
        let id = format!("{kind}-{}", inner.next);
        let item = Item {
            kind,
            props,
            tags,
            ready_at: Instant::now() + wait,
            gone_at: None,
            broken: None,
        };
        inner.items.insert(id.clone(), item);
        id
    }

    pub fn get(&self, id: &str) -> Option<Item> {
        let inner = self.inner.lock().unwrap();
        inner.items.get(id).filter(|i| i.gone_at.is_none_or(|t| t > Instant::now())).cloned()
    }

    pub fn by_owner(&self, owner: &str) -> Option<String> {
        let inner = self.inner.lock().unwrap();
        let found = inner.items.iter().find(|(_, i)| {
            i.gone_at.is_none() && i.tags.get("ferrocrete:urn").is_some_and(|t| t == owner)
        });
        found.map(|(id, _)| id.clone())
    }
}

pub struct FakeConnector(pub Fake);

impl Connector for FakeConnector {
    type Cloud = Fake;

    async fn connect(&self, _: &ProviderConfig) -> Result<Fake, OpError> {
        Ok(self.0.clone())
    }

    async fn namespace(&self, provider: &ProviderConfig) -> Result<Namespace, OpError> {
        let account = self.0.account.lock().unwrap().clone();
        let region = provider.region.clone().unwrap_or_else(|| "mars-1".into());
        Ok(Namespace { account, region })
    }
}
