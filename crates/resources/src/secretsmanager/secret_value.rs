//! The value of a secret. SDK call: GetSecretValue. IAM: secretsmanager:GetSecretValue.

use crate::prelude::*;

/// The value of a secret that exists already, or that this program makes.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::SecretsManager::SecretValue")]
pub struct SecretValue {
    /// Name or ARN.
    pub secret_id: String,
    /// Label of the version, such as `AWSPREVIOUS`. Default: `AWSCURRENT`.
    pub version_stage: Option<String>,
}

/// The value; secret, so whatever is computed from it is secret, too.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SecretValueOutputs {
    /// The value.
    #[output(secret)]
    pub secret_string: String,
    /// ARN.
    pub secret_arn: String,
    /// Name.
    pub name: String,
    /// Id of the version read.
    pub version_id: Option<String>,
}

impl Lookup for SecretValue {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<SecretValueOutputs> {
        let call = cloud.secretsmanager().get_secret_value().secret_id(&self.secret_id);
        let call = call.set_version_stage(self.version_stage.clone());
        let answer = call.send().await.op("secretsmanager:GetSecretValue")?;
        let secret_string = answer.secret_string.ok_or_else(|| {
            OpError::invalid(format!("secret `{}` holds a binary value, not text", self.secret_id))
        })?;
        Ok(SecretValueOutputs {
            secret_string,
            secret_arn: answer.arn.unwrap_or_default(),
            name: answer.name.unwrap_or_default(),
            version_id: answer.version_id,
        })
    }
}
