//! `AWS::SSM::Parameter`: a configuration value, plain or encrypted, kept by AWS.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | PutParameter |
//! | read | GetParameters for 10 parameters; DescribeParameters for 50 when what only it tells is declared; ListTagsForResource when tags are declared |
//! | find | GetParameters, ListTagsForResource |
//! | update | PutParameter, AddTagsToResource, RemoveTagsFromResource |
//! | delete | DeleteParameter |
//!
//! Traps: tags go with a new parameter only. What an update leaves out stays; empty text clears.
//! An advanced parameter cannot become a standard one. AWS looks at an `aws:ec2:image` value only
//! after it has taken it. The value of a parameter that somebody else encrypted is not decrypted.
//! SSM knows a parameter by its name, takes one change of it at a time (`TooManyUpdates`), and
//! wants 30 s between a delete and a create of one name (API_DeleteParameter), so a derived name
//! that comes back is another one. A KMS key of moments ago may be unknown (`InvalidKeyId`).
//! CloudFormation cannot make a `SecureString`; here its value is secret everywhere.
//! Left out: `policies`.
//! Differences:
//! - renamed `parameter_type` (`type`): a word that Rust reserves.
//! - own `key_id`: for a `SecureString`, which CloudFormation cannot make.
//! - also needs `kms:Encrypt`, `kms:GenerateDataKey`, `kms:Decrypt`: for the same; a data key encrypts
//!   an advanced one.
//! - read back `allowed_pattern`, `description`, `tier`: AWS tells them, in a call of its own.

use aws_sdk_ssm::types::{
    Parameter as SdkParameter, ParameterMetadata, ParameterTier, ParameterType,
};

use super::shared::{arn, describe, get, list_tags, retag, to_sdk};
use crate::aws::answer::{ours_or, same_key};
use crate::prelude::*;

