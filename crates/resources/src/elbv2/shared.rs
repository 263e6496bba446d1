//! What the types share: asking for several ARNs at once, tags, attributes, and what a load balancer
//! has for itself.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_elasticloadbalancingv2::types::Tag;
use ferrocrete_core::schema::{Claim, Share};
use ferrocrete_core::value::PropertyMap;

use crate::aws::claim;
use crate::prelude::*;

crate::optional_tags!(Tag);

/// Most ARNs that one call takes: DescribeTags does not take more.
const CHUNK: usize = 20;

/// Asks for ARNs, 20 at once. One that is missing fails the call for all, so then each is asked
/// for by itself; a missing one is left out.
pub(super) async fn by_arn<T, F, Fut>(arns: Vec<String>, ask: F) -> Result<Vec<T>>
where
    T: Send,
    F: Fn(Vec<String>) -> Fut + Sync,
    Fut: Future<Output = Result<Vec<T>>> + Send,
{
    let mut all = Vec::new();
    let ask = &ask;
    let chunks: Vec<Vec<String>> = arns.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let answers = batch::each(chunks, |chunk| async move {
        if let Some(answer) = found(ask(chunk.clone()).await)? {
            return Ok(answer);
        }
        let mut rest = Vec::new();
        // One alone has been asked for already.
        for arn in chunk.iter().filter(|_| chunk.len() > 1) {
            rest.extend(found(ask(vec![arn.clone()]).await)?.into_iter().flatten());
        }
        Ok(rest)
    })
    .await?;
    all.extend(answers.into_iter().flatten());
    Ok(all)
}

