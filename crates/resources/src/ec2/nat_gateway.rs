//! `AWS::EC2::NatGateway`: lets machines in private subnets reach out.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateNatGateway |
//! | read, find | DescribeNatGateways |
//! | update | CreateTags, DeleteTags |
//! | delete | DeleteNatGateway |
//!
//! Traps: a public gateway fails minutes after the call when the VPC has no internet gateway
//! attached yet, so let it depend on the attachment. A deleted or failed gateway is described for
//! about an hour more. It holds its addresses until it is gone. CreateNatGateway has codes of its own
//! for what it does not know yet: `InvalidSubnet` (TF#27087, openshift/hypershift#711) and
//! `InvalidElasticIpID.NotFound`.
//! Left out: regional gateways (`vpc_id`, `availability_mode`, `availability_zone_addresses`,
//! `auto_provision_zones`, `auto_scaling_ips`, `route_table_id`): one gateway per zone does the
//! same. Secondary addresses (`secondary_allocation_ids`, `secondary_private_ip_addresses`,
//! `secondary_private_ip_address_count`, `max_drain_duration_seconds`), which only matter beyond
//! 55,000 connections to one destination.
//! Differences:
//! - required `subnet_id`: there, a regional gateway has none.
//! - renamed `network_interface_id` (`eni_id`): what EC2 calls it.

use aws_sdk_ec2::types::{ConnectivityType, Filter, NatGateway as SdkGateway, ResourceType};
use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::PropertyMap;

use super::shared::{PAGE, described, owned};
use super::tags::{from_sdk, retag, specification};
use crate::aws::claim;
use crate::prelude::*;

/// Lets machines in private subnets reach out, without being reached. AWS charges for it by the
/// hour and by the gigabyte.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::NatGateway",
    claims = NatGateway::claims,
    check = check,
    eventual(
        "InvalidAllocationID.NotFound",
        "InvalidElasticIpID.NotFound",
        "InvalidSubnet",
        "InvalidSubnetID.NotFound",
        "NatGatewayNotFound"
    ),
    iam(
        create("ec2:CreateNatGateway", "ec2:CreateTags"),
        read("ec2:DescribeNatGateways"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteNatGateway")
    )
)]
pub struct NatGateway {
    /// Id of the subnet that it is in: a public one, unless it is private itself. Replaces.
    #[field(replaces)]
    pub subnet_id: String,
    /// Allocation id of its public address, which is in use nowhere else; needed for a public
    /// gateway. Replaces.
    #[field(replaces)]
    pub allocation_id: Option<String>,
    /// `public`, or `private` for traffic to other networks only. Default: `public`. Replaces.
    #[field(replaces, server_default)]
    pub connectivity_type: Option<String>,
    /// Private IPv4 address in the subnet. Default: AWS chooses. Replaces.
    #[field(replaces, server_default)]
    pub private_ip_address: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`NatGateway`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct NatGatewayOutputs {
    /// Id, such as `nat-0abc`.
    pub nat_gateway_id: String,
    /// Id of its network interface, such as `eni-0abc`.
    pub network_interface_id: Option<String>,
    /// Public address, of a public gateway: where its traffic comes from.
    pub public_ip: Option<String>,
    /// Private address.
    pub private_ip: Option<String>,
}

described!("nat-gateway-id", SdkGateway, nat_gateway_id);

/// Gateways that fit, but for those that are gone.
async fn list(aws: &Aws, by: Filter) -> Result<Vec<SdkGateway>> {
    let call = aws.ec2().describe_nat_gateways().filter(by);
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.op("ec2:DescribeNatGateways")?.nat_gateways.unwrap_or_default());
    }
    all.retain(|gateway| state(gateway) != "deleted");
    Ok(all)
}

impl NatGateway {
    /// Its addresses, which are nobody else's.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let known = |name| claim::known(properties, name);
        let public = claim::elastic_ip("allocation_id", known("allocation_id"));
        let names = ["subnet_id", "private_ip_address"];
        let private = claim::private_address(&names, known(names[0]), known(names[1]));
        public.into_iter().chain(private).collect()
    }
}

fn check(known: Known<'_>) -> Vec<Finding> {
    let connectivity = known.text("connectivity_type");
    let private = match connectivity.as_deref() {
        Some(kind) => kind == "private",
        None if known.has("connectivity_type") => return Vec::new(),
        None => false,
    };
    let why = match (private, known.has("allocation_id"), known.get("allocation_id").is_some()) {
        (true, _, true) => "is for a public NAT gateway: leave it out of a private one",
        (false, false, _) => "is missing: a public NAT gateway needs the id of an Elastic IP",
        _ => return Vec::new(),
    };
    vec![Finding::new("allocation_id", why)]
}

