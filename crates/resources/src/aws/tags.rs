//! Tags: to and from the SDK's types, and what an update has to send.

use ferrocrete_core::resource::Tags;

/// The tag that marks a resource and generation as ours.
pub const OWNER: &str = "ferrocrete:urn";

/// What an update of tags has to send.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TagDelta {
    /// Tags to set.
    pub set: Tags,
    /// Keys to remove.
    pub remove: Vec<String>,
}

/// From the tags that are there to those that are wanted.
pub fn delta(old: Option<&Tags>, new: Option<&Tags>) -> TagDelta {
    let empty = Tags::new();
    let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
    TagDelta {
        set: new
            .iter()
            .filter(|(k, v)| old.get(*k) != Some(v))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        remove: old.keys().filter(|k| !new.contains_key(*k)).cloned().collect(),
    }
}

/// Tags from pairs; AWS's own (`aws:…`) are left out.
pub fn collect(pairs: impl IntoIterator<Item = (String, String)>) -> Option<Tags> {
    let tags: Tags = pairs.into_iter().filter(|(k, _)| !k.starts_with("aws:")).collect();
    (!tags.is_empty()).then_some(tags)
}

/// Conversions for a service whose `Tag` has optional key and value.
#[macro_export]
#[doc(hidden)]
macro_rules! optional_tags {
    ($tag:ty) => {
        pub(crate) fn to_sdk(tags: Option<&ferrocrete_core::resource::Tags>) -> Vec<$tag> {
            tags.into_iter()
                .flatten()
                .map(|(k, v)| <$tag>::builder().key(k).value(v).build())
                .collect()
        }

        pub(crate) fn from_sdk(tags: &[$tag]) -> Option<ferrocrete_core::resource::Tags> {
            $crate::aws::tags::collect(tags.iter().filter_map(|t| {
                Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()))
            }))
        }
    };
}

/// Conversions for a service whose `Tag` needs key and value.
#[macro_export]
#[doc(hidden)]
macro_rules! required_tags {
    ($tag:ty) => {
        pub(crate) fn to_sdk(
            tags: Option<&ferrocrete_core::resource::Tags>,
        ) -> Result<Vec<$tag>, ferrocrete_core::error::OpError> {
            tags.into_iter()
                .flatten()
                .map(|(k, v)| {
                    <$tag>::builder().key(k).value(v).build().map_err(|e| {
                        ferrocrete_core::error::OpError::invalid(format!("tag `{k}`: {e}"))
                    })
                })
                .collect()
        }

        pub(crate) fn from_sdk(tags: &[$tag]) -> Option<ferrocrete_core::resource::Tags> {
            $crate::aws::tags::collect(
                tags.iter().map(|t| (t.key().to_owned(), t.value().to_owned())),
            )
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_is_only_what_differs() {
        let tags = |list: &[(&str, &str)]| -> Tags {
            list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let found = delta(
            Some(&tags(&[("a", "1"), ("b", "1"), ("c", "1")])),
            Some(&tags(&[("a", "1"), ("b", "2"), ("d", "1")])),
        );
        assert_eq!(found.set, tags(&[("b", "2"), ("d", "1")]));
        assert_eq!(found.remove, ["c"]);
    }
}