/// The ids of what is read, each once.
pub(super) fn ids<R: Resource>(items: &[ReadRequest<R>]) -> Vec<String> {
    let mut ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Tags by ARN; what is gone has none.
pub(super) async fn tags_of(aws: &Aws, arns: Vec<String>) -> Result<HashMap<String, Option<Tags>>> {
    let all = by_arn(arns, |arns| async move {
        let call = aws.elasticloadbalancingv2().describe_tags().set_resource_arns(Some(arns));
        let answer = call.send().await.op("elasticloadbalancing:DescribeTags")?;
        Ok(answer.tag_descriptions.unwrap_or_default())
    })
    .await?;
    let pair = |d: aws_sdk_elasticloadbalancingv2::types::TagDescription| {
        let tags = from_sdk(d.tags());
        Some((d.resource_arn?, tags))
    };
    Ok(all.into_iter().filter_map(pair).collect())
}

/// Tags of those among the items that are there and whose inputs declare some.
pub(super) struct DeclaredTags {
    asked: Vec<String>,
    answers: HashMap<String, Option<Tags>>,
}

impl DeclaredTags {
    /// Tags, if they were asked for; the outer `None` when that call did not find it: then it is
    /// not there yet, or no more.
    pub(super) fn of(&self, arn: &str) -> Option<Option<Tags>> {
        match self.asked.iter().any(|asked| asked == arn) {
            true => self.answers.get(arn).cloned(),
            false => Some(None),
        }
    }
}

/// Tags of those among the items whose inputs declare some.
pub(super) async fn declared_tags<R: Resource>(
    aws: &Aws,
    items: &[ReadRequest<R>],
    there: impl Fn(&str) -> bool,
    tags: impl Fn(&R) -> &Option<Tags>,
) -> Result<DeclaredTags> {
    let declares = |i: &&ReadRequest<R>| i.inputs.as_ref().is_none_or(|i| tags(i).is_some());
    let asked = items.iter().filter(declares).filter(|i| there(&i.id));
    let mut asked: Vec<String> = asked.map(|i| i.id.clone()).collect();
    asked.sort();
    asked.dedup();
    Ok(DeclaredTags { answers: tags_of(aws, asked.clone()).await?, asked })
}

/// The load balancer that an ARN is of, as `app/NAME/ID`: in its own ARN and in those of its
/// listeners and their rules it stands in the same way.
pub(super) fn balancer_of(arn: &str) -> Option<String> {
    let mut parts = arn.rsplit(':').next()?.split('/');
    let kind = parts.next()?;
    let name: Vec<&str> = parts.take(3).collect();
    let known = matches!(kind, "loadbalancer" | "listener" | "listener-rule") && name.len() == 3;
    known.then(|| name.join("/"))
}

/// A target group belongs to one load balancer (`TargetGroupAssociationLimit`, TF#22005): who
/// forwards to it shares it with the others of that balancer only. `of` holds the ARN that tells
/// the balancer, `actions` the actions.
pub(super) fn forwards(properties: &PropertyMap, of: &str, actions: &str) -> Vec<Claim> {
    let balancer = claim::known(properties, of).and_then(|arn| balancer_of(&arn));
    let share = balancer.map_or(Share::Unknown, Share::With);
    let configs = claim::members(properties, actions).into_iter().filter_map(|mut action| {
        match action.remove("forward_config")? {
            ferrocrete_core::Value::Map(config) => Some(config),
            _ => None,
        }
    });
    let groups = configs.flat_map(|config| claim::members(&config, "target_groups"));
    let mut arns: Vec<String> =
        groups.filter_map(|group| claim::known(&group, "target_group_arn")).collect();
    arns.sort();
    arns.dedup();
    let claim = |arn| Claim::new("target group of a load balancer", &[actions], [arn]);
    arns.into_iter().map(|arn| claim(arn).shared(share.clone())).collect()
}

/// Whether this carries our ownership tag.
pub(super) async fn is_ours(cx: &Cx, arn: &str) -> Result<bool> {
    let tags = tags_of(cx, vec![arn.to_owned()]).await?;
    Ok(tags.get(arn).is_some_and(|tags| tags::is_ours(cx, tags)))
}

/// The first of these with our ownership tag.
pub(super) async fn first_of_ours(cx: &Cx, arns: Vec<String>) -> Result<Option<String>> {
    let tags = tags_of(cx, arns.clone()).await?;
    let ours = |arn: &String| tags.get(arn).is_some_and(|tags| tags::is_ours(cx, tags));
    Ok(arns.into_iter().find(ours))
}

/// Brings tags from `old` to `new`.
pub(super) async fn retag(
    cx: &Cx,
    arn: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    let elb = cx.elasticloadbalancingv2();
    retagged!(
        elb, resource_arns(arn), old => new, to_sdk,
        add_tags: "elasticloadbalancing:AddTags",
        remove_tags: "elasticloadbalancing:RemoveTags"
    )
}

/// What comes of a create with a name that somebody else's thing has.
pub(super) fn taken(what: &str, name: &str) -> OpError {
    OpError::new(
        ErrorKind::AlreadyExists,
        format!(
            "a {what} `{name}` is there already, and is not ours\n  what to do: choose another name, or delete that {what}"
        ),
    )
}

/// Attributes by AWS's name for them; a property's value is text, number or switch alike.
pub(super) type Attributes = HashMap<String, String>;

/// From and to the attributes of a type: `property: "aws.name"`. Only what is declared is sent.
macro_rules! attributes {
    ($type:ident { $($field:ident: $key:literal,)* }) => {
        impl $type {
            /// Names of the properties that are attributes.
            pub(in crate::elbv2) const ATTRIBUTES: &'static [&'static str] = &[$(stringify!($field)),*];

            /// What is declared, of the properties that `wanted` names.
            fn plain_attributes(&self, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
                let mut all = Vec::new();
                $(if let Some(value) = self.$field.as_ref().filter(|_| wanted(stringify!($field))) {
                    all.push(($key.to_owned(), value.to_string()));
                })*
                all
            }

            /// Takes over what AWS has.
            fn take_attributes(&mut self, live: &$crate::elbv2::shared::Attributes) {
                $(self.$field = $crate::elbv2::shared::attribute(live, $key);)*
            }
        }
    };
}
pub(super) use attributes;

/// An attribute that AWS has; empty ones count as absent.
pub(super) fn attribute<T: std::str::FromStr>(live: &Attributes, key: &str) -> Option<T> {
    live.get(key).filter(|v| !v.is_empty()).and_then(|v| v.parse().ok())
}

