//! Who is calling: account, ARN, user id. SDK call: GetCallerIdentity, which needs no
//! permission and cannot be forbidden.

use crate::prelude::*;

/// The identity behind the credentials in use.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::STS::CallerIdentity")]
pub struct CallerIdentity {}

/// What AWS says of the caller.
#[derive(Clone, Serialize, Deserialize, Outputs)]
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

    async fn lookup(&self, cloud: &Aws) -> Result<CallerIdentityOutputs> {
        let caller = cloud.caller().await?;
        Ok(CallerIdentityOutputs {
            account: need(caller.account.clone(), "sts:GetCallerIdentity", "account")?,
            arn: need(caller.arn.clone(), "sts:GetCallerIdentity", "arn")?,
            user_id: need(caller.user_id.clone(), "sts:GetCallerIdentity", "user_id")?,
            region: cloud.region().to_owned(),
        })
    }
}
