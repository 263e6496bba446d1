//! Changes in place: one call per changed aspect.

use aws_sdk_ec2::types::{
    AttributeValue, HttpTokensState, InstanceCreditSpecificationRequest,
    InstanceMetadataEndpointState, InstanceMetadataProtocolState, InstanceMetadataTagsState,
};

use super::power::{self, Power};
use super::{CreditSpecification, Instance, MetadataOptions, launch};
use crate::ec2::shared::{attribute, filter};
use crate::ec2::tags::retag;
use crate::prelude::*;

pub(super) const MODIFY: &str = "ec2:ModifyInstanceAttribute";

/// Sends what `changes` names. What is no longer declared stays as it is, except for the
/// instance profile and tags.
pub(super) async fn apply(
    new: &Instance,
    aws: &Cx,
    id: &str,
    old: &Instance,
    changes: &Changes,
) -> Result<Progress> {
    // Each call sets one attribute.
    let modify = || aws.ec2().modify_instance_attribute().instance_id(id);
    if let (true, Some(groups)) = (changes.has("security_group_ids"), &new.security_group_ids) {
        modify().set_groups(Some(groups.clone())).send().await.op(MODIFY)?;
    }
    if changes.has("source_dest_check") {
        source_dest_check(aws, id, new.source_dest_check.unwrap_or(true)).await?;
    }
    if changes.has("disable_api_termination") {
        let on = new.disable_api_termination.unwrap_or(false);
        modify().disable_api_termination(attribute(on)).send().await.op(MODIFY)?;
    }
    if let (true, Some(what)) = (
        changes.has("instance_initiated_shutdown_behavior"),
        &new.instance_initiated_shutdown_behavior,
    ) {
        let value = AttributeValue::builder().value(what).build();
        modify().instance_initiated_shutdown_behavior(value).send().await.op(MODIFY)?;
    }
    if let (true, Some(options)) = (changes.has("metadata_options"), &new.metadata_options) {
        metadata(aws, id, options).await?;
    }
    match changes.has("monitoring").then(|| new.monitoring.unwrap_or(false)) {
        Some(true) => {
            let call = aws.ec2().monitor_instances().instance_ids(id);
            call.send().await.op("ec2:MonitorInstances")?;
        }
        Some(false) => {
            let call = aws.ec2().unmonitor_instances().instance_ids(id);
            call.send().await.op("ec2:UnmonitorInstances")?;
        }
        None => {}
    }
    if let (true, Some(kind)) = (changes.has("credit_specification"), &new.credit_specification) {
        credits(aws, id, kind).await?;
    }
    if changes.has("iam_instance_profile") {
        profile(aws, id, new.iam_instance_profile.as_deref()).await?;
    }
    if changes.has("tags") {
        retag(aws, id, &old.tags, &new.tags).await?;
    }
    // Last, so that it is down for no longer than that.
    if let Power::OnTheWay = power::prepare(aws, id, changes).await? {
        return Ok(Progress::Partial);
    }
    power::modify(new, aws, id, changes).await?;
    power::switch(new, aws, id, changes).await
}

/// Also called on an instance that was made a moment ago.
pub(super) async fn source_dest_check(aws: &Aws, id: &str, on: bool) -> Result<()> {
    let call = aws.ec2().modify_instance_attribute().instance_id(id);
    call.source_dest_check(attribute(on)).send().await.op(MODIFY).map(drop)
}

async fn metadata(aws: &Aws, id: &str, options: &MetadataOptions) -> Result<()> {
    let call = aws
        .ec2()
        .modify_instance_metadata_options()
        .instance_id(id)
        .set_http_tokens(options.http_tokens.as_deref().map(HttpTokensState::from))
        .set_http_endpoint(
            options.http_endpoint.as_deref().map(InstanceMetadataEndpointState::from),
        )
        .set_http_put_response_hop_limit(options.http_put_response_hop_limit)
        .set_http_protocol_ipv6(
            options.http_protocol_ipv6.as_deref().map(InstanceMetadataProtocolState::from),
        )
        .set_instance_metadata_tags(
            options.instance_metadata_tags.as_deref().map(InstanceMetadataTagsState::from),
        );
    call.send().await.op("ec2:ModifyInstanceMetadataOptions").map(drop)
}

async fn credits(aws: &Aws, id: &str, kind: &CreditSpecification) -> Result<()> {
    const CALL: &str = "ec2:ModifyInstanceCreditSpecification";
    let request = InstanceCreditSpecificationRequest::builder()
        .instance_id(id)
        .cpu_credits(&kind.cpu_credits)
        .build();
    let call = aws.ec2().modify_instance_credit_specification();
    let answer = call.instance_credit_specifications(request).send().await.op(CALL)?;
    // The call succeeds as a whole and tells refusals per instance.
    match answer.unsuccessful_instance_credit_specifications().first() {
        None => Ok(()),
        Some(item) => {
            let refusal = item.error();
            let message = refusal.and_then(|e| e.message()).unwrap_or("AWS refused it");
            let code = refusal.and_then(|e| e.code()).map(|c| c.as_str().to_owned());
            Err(OpError { operation: CALL.to_owned(), code, ..OpError::invalid(message) })
        }
    }
}

/// Gives the instance another profile, its first one, or none.
async fn profile(aws: &Aws, id: &str, name: Option<&str>) -> Result<()> {
    let answer = aws
        .ec2()
        .describe_iam_instance_profile_associations()
        .filters(filter("instance-id", [id]))
        .filters(filter("state", ["associating", "associated"]))
        .send()
        .await
        .op("ec2:DescribeIamInstanceProfileAssociations")?;
    let mut current = answer.iam_instance_profile_associations().iter();
    let current = current.find_map(|a| a.association_id());
    match (current, name.map(launch::profile)) {
        (Some(association), Some(profile)) => {
            let call = aws.ec2().replace_iam_instance_profile_association();
            let call = call.association_id(association).iam_instance_profile(profile);
            call.send().await.op("ec2:ReplaceIamInstanceProfileAssociation").map(drop)
        }
        (None, Some(profile)) => {
            let call = aws.ec2().associate_iam_instance_profile().instance_id(id);
            let call = call.iam_instance_profile(profile);
            call.send().await.op("ec2:AssociateIamInstanceProfile").map(drop)
        }
        (Some(association), None) => {
            let call = aws.ec2().disassociate_iam_instance_profile().association_id(association);
            call.send().await.op("ec2:DisassociateIamInstanceProfile").map(drop)
        }
        (None, None) => Ok(()),
    }
}
