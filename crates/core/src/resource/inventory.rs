//! [`Inventory`]: what a cloud holds for a stack, whatever its type.

use async_trait::async_trait;

use crate::error::OpError;

use super::ProviderConfig;

/// Something that carries a stack's ownership tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Value of the tag `ferrocrete:urn`: urn and generation, joined by `@`.
    pub owner: String,
    /// The cloud's name for it, such as an ARN.
    pub name: String,
    /// Its physical id where such things are listed for a while after they are gone, so that
    /// reading it tells.
    pub lingering: Option<String>,
}

/// Lists by ownership tag, for audits.
#[async_trait]
pub trait Inventory: Send + Sync {
    /// Whether it can list things of this type. It is not asked for a stack that has only others.
    fn covers(&self, type_name: &str) -> bool;

    /// Everything with the tags of this stack in the provider's account and region, in as few
    /// calls as possible.
    async fn owned(
        &self,
        provider: &ProviderConfig,
        project: &str,
        stack: &str,
    ) -> Result<Vec<Owned>, OpError>;
}
