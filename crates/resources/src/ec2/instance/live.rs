//! What exists now.

use std::collections::HashMap;

use aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput;
use aws_sdk_ec2::types::{
    Instance as SdkInstance, InstanceAttributeName, InstanceCreditSpecification,
    InstanceMetadataOptionsResponse, StateReason,
};

use super::{CreditSpecification, Instance, InstanceOutputs, MetadataOptions, power};
use crate::ec2::shared::{PAGE, filter};
use crate::ec2::tags::from_sdk;
use crate::prelude::*;

/// DescribeInstances for all; further calls only for what is declared and settled.
pub(super) async fn read(
    aws: &Aws,
    items: &[ReadRequest<Instance>],
) -> Result<Vec<Option<Live<Instance>>>> {
    let ids = items.iter().map(|i| i.id.clone()).collect();
    let there =
        batch::by_id(ids, |ids| describe(aws, ids), |i: &SdkInstance| i.instance_id()).await?;
    let mut all: Vec<Option<Live<Instance>>> =
        items.iter().map(|item| live(there.get(&item.id)?, item.inputs.as_ref())).collect();
    let declared = items.iter().zip(&mut all).filter_map(|(item, live)| {
        let live = live.as_mut().filter(|l| l.status == Status::Ready)?;
        Some((item.id.as_str(), item.inputs.as_ref()?, &mut live.inputs))
    });
    let mut declared: Vec<_> = declared.collect();
    let bursting = declared.iter().filter(|(_, known, _)| known.credit_specification.is_some());
    let credits = credits(aws, bursting.map(|(id, ..)| (*id).to_owned()).collect()).await?;
    for (id, known, live) in &mut declared {
        if known.credit_specification.is_some() {
            live.credit_specification =
                credits.get(*id).map(|c| CreditSpecification { cpu_credits: c.clone() });
        }
    }
    let asks: Vec<(&str, &Instance)> =
        declared.iter().map(|(id, known, _)| (*id, *known)).collect();
    let answers = batch::each(asks, |(id, known)| async move {
        Ok((id, found(attributes(aws, id, known).await)?))
    })
    .await?;
    let mut missing = Vec::new();
    for ((_, _, live), (id, answer)) in declared.iter_mut().zip(answers) {
        match answer {
            Some((protected, shutdown)) => {
                live.disable_api_termination = protected;
                live.instance_initiated_shutdown_behavior = shutdown;
            }
            None => missing.push(id),
        }
    }
    // What one of the calls does not find is not there yet, or no more.
    for (item, live) in items.iter().zip(&mut all) {
        if missing.contains(&item.id.as_str()) {
            *live = None;
        }
    }
    Ok(all)
}

async fn describe(aws: &Aws, ids: Vec<String>) -> Result<Vec<SdkInstance>> {
    let call = aws.ec2().describe_instances().filters(filter("instance-id", ids));
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let reservations = page.op("ec2:DescribeInstances")?.reservations.unwrap_or_default();
        all.extend(reservations.into_iter().flat_map(|r| r.instances.unwrap_or_default()));
    }
    Ok(all)
}

/// Kind of CPU credits by instance. Takes ids, because a filter leaves standard ones out; one that
/// the call does not know yet fails it for all, and then each is asked for by itself.
async fn credits(aws: &Aws, ids: Vec<String>) -> Result<HashMap<String, String>> {
    let ask = async |ids: Vec<String>| {
        let call = aws.ec2().describe_instance_credit_specifications();
        let answer = call.set_instance_ids(Some(ids)).send().await;
        let answer = found(answer.op("ec2:DescribeInstanceCreditSpecifications"))?;
        Ok::<_, OpError>(answer.map(|a| a.instance_credit_specifications.unwrap_or_default()))
    };
    let fetch = |ids: Vec<String>| async move {
        match ask(ids.clone()).await? {
            Some(all) => Ok(all),
            None => {
                let each = batch::each(ids, |id| ask(vec![id])).await?;
                Ok(each.into_iter().flatten().flatten().collect())
            }
        }
    };
    let kinds = batch::by_id(ids, fetch, |c: &InstanceCreditSpecification| c.instance_id());
    Ok(kinds.await?.into_iter().filter_map(|(id, c)| Some((id, c.cpu_credits?))).collect())
}

