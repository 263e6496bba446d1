//! `AWS::KMS::Alias`: a name for a key.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateAlias; DescribeKey when refused |
//! | read, find | DescribeKey by alias, concurrently |
//! | update | UpdateAlias |
//! | delete | DeleteAlias |
//!
//! Traps: an alias has no tags, so one of that name for that key counts as ours; KMS knows it by
//! its name. A key made moments ago may not be found (TF: `internal/service/kms/alias.go`). A key that waits
//! to be deleted keeps its aliases, so they are deleted themselves. The name begins with `alias/`,
//! which is added here when it is missing. Old and new key must be of one kind.
//! Left out: nothing.
//! Differences:
//! - optional `alias_name`: derived when not given.
//! - also needs `kms:DescribeKey`: tells in one call whose alias it is.

use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::shared::describe;
use crate::aws::answer::{advise, same_key};
use crate::aws::spelling;
use crate::prelude::*;

/// A name for a key, which can be given to another key.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::KMS::Alias",
    claims = claims,
    eventual("NotFoundException"),
    iam(
        create("kms:CreateAlias", "kms:DescribeKey"),
        read("kms:DescribeKey"),
        find("kms:DescribeKey"),
        update("kms:UpdateAlias"),
        delete("kms:DeleteAlias")
    )
)]
pub struct Alias {
    /// Name, up to 250 letters, digits, `/`, `_` and `-`, with or without `alias/` before it.
    /// Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 250, extra = "/_-"))]
    pub alias_name: Option<String>,
    /// Id or ARN of the key.
    pub target_key_id: String,
}

/// What AWS knows of an [`Alias`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct AliasOutputs {
    /// Name, with `alias/` before it: what takes a key takes this, too.
    pub alias_name: String,
    /// ARN of the alias.
    pub arn: String,
}

const PREFIX: &str = "alias/";

fn claims(alias: &PropertyMap) -> Vec<Claim> {
    let claim = spelling::name(alias, "AWS::KMS::Alias", "alias_name", whole);
    claim.map(Claim::as_identity).into_iter().collect()
}

/// A name as AWS has it.
fn whole(name: &str) -> String {
    if name.starts_with(PREFIX) { name.to_owned() } else { format!("{PREFIX}{name}") }
}

impl Resource for Alias {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.name();
        let call = cx.kms().create_alias().alias_name(&name).target_key_id(&self.target_key_id);
        if let Err(error) = call.send().await.op("kms:CreateAlias") {
            if error.kind != ErrorKind::AlreadyExists {
                return Err(error);
            }
            if self.find(cx).await?.is_none() {
                let advice = "choose another name, or delete that alias";
                return Err(advise(error, advice));
            }
        }
        let outputs = outputs(cx, &name).await?;
        Ok(Made::Ready(name, outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let Some(key) = describe(cloud, &item.id).await? else { return Ok(None) };
            let outputs = outputs(cloud, &item.id).await?;
            Ok(Some(live(&item.id, key.arn.unwrap_or(key.key_id), outputs, item.inputs.as_ref())))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.name();
        let key = describe(cx, &name).await?;
        let arn = key.map(|key| key.arn.unwrap_or(key.key_id));
        Ok(arn.filter(|arn| same_key(&self.target_key_id, arn)).map(|_| name))
    }

    async fn update(&self, cx: &Cx, id: &str, _: &Self, _: &Changes) -> Result<Progress> {
        let call = cx.kms().update_alias().alias_name(id).target_key_id(&self.target_key_id);
        call.send().await.op("kms:UpdateAlias")?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        gone(cx.kms().delete_alias().alias_name(id).send().await.op("kms:DeleteAlias"))
    }
}

impl Alias {
    /// The name as AWS has it.
    fn name(&self) -> String {
        whole(self.alias_name.as_deref().unwrap_or_default())
    }
}

async fn outputs(aws: &Aws, name: &str) -> Result<AliasOutputs> {
    Ok(AliasOutputs { alias_name: name.to_owned(), arn: aws.arn("kms", name).await? })
}

fn live(name: &str, key: String, outputs: AliasOutputs, known: Option<&Alias>) -> Live<Alias> {
    let declared = known.filter(|k| k.name() == name).and_then(|k| k.alias_name.clone());
    let target = known.map(|k| &k.target_key_id).filter(|target| same_key(target, &key));
    Live::ready(
        Alias {
            alias_name: Some(declared.unwrap_or_else(|| name.to_owned())),
            target_key_id: target.cloned().unwrap_or(key),
        },
        outputs,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(name: &str) -> Alias {
        Alias { alias_name: Some(name.to_owned()), target_key_id: "abc".to_owned() }
    }

    #[test]
    fn the_beginning_of_a_name_is_added_once() {
        assert_eq!(
            (alias("a").name(), alias("alias/a").name()),
            ("alias/a".into(), "alias/a".into())
        );
    }

    #[test]
    fn names_are_as_declared() {
        let key = "arn:aws:kms:eu-central-1:1:key/abc".to_owned();
        let outputs = || AliasOutputs { alias_name: "alias/a".into(), arn: String::new() };
        let same = live("alias/a", key.clone(), outputs(), Some(&alias("a"))).inputs;
        assert_eq!((same.alias_name.as_deref(), same.target_key_id.as_str()), (Some("a"), "abc"));
        let other = live("alias/a", key.replace("abc", "abd"), outputs(), Some(&alias("a"))).inputs;
        assert!(other.target_key_id.ends_with(":key/abd"));
    }
}
