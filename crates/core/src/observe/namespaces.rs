//! [`Namespaces`]: the account and region in use, asked for before anything else is.

use std::collections::BTreeMap;

use futures::future::try_join_all;

use crate::error::{Error, Result};
use crate::execute::{OUTSIDE, patiently};
use crate::resource::{ConnectorId, Namespace, ProviderConfig, Registry};

/// Account and region behind each resource type and provider in use.
///
/// One provider may mean different accounts to different connectors: a program may use a cloud
/// of its own beside AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespaces(BTreeMap<String, BTreeMap<ProviderConfig, Namespace>>);

/// Who is asked: a connector, or a type that does not name one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asked<'a> {
    Connector(ConnectorId),
    Type(&'a str),
}

impl Namespaces {
    /// Asks each connector once for each of its providers.
    ///
    /// # Errors
    /// When a connector does not say.
    pub(crate) async fn ask<'a>(
        registry: &Registry,
        uses: impl Iterator<Item = (&'a str, &'a ProviderConfig)>,
    ) -> Result<Self> {
        let mut asks: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (type_name, provider) in uses {
            let Some(handler) = registry.handler(type_name) else { continue };
            let asked = handler.connector().map_or(Asked::Type(type_name), Asked::Connector);
            asks.entry((asked, provider)).or_default().push(type_name);
        }
        let answers = asks.into_iter().map(|((_, provider), types)| async move {
            let Some(handler) = registry.handler(types[0]) else { return Ok(None) };
            match patiently(OUTSIDE, || handler.namespace(provider)).await {
                Ok(namespace) => Ok(Some((provider, types, namespace))),
                Err(source) => {
                    Err(Error::Cloud { what: "asking for the account in use".into(), source })
                }
            }
        });
        let mut found = Self::default();
        for (provider, types, namespace) in try_join_all(answers).await?.into_iter().flatten() {
            for type_name in types {
                let of_type = found.0.entry(type_name.to_owned()).or_default();
                of_type.insert(provider.clone(), namespace.clone());
            }
        }
        Ok(found)
    }

    /// Account and region behind a provider, as a resource type sees it.
    pub fn of(&self, type_name: &str, provider: &ProviderConfig) -> Option<&Namespace> {
        self.0.get(type_name)?.get(provider)
    }

    /// Refuses another account or region than the recorded one.
    ///
    /// # Errors
    /// [`Error::WrongAccount`].
    pub(crate) fn check<'a>(
        &self,
        recorded: impl Iterator<Item = (&'a str, &'a ProviderConfig, &'a Option<Namespace>)>,
    ) -> Result<()> {
        for (type_name, provider, recorded) in recorded {
            if let (Some(recorded), Some(current)) = (recorded, self.of(type_name, provider))
                && recorded != current
            {
                return Err(Error::WrongAccount {
                    recorded: recorded.to_string(),
                    current: current.to_string(),
                });
            }
        }
        Ok(())
    }
}
