//! `AWS::EC2::KeyPair`: a key to log in to instances.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | ImportKeyPair, or CreateKeyPair without public key |
//! | read, find | DescribeKeyPairs |
//! | update | CreateTags, DeleteTags |
//! | delete | DeleteKeyPair |
//!
//! Traps: AWS tells the private key once, in the answer of CreateKeyPair. When that answer
//! is lost the key pair is found again, but its private key is not: replace it then. Better
//! import a public key, and no private key is ever in state. A comment or a final line break of the
//! public key is no change: machines that were made with the key would be replaced for it.
//! Left out: nothing.
//! Differences:
//! - in place `tags`: tags can be changed like any others.
//! - also needs `ec2:DeleteTags`: the same.
//! - not read back `public_key_material`: AWS answers with another spelling of the key.
//! - optional `key_name`: derived when not given.
//! - does not need `ssm:PutParameter`, `ssm:DeleteParameter`: there, the private key goes to
//!   Parameter Store; here it is an output.

use aws_sdk_ec2::primitives::Blob;
use aws_sdk_ec2::types::{KeyFormat, KeyPairInfo, KeyType, ResourceType};

use ferrocrete_core::schema::{Finding, Known};

use super::shared::described;
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A key to log in to instances: imported, or made by AWS.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::KeyPair",
    identity("key_name"),
    check = refused,
    iam(
        create("ec2:ImportKeyPair", "ec2:CreateKeyPair", "ec2:CreateTags"),
        read("ec2:DescribeKeyPairs"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteKeyPair")
    )
)]
pub struct KeyPair {
    /// Name, up to 255 characters of ASCII. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, extra = "-_."))]
    pub key_name: Option<String>,
    /// Public key in OpenSSH format, compared by its type and key material. A private key is refused
    /// in the plan. Default: AWS makes a pair and its private half is the output `key_material`.
    /// Replaces.
    #[field(replaces, write_only, public_key)]
    pub public_key_material: Option<String>,
    /// `rsa` or `ed25519`, for a pair that AWS makes. Default: `rsa`. Replaces.
    #[field(replaces, server_default)]
    pub key_type: Option<String>,
    /// Format of the private key that AWS makes: `pem` or `ppk`. Default: `pem`. Replaces.
    #[field(replaces, write_only, server_default)]
    pub key_format: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`KeyPair`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct KeyPairOutputs {
    /// Name.
    #[output(from_input)]
    pub key_name: String,
    /// Id, such as `key-0abc`.
    pub key_pair_id: String,
    /// Fingerprint; which hash depends on the key's type and origin.
    pub key_fingerprint: Option<String>,
    /// Private key, when AWS made the pair; else absent.
    #[output(secret, once)]
    pub key_material: Option<String>,
}

described!(
    whole,
    describe_key_pairs,
    "ec2:DescribeKeyPairs",
    "key-pair-id",
    key_pairs,
    KeyPairInfo,
    key_pair_id
);

/// A private key where the public one belongs: it must not be sent, and the text of the finding must
/// not hold it. OpenSSH, PEM and PuTTY each say in their first line what they are.
fn refused(known: Known<'_>) -> Vec<Finding> {
    let text = known.text("public_key_material").unwrap_or_default();
    let begins = text.trim_start();
    let private = begins.starts_with("PuTTY-User-Key-File")
        || (begins.starts_with("----") && text.contains("PRIVATE KEY"));
    let why = "is a private key: give the public one, which `ssh-keygen -y -f FILE` prints, and \
               make a new pair if this program was shared with anybody";
    private.then(|| Finding::new("public_key_material", why)).into_iter().collect()
}

impl Resource for KeyPair {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let tags = specification(ResourceType::KeyPair, &self.tags);
        let key_name = self.key_name.clone().unwrap_or_default();
        let (id, key_fingerprint, key_material) = match &self.public_key_material {
            Some(public) => {
                let call = cx.ec2().import_key_pair().key_name(&key_name);
                let call = call.public_key_material(Blob::new(public.as_bytes()));
                let answer =
                    call.set_tag_specifications(tags).send().await.op("ec2:ImportKeyPair")?;
                (answer.key_pair_id, answer.key_fingerprint, None)
            }
            None => {
                let call = cx.ec2().create_key_pair().key_name(&key_name);
                let answer = call
                    .set_key_type(self.key_type.as_deref().map(KeyType::from))
                    .set_key_format(self.key_format.as_deref().map(KeyFormat::from))
                    .set_tag_specifications(tags)
                    .send()
                    .await
                    .op("ec2:CreateKeyPair")?;
                (answer.key_pair_id, answer.key_fingerprint, answer.key_material)
            }
        };
        let key_pair_id = need(id, "ec2:CreateKeyPair", "key_pair_id")?;
        Ok(Made::Ready(
            key_pair_id.clone(),
            KeyPairOutputs { key_name, key_pair_id, key_fingerprint, key_material },
        ))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        let live = |i: &ReadRequest<Self>| {
            let key = found.get(&i.id)?;
            Some(Live::ready(
                Self {
                    key_name: key.key_name.clone(),
                    public_key_material: None,
                    key_type: key.key_type.as_ref().map(|t| t.as_str().to_owned()),
                    key_format: None,
                    tags: from_sdk(key.tags()),
                },
                KeyPairOutputs {
                    key_name: key.key_name.clone().unwrap_or_default(),
                    key_pair_id: i.id.clone(),
                    key_fingerprint: key.key_fingerprint.clone(),
                    key_material: None,
                },
            ))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, _: &Changes) -> Result<Progress> {
        retag(cx, id, &old.tags, &self.tags).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().delete_key_pair().key_pair_id(id);
        gone(call.send().await.op("ec2:DeleteKeyPair"))
    }
}

#[cfg(test)]
mod tests {
    use ferrocrete_core::value::{PropertyMap, Value};

    use super::*;

    fn found(material: Value) -> Vec<Finding> {
        let map = PropertyMap::from([("public_key_material".to_owned(), material)]);
        refused(Known::of(&map))
    }

    #[test]
    fn private_keys_are_refused_and_not_quoted() {
        for private in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n",
            "\n-----BEGIN RSA PRIVATE KEY-----\nb3BlbnNzaC1r\n",
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nb3BlbnNzaC1r\n",
            "PuTTY-User-Key-File-3: ssh-ed25519\nb3BlbnNzaC1r\n",
        ] {
            for value in [Value::from(private), Value::secret(private.into())] {
                let all = found(value);
                assert_eq!(all.len(), 1, "{private}");
                assert!(!format!("{all:?}").contains("b3BlbnNzaC1r"), "{all:?}");
            }
        }
        for public in ["ssh-ed25519 AAAAC3Nz PRIVATE KEY", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA"]
        {
            assert_eq!(found(public.into()), []);
        }
        assert_eq!(found(Value::Unknown), []);
    }
}