impl Resource for NatGateway {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ec2:CreateNatGateway";
        let answer = cx
            .ec2()
            .create_nat_gateway()
            .client_token(cx.token())
            .subnet_id(&self.subnet_id)
            .set_allocation_id(self.allocation_id.clone())
            .set_connectivity_type(self.connectivity_type.as_deref().map(ConnectivityType::from))
            .set_private_ip_address(self.private_ip_address.clone())
            .set_tag_specifications(specification(ResourceType::Natgateway, &self.tags))
            .send()
            .await
            .op(CALL)?;
        let gateway = need(answer.nat_gateway, CALL, "nat_gateway")?;
        Ok(Made::Pending(need(gateway.nat_gateway_id, CALL, "nat_gateway_id")?))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        Ok(items.iter().map(|i| found.get(&i.id).map(|gateway| live(gateway, &i.id))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let found = list(cx, owned(cx)).await?;
        let mut usable = found.into_iter().filter(|g| ["pending", "available"].contains(&state(g)));
        Ok(usable.find_map(|gateway| gateway.nat_gateway_id))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().delete_nat_gateway().nat_gateway_id(id);
        let answer = found(call.send().await.op("ec2:DeleteNatGateway"))?;
        Ok(if answer.is_some() { Progress::Pending } else { Progress::Done })
    }
}

fn state(gateway: &SdkGateway) -> &str {
    gateway.state().map_or("", |s| s.as_str())
}

fn live(gateway: &SdkGateway, id: &str) -> Live<NatGateway> {
    let addresses = gateway.nat_gateway_addresses();
    let primary = addresses.iter().find(|a| a.is_primary == Some(true)).or(addresses.first());
    let private_ip = text(primary.and_then(|a| a.private_ip()));
    Live {
        inputs: NatGateway {
            subnet_id: gateway.subnet_id.clone().unwrap_or_default(),
            allocation_id: text(primary.and_then(|a| a.allocation_id())),
            connectivity_type: text(gateway.connectivity_type()),
            private_ip_address: private_ip.clone(),
            tags: from_sdk(gateway.tags()),
        },
        outputs: NatGatewayOutputs {
            nat_gateway_id: id.to_owned(),
            network_interface_id: text(primary.and_then(|a| a.network_interface_id())),
            public_ip: text(primary.and_then(|a| a.public_ip())),
            private_ip,
        },
        status: match state(gateway) {
            "deleting" => Status::Deleting("deleting".into()),
            "failed" => Status::Failed(why(gateway)),
            _ => status(gateway.state(), &["pending"]),
        },
    }
}

fn why(gateway: &SdkGateway) -> String {
    let code = gateway.failure_code().unwrap_or("failed");
    match gateway.failure_message() {
        Some(message) => format!("{code}: {message}"),
        None => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{NatGatewayAddress, NatGatewayState};

    use super::*;

    fn gateway(state: NatGatewayState) -> SdkGateway {
        let second = NatGatewayAddress::builder().private_ip("10.0.0.9").is_primary(false);
        let first = NatGatewayAddress::builder().private_ip("10.0.0.8").is_primary(true);
        SdkGateway::builder()
            .state(state)
            .failure_code("Gateway.NotAttached")
            .failure_message("no gateway")
            .nat_gateway_addresses(second.build())
            .nat_gateway_addresses(first.build())
            .build()
    }

    #[test]
    fn a_failure_says_why() {
        let live = live(&gateway(NatGatewayState::Failed), "nat-1");
        assert_eq!(live.status, Status::Failed("Gateway.NotAttached: no gateway".into()));
        assert_eq!(live.outputs.private_ip.as_deref(), Some("10.0.0.8"));
    }

    #[test]
    fn pending_is_waited_for_and_deleting_is_as_good_as_gone() {
        let status = |state| live(&gateway(state), "nat-1").status;
        assert_eq!(status(NatGatewayState::Pending), Status::Pending("pending".into()));
        assert_eq!(status(NatGatewayState::Available), Status::Ready);
        assert_eq!(status(NatGatewayState::Deleting), Status::Deleting("deleting".into()));
    }
}
