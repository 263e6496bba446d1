//! The value of a parameter. SDK call: GetParameter. IAM: ssm:GetParameter, kms:Decrypt.

use crate::prelude::*;

/// The value of a parameter that exists already, yours or one that AWS publishes, such as
/// `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64`.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::SSM::ParameterValue")]
pub struct ParameterValue {
    /// Name or ARN; with `:3` for version 3, or `:label`. Default: the newest version.
    pub name: String,
}

/// The value; secret where it is kept encrypted, so whatever is computed from it is secret, too.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ParameterValueOutputs {
    /// The value, decrypted. Secret if `parameter_type` is `SecureString`.
    #[output(secret_if(parameter_type = "SecureString"))]
    pub value: String,
    /// `String`, `StringList` (commas between its values) or `SecureString`: AWS's `type`.
    pub parameter_type: String,
    /// Version.
    pub version: i64,
    /// ARN.
    pub arn: String,
}

impl Lookup for ParameterValue {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<ParameterValueOutputs> {
        const CALL: &str = "ssm:GetParameter";
        let call = cloud.ssm().get_parameter().name(&self.name).with_decryption(true);
        let parameter = need(call.send().await.op(CALL)?.parameter, CALL, "parameter")?;
        let parameter_type = need(text(parameter.r#type()), CALL, "type")?;
        Ok(ParameterValueOutputs {
            value: need(parameter.value, CALL, "value")?,
            parameter_type,
            version: parameter.version,
            arn: parameter.arn.unwrap_or_default(),
        })
    }
}
