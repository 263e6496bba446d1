//! Tags: to and from the SDK's types, and what an update has to send.

use std::collections::HashMap;
use std::future::Future;

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{Cx, Tags};

use super::Aws;

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
pub fn delta(old: &Option<Tags>, new: &Option<Tags>) -> TagDelta {
    let empty = Tags::new();
    let (old, new) = (old.as_ref().unwrap_or(&empty), new.as_ref().unwrap_or(&empty));
    TagDelta {
        set: new
            .iter()
            .filter(|(k, v)| old.get(*k) != Some(v))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        remove: old.keys().filter(|k| !new.contains_key(*k)).cloned().collect(),
    }
}

/// Brings tags from `old` to `new`: one call of each kind, and only if it has something to send.
///
/// # Errors
/// The first call's error.
pub async fn retag<S, R>(
    old: &Option<Tags>,
    new: &Option<Tags>,
    set: impl FnOnce(Option<Tags>) -> S,
    remove: impl FnOnce(Vec<String>) -> R,
) -> Result<(), OpError>
where
    S: Future<Output = Result<(), OpError>>,
    R: Future<Output = Result<(), OpError>>,
{
    let delta = delta(old, new);
    if !delta.set.is_empty() {
        set(Some(delta.set)).await?;
    }
    if !delta.remove.is_empty() {
        remove(delta.remove).await?;
    }
    Ok(())
}

/// [`retag`] for a service with one call that sets tags and one that removes them: client, whose
/// tags, old and new ones, how the SDK takes them, and both calls with their names for errors.
#[allow(unused_macros, reason = "not every set of features has such a service")]
macro_rules! retagged {
    (
        $client:expr, $key:ident($id:expr), $old:expr => $new:expr, $to_sdk:expr,
        $set:ident: $set_op:literal, $remove:ident: $remove_op:literal
    ) => {{
        let set = |set| async move {
            let call = $client.$set().$key($id).set_tags(Some($to_sdk(&set)));
            $crate::aws::SdkResultExt::op(call.send().await, $set_op).map(drop)
        };
        let remove = |keys| async move {
            let call = $client.$remove().$key($id).set_tag_keys(Some(keys));
            $crate::aws::SdkResultExt::op(call.send().await, $remove_op).map(drop)
        };
        $crate::aws::tags::retag($old, $new, set, remove).await
    }};
}
#[allow(unused_imports, reason = "not every set of features has such a service")]
pub(crate) use retagged;

/// Whether our ownership tag is among these.
pub fn is_ours(cx: &Cx<Aws>, tags: &Option<Tags>) -> bool {
    tags.as_ref().and_then(|t| t.get(OWNER)).is_some_and(|owner| *owner == cx.owner_tag())
}

/// Whether our ownership tag of any generation is among these: what it marks was made for this
/// very urn, now or before.
pub fn was_ours(cx: &Cx<Aws>, tags: &Option<Tags>) -> bool {
    fn urn(owner: &str) -> Option<&str> {
        owner.rsplit_once('@').map(|(urn, _)| urn)
    }
    let owner = tags.as_ref().and_then(|t| t.get(OWNER));
    owner.is_some_and(|owner| urn(owner).is_some() && urn(owner) == urn(&cx.owner_tag()))
}

/// Tags for a service that takes them as a map.
pub fn to_map(tags: &Option<Tags>) -> HashMap<String, String> {
    tags.iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// Tags of a service that gives them as a map.
pub fn from_map(tags: Option<&HashMap<String, String>>) -> Option<Tags> {
    collect(tags.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())))
}

/// Tags from pairs; AWS's own (`aws:…`) are left out.
pub fn collect(pairs: impl IntoIterator<Item = (String, String)>) -> Option<Tags> {
    let tags: Tags = pairs.into_iter().filter(|(k, _)| !k.starts_with("aws:")).collect();
    (!tags.is_empty()).then_some(tags)
}

/// `to_sdk` and `from_sdk` for a service whose `Tag` has an optional key and value.
#[macro_export]
#[doc(hidden)]
macro_rules! optional_tags {
    ($tag:ty) => {
        pub(crate) fn to_sdk(tags: &Option<ferrocrete_core::resource::Tags>) -> Vec<$tag> {
            let one = |(k, v)| <$tag>::builder().key(k).value(v).build();
            tags.iter().flatten().map(one).collect()
        }

        pub(crate) fn from_sdk(tags: &[$tag]) -> Option<ferrocrete_core::resource::Tags> {
            $crate::aws::tags::collect(tags.iter().filter_map(|t| {
                Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()))
            }))
        }
    };
}

/// `to_sdk` and `from_sdk` for a service whose `Tag` must have a key and a value.
#[macro_export]
#[doc(hidden)]
macro_rules! required_tags {
    ($tag:ty) => {
        pub(crate) fn to_sdk(tags: &Option<ferrocrete_core::resource::Tags>) -> Vec<$tag> {
            let one = |(k, v)| <$tag>::builder().key(k).value(v).build().expect("both are set");
            tags.iter().flatten().map(one).collect()
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

    fn tags(list: &[(&str, &str)]) -> Option<Tags> {
        Some(list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn a_delta_is_only_what_differs() {
        let old = tags(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let found = delta(&old, &tags(&[("a", "1"), ("b", "2"), ("d", "1")]));
        assert_eq!(Some(found.set), tags(&[("b", "2"), ("d", "1")]));
        assert_eq!(found.remove, ["c"]);
    }

    #[tokio::test]
    async fn only_calls_that_have_something_to_send_are_made() {
        let unwanted = |_| async { unreachable!("nothing to remove") };
        let old = tags(&[("a", "1")]);
        let new = tags(&[("a", "2")]);
        let set = async |set| {
            assert_eq!(set, new);
            Ok(())
        };
        retag(&old, &new, set, unwanted).await.unwrap();
        let unwanted = |_| async { unreachable!("nothing to set") };
        let remove = async |keys| {
            assert_eq!(keys, ["a"]);
            Ok(())
        };
        retag(&old, &None, unwanted, remove).await.unwrap();
    }

    #[test]
    fn maps_come_back() {
        let some = tags(&[("a", "1"), ("b", "")]);
        assert_eq!(from_map(Some(&to_map(&some))), some);
        assert_eq!((from_map(None), to_map(&None).len()), (None, 0));
    }
}
