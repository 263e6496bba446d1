//! Comparing state with the account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::try_join_all;

use super::Engine;
use crate::error::{Error, Result};
use crate::execute::{OUTSIDE, patiently};
use crate::observe::{LiveRead, ReadPool, observe};
use crate::resource::{Inventory, Owned, ProviderConfig, ReadItem, Registry, Status, owner_tag};
use crate::state::State;
use crate::urn::Urn;

/// How state and account differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// In the account, tagged as this stack's, but not in state.
    pub orphans: Vec<Orphan>,
    /// In state, but gone from the account.
    pub gone: Vec<Gone>,
    /// How many resources of state were looked up.
    pub recorded: usize,
    /// How many things in the account carry this stack's tags.
    pub tagged: usize,
    /// Operations of an interrupted run; the next one settles them.
    pub open: Vec<Urn>,
    /// Types in state that carry no tags: these are looked up, but orphans among them
    /// cannot be found.
    pub untagged: BTreeSet<String>,
}

impl Audit {
    /// Whether state and account agree.
    pub fn is_clean(&self) -> bool {
        self.orphans.is_empty() && self.gone.is_empty()
    }
}

/// In the account, but not in state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// Value of its ownership tag: urn and generation, joined by `@`.
    pub owner: String,
    /// Who it says it is; `None` when the tag holds no urn.
    pub urn: Option<Urn>,
    /// The cloud's name for it, such as an ARN.
    pub name: String,
}

/// In state, but gone from the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// Who it is.
    pub urn: Urn,
    /// Which generation.
    pub generation: u64,
    /// Its physical id.
    pub id: String,
}

impl Engine {
    /// Compares state with the account: what carries this stack's tags but is not in state, and
    /// what is in state but gone. Takes no lock and writes nothing.
    ///
    /// Looks in the accounts and regions that state names, and in the stack's own.
    ///
    /// # Errors
    /// When state or the account cannot be read.
    pub async fn audit(&self) -> Result<Audit> {
        let state = self.state().await?;
        let pool = ReadPool::new(self.registry.clone());
        let observed =
            observe(&self.registry, &pool, None, &state, true, self.options.visibility).await?;
        let gone = state
            .resources
            .values()
            .filter(|r| matches!(observed.live(&r.key()), LiveRead::Missing))
            .map(|r| Gone { urn: r.urn.clone(), generation: r.generation, id: r.id.clone() });
        let mut audit = Audit {
            gone: gone.collect(),
            recorded: state.resources.len(),
            open: state.intents.keys().map(|(urn, _)| urn.clone()).collect(),
            untagged: untagged(&self.registry, &state),
            ..Audit::default()
        };
        let known: BTreeSet<String> = state
            .resources
            .values()
            .map(|r| (r.identity(), r.generation))
            .chain(state.intents.values().map(|o| (o.intent.identity(), o.intent.generation)))
            .map(|(urn, generation)| owner_tag(urn, generation))
            .collect();
        // Several providers may list the same thing, as they do what is global.
        let mut tagged = BTreeMap::new();
        for (provider, owned) in self.owned(&state).await? {
            for one in owned {
                tagged.entry(one.name.clone()).or_insert((provider.clone(), one));
            }
        }
        audit.tagged = tagged.len();
        for (provider, one) in tagged.into_values() {
            let urn = one.owner.rsplit_once('@').and_then(|(urn, _)| urn.parse().ok());
            if !known.contains(&one.owner) && exists(&pool, &provider, &one, urn.as_ref()).await? {
                audit.orphans.push(Orphan { owner: one.owner, urn, name: one.name });
            }
        }
        audit.orphans.sort();
        Ok(audit)
    }

    /// What is tagged as this stack's, by provider.
    async fn owned(&self, state: &State) -> Result<Vec<(ProviderConfig, Vec<Owned>)>> {
        let mut providers: BTreeSet<ProviderConfig> =
            state.resources.values().map(|r| r.provider.clone()).collect();
        providers.insert(ProviderConfig::default());
        // A stack without resources may have lost its state: then everybody is asked.
        let types: Vec<&str> = state.resources.values().map(|r| r.urn.type_name()).collect();
        let asked: Vec<&Arc<dyn Inventory>> = self
            .registry
            .inventories()
            .filter(|i| types.is_empty() || types.iter().any(|name| i.covers(name)))
            .collect();
        let asks = providers.iter().flat_map(|provider| {
            asked.iter().map(move |inventory| async move {
                let ask = || inventory.owned(provider, &self.project, &self.stack);
                let owned = patiently(OUTSIDE, ask).await;
                let what = "listing what carries the stack's tags".to_owned();
                let owned = owned.map_err(|source| Error::Cloud { what, source })?;
                Ok::<_, Error>((provider.clone(), owned))
            })
        });
        try_join_all(asks).await
    }
}

/// Some things are listed for a while after they are gone.
async fn exists(
    pool: &ReadPool,
    provider: &ProviderConfig,
    one: &Owned,
    urn: Option<&Urn>,
) -> Result<bool> {
    let (Some(id), Some(urn)) = (&one.lingering, urn) else { return Ok(true) };
    let item = ReadItem { id: id.clone(), ..ReadItem::default() };
    let live = pool.read(urn.type_name(), provider, item).await;
    let what = format!("reading `{}` ({})", one.name, urn.type_name());
    let live = live.map_err(|source| Error::Cloud { what, source })?;
    Ok(live.is_some_and(|live| !matches!(live.status, Status::Deleting(_))))
}

fn untagged(registry: &Registry, state: &State) -> BTreeSet<String> {
    let types = state.resources.values().map(|r| r.urn.type_name());
    let has_tags = |name: &&str| {
        registry.handler(name).is_some_and(|handler| handler.schema().tags_field().is_some())
    };
    types.filter(|name| !has_tags(name)).map(str::to_owned).collect()
}
