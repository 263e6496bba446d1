//! What the types share: who is scaled.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};

use crate::prelude::*;

/// Who is scaled, and in which dimension: what the id of a [`super::ScalableTarget`] says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) resource_id: String,
    pub(super) scalable_dimension: String,
    pub(super) service_namespace: String,
}

impl Target {
    /// From `RESOURCE_ID|SCALABLE_DIMENSION|SERVICE_NAMESPACE`.
    pub(super) fn parse(id: &str) -> Result<Self> {
        let mut parts = id.rsplitn(3, '|').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(service_namespace), Some(scalable_dimension), Some(resource_id)) => {
                Ok(Self { resource_id, scalable_dimension, service_namespace })
            }
            _ => Err(OpError::invalid(format!(
                "`{id}` is no id of a scalable target\n  what to do: use the output `scalable_target_id` of a `ScalableTarget`"
            ))),
        }
    }

    pub(super) fn id(&self) -> String {
        let Self { resource_id, scalable_dimension, service_namespace } = self;
        format!("{resource_id}|{scalable_dimension}|{service_namespace}")
    }

    pub(super) fn namespace(&self) -> ServiceNamespace {
        ServiceNamespace::from(self.service_namespace.as_str())
    }

    pub(super) fn dimension(&self) -> ScalableDimension {
        ScalableDimension::from(self.scalable_dimension.as_str())
    }
}

/// The two halves of an id `TARGET_ID|NAME`.
pub(super) fn target_and_name(id: &str) -> Result<(Target, &str)> {
    match id.rsplit_once('|') {
        Some((target, name)) => Ok((Target::parse(target)?, name)),
        None => Err(OpError::invalid(format!("`{id}` is no TARGET_ID|NAME"))),
    }
}

/// The same of several.
pub(super) fn targets_and_names<R: Resource>(
    items: &[ReadRequest<R>],
) -> Result<Vec<(Target, &str)>> {
    items.iter().map(|item| target_and_name(&item.id)).collect()
}

/// What each of the targets has, each asked once.
pub(super) async fn by_target<T, Fut>(
    asked: &[(Target, &str)],
    list: impl FnMut(Target) -> Fut,
) -> Result<BTreeMap<Target, Vec<T>>>
where
    Fut: Future<Output = Result<Vec<T>>>,
{
    let targets: BTreeSet<Target> = asked.iter().map(|(target, _)| target.clone()).collect();
    let lists = batch::each(targets.iter().cloned(), list).await?;
    Ok(targets.into_iter().zip(lists).collect())
}

/// What comes of a create with a name that the target has already.
pub(super) fn taken(what: &str, name: &str, target: &str) -> OpError {
    OpError::new(
        ErrorKind::AlreadyExists,
        format!(
            "`{target}` has another {what} `{name}`, which is not ours\n  what to do: choose another name, or delete that one"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_its_id() {
        let id = "service/a/b|ecs:service:DesiredCount|ecs";
        let target = Target::parse(id).unwrap();
        assert_eq!(target.resource_id, "service/a/b");
        assert_eq!(target.service_namespace, "ecs");
        assert_eq!(target.id(), id);
        let policy = format!("{id}|cpu");
        assert_eq!(target_and_name(&policy).unwrap(), (target, "cpu"));
        assert_eq!(Target::parse("service/a/b").unwrap_err().kind, ErrorKind::Invalid);
    }
}