/// Protection against termination and what a shutdown does, each if declared: DescribeInstances
/// leaves them out, and this call tells one of one instance.
async fn attributes(
    aws: &Aws,
    id: &str,
    known: &Instance,
) -> Result<(Option<bool>, Option<String>)> {
    let ask = async |name| -> Result<DescribeInstanceAttributeOutput> {
        let call = aws.ec2().describe_instance_attribute().instance_id(id).attribute(name);
        call.send().await.op("ec2:DescribeInstanceAttribute")
    };
    let mut protected = None;
    if known.disable_api_termination.is_some() {
        let answer = ask(InstanceAttributeName::DisableApiTermination).await?;
        protected = answer.disable_api_termination.and_then(|v| v.value);
    }
    let mut shutdown = None;
    if known.instance_initiated_shutdown_behavior.is_some() {
        let answer = ask(InstanceAttributeName::InstanceInitiatedShutdownBehavior).await?;
        shutdown = answer.instance_initiated_shutdown_behavior.and_then(|v| v.value);
    }
    Ok((protected, shutdown))
}

/// `None` when it is gone.
fn status(state: &str, reason: Option<&StateReason>) -> Option<Status> {
    let code = reason.and_then(|r| r.code()).unwrap_or_default();
    let why = || match reason.and_then(|r| r.message()).filter(|m| !m.is_empty()) {
        Some(message) => format!("{state}: {message}"),
        None => state.to_owned(),
    };
    // Somebody's wish is an end; anything else is a start that failed.
    let failed = (code.starts_with("Server.") || code.starts_with("Client."))
        && !code.ends_with("InitiatedShutdown");
    match state {
        "pending" | "stopping" => Some(Status::Pending(state.to_owned())),
        "shutting-down" | "terminated" if failed => Some(Status::Failed(why())),
        "shutting-down" => Some(Status::Deleting(why())),
        "terminated" => None,
        _ => Some(Status::Ready),
    }
}

fn live(instance: &SdkInstance, known: Option<&Instance>) -> Option<Live<Instance>> {
    let state = instance.state().and_then(|s| s.name()).map_or("", |n| n.as_str());
    let status = status(state, instance.state_reason())?;
    let placement = instance.placement();
    let zone = text(placement.and_then(|p| p.availability_zone()));
    let arn = instance.iam_instance_profile().and_then(|p| p.arn());
    let monitoring = instance.monitoring().and_then(|m| m.state());
    let primary = instance
        .network_interfaces()
        .iter()
        .min_by_key(|i| i.attachment().and_then(|a| a.device_index()).unwrap_or(i32::MAX));
    let groups = match primary {
        Some(interface) => interface.groups(),
        None => instance.security_groups(),
    };
    let down = matches!(state, "stopping" | "stopped");
    let inputs = Instance {
        image_id: instance.image_id.clone().unwrap_or_default(),
        instance_type: instance.instance_type().map_or("", |t| t.as_str()).to_owned(),
        subnet_id: text(instance.subnet_id()),
        availability_zone: zone.clone(),
        security_group_ids: Some(groups.iter().filter_map(|g| g.group_id.clone()).collect()),
        private_ip_address: text(instance.private_ip_address()),
        associate_public_ip_address: None,
        source_dest_check: instance.source_dest_check,
        key_name: text(instance.key_name()),
        iam_instance_profile: arn
            .map(|arn| profile(arn, known.and_then(|k| k.iam_instance_profile.as_deref()))),
        user_data: None,
        metadata_options: instance.metadata_options().map(metadata),
        block_device_mappings: None,
        propagate_tags_to_volume_on_creation: None,
        running: Some(!down),
        down_for_a_change: Some(down && power::is_marked(instance)),
        ebs_optimized: instance.ebs_optimized,
        monitoring: monitoring.map(|m| matches!(m.as_str(), "enabled" | "pending")),
        // Asked for later where declared; until then as declared.
        credit_specification: known.and_then(|k| k.credit_specification.clone()),
        disable_api_termination: known.and_then(|k| k.disable_api_termination),
        instance_initiated_shutdown_behavior: known
            .and_then(|k| k.instance_initiated_shutdown_behavior.clone()),
        tenancy: placement.and_then(|p| p.tenancy()).map(|t| t.as_str().to_owned()),
        placement_group_name: text(placement.and_then(|p| p.group_name())),
        tags: from_sdk(instance.tags()),
    };
    let outputs = InstanceOutputs {
        instance_id: instance.instance_id.clone()?,
        private_ip: text(instance.private_ip_address()),
        private_dns_name: text(instance.private_dns_name()),
        public_ip: text(instance.public_ip_address()),
        public_dns_name: text(instance.public_dns_name()),
        availability_zone: zone,
        subnet_id: text(instance.subnet_id()),
        vpc_id: text(instance.vpc_id()),
        network_interface_id: text(primary.and_then(|i| i.network_interface_id())),
    };
    Some(Live { inputs, outputs, status })
}

