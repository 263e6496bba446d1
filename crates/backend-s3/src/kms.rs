//! [`KmsKeyProvider`].

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::decrypt::DecryptOutput;
use aws_sdk_kms::operation::generate_data_key::GenerateDataKeyOutput;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use ferrocrete_core::state::{DataKey, KeyMeta, KeyProvider, StateError};
use zeroize::Zeroizing;

use crate::failure::{Failure, Meaning};

const SCHEME: &str = "aws-kms";

/// Keeps the data key of a stack under an
/// [AWS KMS](https://docs.aws.amazon.com/kms/latest/developerguide/) key.
///
/// KMS makes the data key and returns it encrypted, bound to project and stack by its
/// encryption context, so that one stack's key cannot be opened as another's. Needs
/// `kms:GenerateDataKey` for a new stack and `kms:Decrypt` for an existing one; one call per
/// run. An existing stack is opened with the key that it was created with.
#[derive(Debug, Clone)]
pub struct KmsKeyProvider {
    config: SdkConfig,
    key: String,
    project: String,
    stack: String,
}

impl KmsKeyProvider {
    /// Uses the KMS key `key`: an id, an ARN, or an alias such as `alias/ferrocrete`. The
    /// region is that of the ARN, or else of `config`. No call is made yet.
    pub fn new(
        config: &SdkConfig,
        key: impl Into<String>,
        project: impl Into<String>,
        stack: impl Into<String>,
    ) -> Self {
        Self {
            config: config.clone(),
            key: key.into(),
            project: project.into(),
            stack: stack.into(),
        }
    }

    fn client(&self, key: &str) -> aws_sdk_kms::Client {
        let mut config = aws_sdk_kms::config::Builder::from(&self.config);
        if let Some(region) = region_of(key) {
            config = config.region(Region::new(region.to_owned()));
        }
        aws_sdk_kms::Client::from_conf(config.build())
    }

    async fn generate(&self) -> Result<GenerateDataKeyOutput, StateError> {
        self.client(&self.key)
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(PROJECT, &self.project)
            .encryption_context(STACK, &self.stack)
            .send()
            .await
            .map_err(|e| failed(&e, "kms:GenerateDataKey", &self.key))
    }

    async fn decrypt(&self, key: &str, wrapped: Vec<u8>) -> Result<DecryptOutput, StateError> {
        self.client(key)
            .decrypt()
            .key_id(key)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context(PROJECT, &self.project)
            .encryption_context(STACK, &self.stack)
            .send()
            .await
            .map_err(|e| failed(&e, "kms:Decrypt", key))
    }
}

/// Encryption context key of the project.
const PROJECT: &str = "ferrocrete:project";
/// Encryption context key of the stack.
const STACK: &str = "ferrocrete:stack";

#[async_trait]
impl KeyProvider for KmsKeyProvider {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    fn for_stack(&self, project: &str, stack: &str) -> Option<Arc<dyn KeyProvider>> {
        Some(Arc::new(Self::new(&self.config, self.key.as_str(), project, stack)))
    }

    async fn create(&self) -> Result<(KeyMeta, DataKey), StateError> {
        let made = self.generate().await?;
        let key = data_key(made.plaintext)?;
        let (Some(arn), Some(wrapped)) = (made.key_id, made.ciphertext_blob) else {
            return Err(key_error("KMS answered without a key", "run the same command again"));
        };
        let meta = KeyMeta::new(SCHEME).with("key", arn).with_bytes("wrapped", wrapped.as_ref());
        Ok((meta, key))
    }

    async fn open(&self, meta: &KeyMeta) -> Result<DataKey, StateError> {
        let opened = self.decrypt(meta.text("key")?, meta.bytes("wrapped")?).await?;
        data_key(opened.plaintext)
    }
}

fn data_key(plain: Option<Blob>) -> Result<DataKey, StateError> {
    let plain = Zeroizing::new(plain.map(Blob::into_inner).unwrap_or_default());
    match <[u8; 32]>::try_from(plain.as_slice()) {
        Ok(bytes) => Ok(DataKey::from_bytes(bytes)),
        Err(_) => Err(key_error(
            "KMS answered with a key that is not 32 bytes long",
            "bring back a former snapshot with `state restore SERIAL`",
        )),
    }
}

/// The region in a key's ARN.
fn region_of(key: &str) -> Option<&str> {
    key.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty())
}

/// What the user reads; by code, never by message.
fn failed<E>(error: &SdkError<E, HttpResponse>, call: &str, key: &str) -> StateError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let failure = Failure::of(error);
    let text = failure.text();
    let (why, fix) = match failure.code.as_deref() {
        Some("NotFoundException" | "InvalidArnException") => (
            format!("KMS key `{key}` does not exist in this account and region: {text}"),
            "check key, account, region and profile",
        ),
        Some("DisabledException" | "KMSInvalidStateException") => (
            format!("KMS key `{key}` is disabled or about to be deleted: {text}"),
            "enable the key, or cancel its deletion",
        ),
        Some("InvalidCiphertextException" | "IncorrectKeyException") => (
            format!(
                "KMS key `{key}` does not open this stack's data key: it belongs to another \
                 project, stack or key ({text})"
            ),
            "use the project, stack and snapshot that belong together",
        ),
        Some("InvalidKeyUsageException") => (
            format!("KMS key `{key}` is not a symmetric encryption key: {text}"),
            "use a symmetric KMS key for encryption and decryption",
        ),
        _ => match failure.meaning() {
            Meaning::Denied => (
                format!("{call} is denied on KMS key `{key}`: {text}"),
                "check account and profile, and ask for that permission on the key",
            ),
            Meaning::NoCredentials | Meaning::BadCredentials => (
                format!("the AWS credentials cannot be used for KMS key `{key}`: {text}"),
                "log in again, or check which profile and AWS_… variables are in use",
            ),
            _ => (
                format!("{call} with KMS key `{key}` failed: {text}"),
                "run the same command again",
            ),
        },
    };
    key_error(why, fix)
}

/// A [`StateError::Key`] whose place the caller fills in.
fn key_error(why: impl Into<String>, fix: impl Into<String>) -> StateError {
    StateError::Key { place: String::new(), why: why.into(), fix: fix.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_taken_from_an_arn() {
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234";
        assert_eq!(region_of(arn), Some("eu-west-1"));
        assert_eq!(region_of("alias/ferrocrete"), None);
        assert_eq!(region_of("1234abcd-12ab"), None);
    }
}
