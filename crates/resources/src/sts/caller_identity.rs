//! Who is calling: account, ARN, user id. SDK call: GetCallerIdentity; needs no permission.

use crate::prelude::*;

/// The identity behind the credentials in use.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::STS::CallerIdentity", outputs = CallerIdentityOutputs)]
pub struct CallerIdentity {}

/// What AWS says of the caller.
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct CallerIdentityOutputs {
    /// Account id, 12 digits.
    pub account: String,
    /// ARN of the user or assumed role.
    pub arn: String,
    /// Unique id of the user or role.
    pub user_id: String,
    /// Region that this program works in.
    pub region: String,
}

impl Lookup for CallerIdentity {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<CallerIdentityOutputs, OpError> {
        let answer = cloud.sts().get_caller_identity().send().await.op("sts:GetCallerIdentity")?;
        Ok(CallerIdentityOutputs {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
            user_id: answer.user_id.unwrap_or_default(),
            region: cloud.region().to_owned(),
        })
    }
}