/// Whether any of these properties is declared, as JSON has them: absent ones are null.
pub(super) fn declares<T: Serialize>(known: Option<&T>, properties: &[&[&str]]) -> bool {
    let Some(known) = known else { return true };
    let json = serde_json::to_value(known).unwrap_or_default();
    properties.iter().copied().flatten().any(|name| json.get(name).is_some_and(|v| !v.is_null()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn balancer_listener_and_rule_tell_the_same_balancer() {
        let start = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:";
        let of = |rest: &str| balancer_of(&format!("{start}{rest}"));
        let balancer = of("loadbalancer/app/web/50dc");
        assert_eq!(balancer.as_deref(), Some("app/web/50dc"));
        assert_eq!(of("listener/app/web/50dc/f2f7"), balancer);
        assert_eq!(of("listener-rule/app/web/50dc/f2f7/9683"), balancer);
        assert_ne!(of("listener/net/web/50dc/f2f7"), balancer);
        assert_eq!(of("targetgroup/web/73e2"), None);
        assert_eq!(balancer_of("web"), None);
    }

    #[test]
    fn a_target_group_is_shared_within_a_balancer() {
        let group = |arn: &str| serde_json::json!({"target_group_arn": arn});
        let forward = |arns: &[&str]| {
            let groups: Vec<_> = arns.iter().map(|arn| group(arn)).collect();
            serde_json::json!({"action_type": "forward", "forward_config": {"target_groups": groups}})
        };
        let start = "arn:aws:elasticloadbalancing:eu-central-1:1:";
        let fixed = serde_json::json!({"action_type": "fixed-response", "forward_config": null});
        let listener = format!("{start}listener/app/web/50dc/f2f7");
        let actions = [fixed, forward(&["b", "a", "b"])];
        let rule = serde_json::json!({"listener_arn": listener, "actions": actions});
        let rule = claim::properties(&rule);
        let claims = forwards(&rule, "listener_arn", "actions");
        let keys: Vec<_> = claims.iter().map(|claim| claim.key.join("")).collect();
        assert_eq!(keys, ["a", "b"]);
        assert_eq!(claims[0].share, Share::With("app/web/50dc".into()));
        let mut new = rule;
        new.insert("listener_arn".into(), ferrocrete_core::Value::Unknown);
        assert_eq!(forwards(&new, "listener_arn", "actions")[0].share, Share::Unknown);
    }

    fn missing() -> OpError {
        OpError::new(ErrorKind::NotFound, "missing")
    }

    #[tokio::test]
    async fn a_missing_one_does_not_hide_the_others() {
        let calls = Mutex::new(0);
        let ask = |arns: Vec<String>| {
            *calls.lock().unwrap() += 1;
            let bad = arns.iter().any(|a| a == "b");
            async move { if bad { Err(missing()) } else { Ok(arns) } }
        };
        let arns = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(by_arn(arns, ask).await.unwrap(), ["a", "c"]);
        assert_eq!(*calls.lock().unwrap(), 4);
    }

    #[tokio::test]
    async fn one_that_is_missing_alone_is_asked_for_once() {
        let calls = Mutex::new(0);
        let ask = |_: Vec<String>| {
            *calls.lock().unwrap() += 1;
            async { Err::<Vec<String>, _>(missing()) }
        };
        assert!(by_arn(vec!["a".to_owned()], ask).await.unwrap().is_empty());
        assert_eq!(*calls.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn many_are_asked_for_in_chunks() {
        let sizes = Mutex::new(Vec::new());
        let ask = |arns: Vec<String>| {
            sizes.lock().unwrap().push(arns.len());
            async move { Ok(arns) }
        };
        let arns: Vec<String> = (0..45).map(|n| n.to_string()).collect();
        assert_eq!(by_arn(arns.clone(), ask).await.unwrap(), arns);
        assert_eq!(*sizes.lock().unwrap(), [20, 20, 5]);
    }
}
