//! In-place updates of an instance: one call per changed aspect.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, HttpTokensState, IamInstanceProfileSpecification,
    InstanceCreditSpecificationRequest, InstanceMetadataEndpointState, InstanceMetadataTagsState,
};

use super::Instance;
use crate::ec2::shared::{filter, retag};
use crate::prelude::*;

const MODIFY: &str = "ec2:ModifyInstanceAttribute";

pub(super) async fn apply(
    new: &Instance,
    cx: &Cx<Aws>,
    id: &str,
    old: &Instance,
    changes: &Changes,
) -> Result<Progress, OpError> {
    if changes.has("security_group_ids") {
        let call = cx.ec2().modify_instance_attribute().instance_id(id);
        call.set_groups(new.security_group_ids.clone()).send().await.op(MODIFY)?;
    }
    if let (true, Some(on)) = (changes.has("source_dest_check"), new.source_dest_check) {
        source_dest_check(cx, id, on).await?;
    }
    if let (true, Some(on)) = (changes.has("disable_api_termination"), new.disable_api_termination)
    {
        api_termination(cx, id, on).await?;
    }
    if let (true, Some(m)) = (changes.has("metadata_options"), &new.metadata_options) {
        cx.ec2()
            .modify_instance_metadata_options()
            .instance_id(id)
            .set_http_tokens(m.http_tokens.as_deref().map(HttpTokensState::from))
            .set_http_put_response_hop_limit(m.http_put_response_hop_limit)
            .set_http_endpoint(m.http_endpoint.as_deref().map(InstanceMetadataEndpointState::from))
            .set_instance_metadata_tags(
                m.instance_metadata_tags.as_deref().map(InstanceMetadataTagsState::from),
            )
            .send()
            .await
            .op("ec2:ModifyInstanceMetadataOptions")?;
    }
    match (changes.has("monitoring"), new.monitoring) {
        (true, Some(true)) => {
            let call = cx.ec2().monitor_instances().instance_ids(id);
            call.send().await.op("ec2:MonitorInstances")?;
        }
        (true, Some(false)) => {
            let call = cx.ec2().unmonitor_instances().instance_ids(id);
            call.send().await.op("ec2:UnmonitorInstances")?;
        }
        _ => {}
    }
    if let (true, Some(kind)) = (changes.has("cpu_credits"), &new.cpu_credits) {
        let wanted =
            InstanceCreditSpecificationRequest::builder().instance_id(id).cpu_credits(kind).build();
        let call = cx.ec2().modify_instance_credit_specification();
        call.instance_credit_specifications(wanted)
            .send()
            .await
            .op("ec2:ModifyInstanceCreditSpecification")?;
    }
    if changes.has("iam_instance_profile") {
        profile(cx, id, new.iam_instance_profile.as_deref()).await?;
    }
    if changes.has("tags") {
        retag(cx, id, old.tags.as_ref(), new.tags.as_ref()).await?;
    }
    Ok(Progress::Done)
}

pub(super) async fn source_dest_check(aws: &Aws, id: &str, on: bool) -> Result<(), OpError> {
    let value = AttributeBooleanValue::builder().value(on).build();
    let call = aws.ec2().modify_instance_attribute().instance_id(id).source_dest_check(value);
    call.send().await.op(MODIFY).map(drop)
}

pub(super) async fn api_termination(aws: &Aws, id: &str, disable: bool) -> Result<(), OpError> {
    let value = AttributeBooleanValue::builder().value(disable).build();
    let call = aws.ec2().modify_instance_attribute().instance_id(id).disable_api_termination(value);
    call.send().await.op(MODIFY).map(drop)
}

/// Gives the instance another profile, its first one, or none.
async fn profile(aws: &Aws, id: &str, name: Option<&str>) -> Result<(), OpError> {
    let answer = aws
        .ec2()
        .describe_iam_instance_profile_associations()
        .filters(filter("instance-id", [id]))
        .send()
        .await
        .op("ec2:DescribeIamInstanceProfileAssociations")?;
    let current =
        answer.iam_instance_profile_associations().iter().find_map(|a| a.association_id.clone());
    let wanted = name.map(|n| IamInstanceProfileSpecification::builder().name(n).build());
    match (current, wanted) {
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