const SECURE: &str = "SecureString";
/// A configuration value, plain or encrypted, kept by AWS.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SSM::Parameter",
    identity("name"),
    name_lingers,
    eventual("InvalidResourceId", "InvalidKeyId"),
    busy("TooManyUpdates"),
    iam(
        create(
            "ssm:PutParameter",
            "ssm:AddTagsToResource",
            "ssm:GetParameters",
            "ssm:ListTagsForResource",
            "kms:Encrypt",
            "kms:GenerateDataKey"
        ),
        read(
            "ssm:GetParameters",
            "ssm:DescribeParameters",
            "ssm:ListTagsForResource",
            "kms:Decrypt"
        ),
        find("ssm:GetParameters", "ssm:ListTagsForResource"),
        update(
            "ssm:PutParameter",
            "ssm:AddTagsToResource",
            "ssm:RemoveTagsFromResource",
            "kms:Encrypt",
            "kms:GenerateDataKey"
        ),
        delete("ssm:DeleteParameter")
    )
)]
pub struct Parameter {
    /// Name, up to 1,011 characters with its ARN, often a path such as `/shop/prod/url`.
    /// Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 900, extra = "_.-/"))]
    pub name: Option<String>,
    /// `String`, `StringList` (commas between its values) or `SecureString` (encrypted): AWS's
    /// `type`.
    pub parameter_type: String,
    /// The value, up to 4 KB, or 8 KB in the advanced tier. Secret if `parameter_type` is
    /// `SecureString`, or if what it is made of is.
    #[field(secret_if(parameter_type = "SecureString"), affects("version"))]
    pub value: String,
    /// What it is for, up to 1,024 characters; not encrypted.
    pub description: Option<String>,
    /// Regular expression that the value must fit, such as `^\d+$`.
    pub allowed_pattern: Option<String>,
    /// `text`, `aws:ec2:image` (AWS checks that the image exists) or `aws:ssm:integration`.
    /// Default: `text`.
    #[field(server_default)]
    pub data_type: Option<String>,
    /// KMS key of a `SecureString`: ARN, id or alias. Default: `alias/aws/ssm`.
    #[field(server_default)]
    pub key_id: Option<String>,
    /// `Standard`, `Advanced` (costs extra) or `Intelligent-Tiering` (advanced when it must be).
    /// Default: the account's, usually `Standard`.
    #[field(server_default)]
    pub tier: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Parameter`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ParameterOutputs {
    /// Name.
    #[output(from_input)]
    pub name: String,
    /// ARN: what a task definition's secrets take.
    pub arn: String,
    /// Version of the value, from 1.
    pub version: i64,
}

impl Resource for Parameter {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.name.clone().unwrap_or_default();
        let call = self.put(cx, &name).set_description(self.description.clone());
        let call = call.set_allowed_pattern(self.allowed_pattern.clone());
        let call = call.set_tags(self.tags.is_some().then(|| to_sdk(&self.tags)));
        let answer = match call.send().await.op("ssm:PutParameter") {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let arn = arn(cx, &name).await?;
        Ok(Made::Ready(name.clone(), ParameterOutputs { name, arn, version: answer.version }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let (secure, plain): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_secure());
        let ids = |items: Vec<&ReadRequest<Self>>| items.iter().map(|i| i.id.clone()).collect();
        let mut found = get(cloud, ids(plain), false).await?;
        found.extend(get(cloud, ids(secure), true).await?);
        let detailed = items.iter().filter(|item| item.wants_details()).collect();
        let details = describe(cloud, ids(detailed)).await?;
        let (found, details) = (&found, &details);
        batch::each(items, |item| async move {
            let Some(parameter) = found.get(&item.id) else { return Ok(None) };
            let known = item.inputs.as_ref();
            let tags = match known {
                Some(Self { tags: None, .. }) => Some(None),
                _ => list_tags(cloud, &item.id).await?,
            };
            let arn = arn(cloud, &item.id).await?;
            Ok(tags.map(|tags| live(parameter, details.get(&item.id), arn, tags, known)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.name.clone().unwrap_or_default();
        if get(cx, vec![name.clone()], false).await?.is_empty() {
            return Ok(None);
        }
        Ok(tags::is_ours(cx, &list_tags(cx, &name).await?.flatten()).then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.iter().any(|name| name != "tags") {
            if changes.has("tier") && is(&old.tier, "Advanced") && is(&self.tier, "Standard") {
                return Err(OpError::invalid(
                    "AWS does not make an advanced parameter a standard one\n  what to do: give it \
                     another name, which replaces it; or keep the tier",
                ));
            }
            let mut call = self.put(cx, id).overwrite(true);
            if changes.has("description") {
                call = call.description(self.description.clone().unwrap_or_default());
            }
            if changes.has("allowed_pattern") {
                call = call.allowed_pattern(self.allowed_pattern.clone().unwrap_or_default());
            }
            call.send().await.op("ssm:PutParameter")?;
        }
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        gone(cx.ssm().delete_parameter().name(id).send().await.op("ssm:DeleteParameter"))
    }
}

impl Parameter {
    /// What creates and updates have in common.
    fn put(
        &self,
        aws: &Aws,
        name: &str,
    ) -> aws_sdk_ssm::operation::put_parameter::builders::PutParameterFluentBuilder {
        let key = self.key_id.clone().filter(|_| self.parameter_type == SECURE);
        aws.ssm()
            .put_parameter()
            .name(name)
            .r#type(ParameterType::from(self.parameter_type.as_str()))
            .value(&self.value)
            .set_data_type(self.data_type.clone())
            .set_key_id(key)
            .set_tier(self.tier.as_deref().map(ParameterTier::from))
    }
}

fn is(value: &Option<String>, wanted: &str) -> bool {
    value.as_deref() == Some(wanted)
}

/// What a read has to ask for.
trait Wanted {
    /// Decrypted only where it is declared as a secret: then the answer is tainted.
    fn is_secure(&self) -> bool;
    /// Whether something is declared that only DescribeParameters tells.
    fn wants_details(&self) -> bool;
}

impl Wanted for ReadRequest<Parameter> {
    fn is_secure(&self) -> bool {
        self.inputs.as_ref().is_some_and(|i| i.parameter_type == SECURE)
    }

    fn wants_details(&self) -> bool {
        self.inputs.as_ref().is_none_or(|i| {
            let details = [&i.description, &i.allowed_pattern, &i.key_id, &i.tier];
            details.into_iter().any(Option::is_some)
        })
    }
}

fn live(
    parameter: &SdkParameter,
    details: Option<&ParameterMetadata>,
    arn: String,
    tags: Option<Tags>,
    known: Option<&Parameter>,
) -> Live<Parameter> {
    let name = parameter.name.clone().unwrap_or_default();
    let key = details.and_then(|d| text(d.key_id()));
    let wanted = known.and_then(|k| k.key_id.clone());
    let same = wanted.filter(|w| key.as_ref().is_some_and(|live| same_key(w, live)));
    let tier = details.and_then(|d| text(d.tier()));
    // AWS tells which of the two it has chosen.
    let chosen = known.and_then(|k| k.tier.clone()).filter(|t| t == "Intelligent-Tiering");
    Live::ready(
        Parameter {
            name: Some(name.clone()),
            parameter_type: text(parameter.r#type()).unwrap_or_default(),
            value: parameter.value.clone().unwrap_or_default(),
            description: details.and_then(|d| text(d.description())),
            allowed_pattern: details.and_then(|d| text(d.allowed_pattern())),
            data_type: text(parameter.data_type()),
            key_id: same.or(key),
            tier: chosen.filter(|_| tier.is_some()).or(tier),
            tags,
        },
        ParameterOutputs { name, arn, version: parameter.version },
    )
}