/// AWS tells the profile's ARN; a program gives its name, or the ARN as well.
fn profile(arn: &str, known: Option<&str>) -> String {
    match known {
        Some(known) if known == arn => arn.to_owned(),
        _ => arn.rsplit('/').next().unwrap_or(arn).to_owned(),
    }
}

fn metadata(options: &InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        http_tokens: options.http_tokens().map(|v| v.as_str().to_owned()),
        http_endpoint: options.http_endpoint().map(|v| v.as_str().to_owned()),
        http_put_response_hop_limit: options.http_put_response_hop_limit,
        http_protocol_ipv6: options.http_protocol_ipv6().map(|v| v.as_str().to_owned()),
        instance_metadata_tags: options.instance_metadata_tags().map(|v| v.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{IamInstanceProfile, InstanceState, InstanceStateName};

    use super::*;

    #[test]
    fn an_instance_that_ends_says_why() {
        let reason = |code: &str| StateReason::builder().code(code).message("because").build();
        let user = reason("Client.UserInitiatedShutdown");
        let inside = reason("Client.InstanceInitiatedShutdown");
        let limit = reason("Client.VolumeLimitExceeded");
        assert_eq!(status("running", None), Some(Status::Ready));
        assert_eq!(status("stopped", Some(&user)), Some(Status::Ready));
        assert_eq!(status("pending", None), Some(Status::Pending("pending".into())));
        assert_eq!(status("terminated", None), None);
        assert_eq!(status("terminated", Some(&user)), None);
        assert_eq!(status("terminated", Some(&inside)), None);
        let failed = Some(Status::Failed("terminated: because".into()));
        assert_eq!(status("terminated", Some(&limit)), failed);
        assert_eq!(
            status("shutting-down", Some(&user)),
            Some(Status::Deleting("shutting-down: because".into()))
        );
    }

    #[test]
    fn a_live_instance_is_read_back() {
        let sdk = SdkInstance::builder()
            .instance_id("i-1")
            .image_id("ami-1")
            .state(InstanceState::builder().name(InstanceStateName::Running).build())
            .public_ip_address("")
            .iam_instance_profile(
                IamInstanceProfile::builder()
                    .arn("arn:aws:iam::1:instance-profile/path/web")
                    .build(),
            )
            .build();
        let live = live(&sdk, None).unwrap();
        assert_eq!(live.inputs.iam_instance_profile.as_deref(), Some("web"));
        assert_eq!((live.outputs.instance_id.as_str(), live.outputs.public_ip), ("i-1", None));
    }

    #[test]
    fn a_profile_comes_back_as_it_was_given() {
        let arn = "arn:aws:iam::1:instance-profile/path/web";
        assert_eq!(profile(arn, Some(arn)), arn);
        assert_eq!(profile(arn, Some("web")), "web");
        assert_eq!(profile(arn, None), "web");
    }
}
