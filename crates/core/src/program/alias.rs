//! [`Alias`]: where a resource or component was before.

use crate::graph::GraphError;
use crate::urn::Urn;

use super::options::Options;
use super::stack::Stack;

/// A former place of a resource or component: what is not set is as it is now.
///
/// ```
/// use ferrocrete_core::{Alias, Options};
/// let renamed = Options::new().alias("web");
/// let moved_into_a_component = Options::new().alias(Alias::new().top_level());
/// let both = Options::new().alias(Alias::new().name("web").parent("network/zone-a"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Alias {
    name: Option<String>,
    parent: Option<String>,
    type_name: Option<String>,
    urn: Option<Urn>,
}

impl Alias {
    /// Nothing was different so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// It had this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// It was in this component: the names from the outermost in, joined by `/`.
    #[must_use]
    pub fn parent(mut self, path: impl Into<String>) -> Self {
        self.parent = Some(path.into());
        self
    }

    /// It was in no component.
    #[must_use]
    pub fn top_level(self) -> Self {
        self.parent("")
    }

    /// It had this type name; the former type must be read and changed as the present one is.
    #[must_use]
    pub fn type_name(mut self, type_name: impl Into<String>) -> Self {
        self.type_name = Some(type_name.into());
        self
    }
}

impl From<&str> for Alias {
    fn from(name: &str) -> Self {
        Self::new().name(name)
    }
}

impl From<String> for Alias {
    fn from(name: String) -> Self {
        Self::new().name(name)
    }
}

impl From<Urn> for Alias {
    fn from(urn: Urn) -> Self {
        Self { urn: Some(urn), ..Self::default() }
    }
}

/// The names of components, outermost first.
pub(super) type Path = Vec<String>;

/// What is below a path.
pub(super) fn names(path: &str) -> Path {
    path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

impl Stack {
    /// Every urn that a node may have had: by its own aliases, and by those of what it is in.
    pub(super) fn former_urns(&self, urn: &Urn, options: &Options) -> Vec<Urn> {
        let inherited = self.former_paths(options);
        let mut found = Vec::new();
        let mut mistakes: Vec<GraphError> = Vec::new();
        let mut add = |path: &Path, type_name: &str, name: &str| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match Urn::new(self.project(), self.name(), &path, type_name, name) {
                Ok(former) => found.push(former),
                Err(error) => mistakes.push(error.into()),
            }
        };
        for path in &inherited {
            add(path, urn.type_name(), urn.name());
        }
        let present = names(urn.path());
        let inner = self.inner_aliases.iter().filter(|(path, _)| *path == urn.short());
        let own = options.aliases.iter().chain(inner.map(|(_, alias)| alias));
        for alias in own.clone().filter(|a| a.urn.is_none()) {
            let type_name = alias.type_name.as_deref().unwrap_or(urn.type_name());
            let name = alias.name.as_deref().unwrap_or(urn.name());
            match &alias.parent {
                Some(path) => add(&names(path), type_name, name),
                None => {
                    let paths = std::iter::once(&present).chain(&inherited);
                    paths.for_each(|path| add(path, type_name, name));
                }
            }
        }
        for former in own.filter_map(|a| a.urn.clone()) {
            match (former.project(), former.stack()) == (self.project(), self.name()) {
                true => found.push(former),
                false => {
                    mistakes.push(GraphError::ForeignAlias { urn: urn.clone(), alias: former });
                }
            }
        }
        let mut seen = std::collections::BTreeSet::from([urn.clone()]);
        found.retain(|former| seen.insert(former.clone()));
        self.declared().errors.extend(mistakes);
        found
    }
}
