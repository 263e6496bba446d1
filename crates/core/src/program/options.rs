//! [`Options`]: how the engine treats a resource, whatever its type.

use std::time::Duration;

use crate::resource::ProviderConfig;
use crate::urn::Urn;

use super::alias::Alias;
use super::handle::Node;

/// Longest waits per operation; the default is one hour each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// Until a create is ready.
    pub create: Option<Duration>,
    /// Until an update is ready.
    pub update: Option<Duration>,
    /// Until a delete is gone.
    pub delete: Option<Duration>,
}

/// Options of one resource or component.
///
/// ```
/// use ferrocrete_core::Options;
/// let options = Options::new().protect(true).ignore_changes(["tags"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(crate) depends_on: Vec<Urn>,
    pub(crate) parent: Option<Urn>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) inner_aliases: Vec<(String, Alias)>,
    pub(crate) protect: Option<bool>,
    pub(crate) ignore_changes: Vec<String>,
    pub(crate) replace_on_changes: Vec<String>,
    pub(crate) delete_before_replace: Option<bool>,
    pub(crate) retain_on_delete: Option<bool>,
    pub(crate) timeouts: Timeouts,
    pub(crate) provider: Option<ProviderConfig>,
    pub(crate) unchecked: bool,
}

impl Options {
    /// No options set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Created after, and deleted before, this node, even without using its outputs. A
    /// component stands for everything in it.
    #[must_use]
    pub fn depends_on(mut self, node: &impl Node) -> Self {
        self.depends_on.push(node.urn().clone());
        self
    }

    /// Owned by this resource: named below it, created after it, deleted before it.
    #[must_use]
    pub fn parent(mut self, node: &impl Node) -> Self {
        self.parent = Some(node.urn().clone());
        self
    }

    /// Where it was before: an old name (`alias("web")`), or an [`Alias`]. What state has there
    /// is this resource: it is neither replaced nor renamed in AWS. A component's resources, and
    /// what has this resource as parent, are found below its old name. May stay for ever.
    #[must_use]
    pub fn alias(mut self, former: impl Into<Alias>) -> Self {
        self.aliases.push(former.into());
        self
    }

    /// Of a component: where something in it was before, when the component itself says nothing
    /// of that. `inner` is its path in the component, such as `vpc` or `zone-a/public`.
    #[must_use]
    pub fn alias_of(mut self, inner: impl Into<String>, former: impl Into<Alias>) -> Self {
        self.inner_aliases.push((inner.into(), former.into()));
        self
    }

    /// Refuse every plan that would delete or replace it. Default: false, or the component's.
    #[must_use]
    pub fn protect(mut self, protect: bool) -> Self {
        self.protect = Some(protect);
        self
    }

    /// Keep what was applied for these properties, whatever the program or AWS says.
    #[must_use]
    pub fn ignore_changes<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.ignore_changes.extend(names.into_iter().map(Into::into));
        self
    }

    /// Replace when one of these properties changes, even where an update could do it.
    #[must_use]
    pub fn replace_on_changes<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        self.replace_on_changes.extend(names.into_iter().map(Into::into));
        self
    }

    /// In a replacement, delete the old one first. Default: only where the type needs it or
    /// a fixed name leaves no choice.
    #[must_use]
    pub fn delete_before_replace(mut self, yes: bool) -> Self {
        self.delete_before_replace = Some(yes);
        self
    }

    /// Instead of deleting it, forget it and leave it in AWS. Default: false, or the component's.
    #[must_use]
    pub fn retain_on_delete(mut self, yes: bool) -> Self {
        self.retain_on_delete = Some(yes);
        self
    }

    /// Longest waits.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Account, region and role. Default: the component's, else the stack's.
    #[must_use]
    pub fn provider(mut self, provider: ProviderConfig) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Leave it to AWS to refuse values that plans refuse otherwise: for one that AWS takes since
    /// lately, and that is not documented yet in what this program knows. Default: false.
    #[must_use]
    pub fn unchecked(mut self, yes: bool) -> Self {
        self.unchecked = yes;
        self
    }

    /// Fills what is not set from the owner's options.
    pub(crate) fn inherit(mut self, owner: &Options) -> Self {
        self.protect = self.protect.or(owner.protect);
        self.retain_on_delete = self.retain_on_delete.or(owner.retain_on_delete);
        self.provider = self.provider.or_else(|| owner.provider.clone());
        self.depends_on.extend(owner.depends_on.iter().cloned());
        self
    }
}
