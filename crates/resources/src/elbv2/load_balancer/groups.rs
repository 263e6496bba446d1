//! Security groups of a load balancer.

use aws_sdk_elasticloadbalancingv2::types::EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum as Enforce;

use super::{DESCRIBE, LoadBalancer};
use crate::prelude::*;

impl LoadBalancer {
    /// Both in one call, which sets groups as a whole.
    pub(super) async fn set_security_groups(&self, cx: &Cx, arn: &str) -> Result<()> {
        let enforce = self.enforce_security_group_inbound_rules_on_private_link_traffic.as_deref();
        let groups = match &self.security_groups {
            Some(groups) => groups.clone(),
            // Not declared: they stay as they are.
            None => {
                let call = cx.elasticloadbalancingv2().describe_load_balancers();
                let answer = call.load_balancer_arns(arn).send().await.op(DESCRIBE)?;
                let all = answer.load_balancers.unwrap_or_default();
                all.into_iter().next().and_then(|b| b.security_groups).unwrap_or_default()
            }
        };
        let call = cx.elasticloadbalancingv2().set_security_groups().load_balancer_arn(arn);
        let call = call.set_security_groups(Some(groups));
        call.set_enforce_security_group_inbound_rules_on_private_link_traffic(
            enforce.map(Enforce::from),
        )
        .send()
        .await
        .op("elasticloadbalancing:SetSecurityGroups")
        .map(drop)
    }
}
