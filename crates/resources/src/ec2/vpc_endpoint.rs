//! `AWS::EC2::VPCEndpoint`: reaches an AWS service without leaving AWS's network.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateVpcEndpoint |
//! | read, find | DescribeVpcEndpoints |
//! | update | DescribeVpcEndpoints when a list changes, ModifyVpcEndpoint, CreateTags, DeleteTags |
//! | delete | DeleteVpcEndpoints |
//!
//! Traps: AWS fills in a policy that allows everything, which counts as none. Private DNS needs
//! DNS support and DNS hostnames of the VPC. An endpoint that its service has to accept first is
//! ready here, because nobody knows when that happens. A route table leads to one gateway endpoint of
//! a service (`RouteAlreadyExists`), and in a VPC one endpoint of a service has private DNS
//! (`conflicting DNS domain`), so a replacement that keeps them deletes first. Each subnet of an interface endpoint is
//! charged by the hour; a gateway endpoint costs nothing.
//! Left out: endpoints of other kinds (`resource_configuration_arn`, `service_network_arn`,
//! `service_region`); `ip_address_type` and `dns_options`, which IPv6 needs; `creation_timestamp`.
//! Differences:
//! - required `service_name`: there, endpoints of other kinds have none.
//! - also needs `route53:AssociateVPCWithHostedZone`: AWS asks for it where private DNS is on.
//! - does not need `vpc-lattice:CreateServiceNetworkVpcEndpointAssociation`,
//!   `vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation`, `vpce:AllowMultiRegion`: for
//!   endpoints of other kinds.

use aws_sdk_ec2::types::{Filter, ResourceType, VpcEndpoint as SdkEndpoint, VpcEndpointType};
use ferrocrete_core::Value as Item;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;
use serde_json::Value;

use super::shared::{PAGE, described, filter, owned};
use super::tags::{from_sdk, retag, specification};
use crate::aws::answer::{list_delta, refused};
use crate::aws::claim;
use crate::prelude::*;

/// Reaches an AWS service, or one of somebody else, without leaving AWS's network.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::VPCEndpoint",
    claims = VpcEndpoint::claims,
    eventual(
        "InvalidVpcId.NotFound",
        "InvalidVpcID.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidSubnetId.NotFound",
        "InvalidRouteTableId.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidGroup.NotFound",
        "InvalidSecurityGroupID.NotFound"
    ),
    iam(
        create("ec2:CreateVpcEndpoint", "ec2:CreateTags", "route53:AssociateVPCWithHostedZone"),
        read("ec2:DescribeVpcEndpoints"),
        update(
            "ec2:DescribeVpcEndpoints",
            "ec2:ModifyVpcEndpoint",
            "ec2:CreateTags",
            "ec2:DeleteTags"
        ),
        delete("ec2:DeleteVpcEndpoints")
    )
)]
pub struct VpcEndpoint {
    /// Id of the VPC. Replaces.
    #[field(replaces)]
    pub vpc_id: String,
    /// Service, such as `com.amazonaws.eu-central-1.s3`. Replaces.
    #[field(replaces)]
    pub service_name: String,
    /// `Gateway` (S3 and DynamoDB), `Interface` or `GatewayLoadBalancer`. Default: `Gateway`.
    /// Replaces.
    #[field(replaces, server_default)]
    pub vpc_endpoint_type: Option<String>,
    /// Ids of route tables that lead to a gateway endpoint. Default: none.
    #[field(set)]
    pub route_table_ids: Option<Vec<String>>,
    /// Ids of subnets, one per zone, in which an interface endpoint has an address.
    #[field(set, affects("network_interface_ids", "dns_entries"))]
    pub subnet_ids: Option<Vec<String>>,
    /// Ids of security groups of an interface endpoint. Default: the VPC's own.
    #[field(set, server_default)]
    pub security_group_ids: Option<Vec<String>>,
    /// Whether the service's usual name leads to an interface endpoint. Default: false.
    #[field(server_default, affects("dns_entries"))]
    pub private_dns_enabled: Option<bool>,
    /// What may be done through it: a policy as JSON, such as an `iam::PolicyDocument`.
    /// Default: everything.
    #[field(policy)]
    pub policy_document: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`VpcEndpoint`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct VpcEndpointOutputs {
    /// Id, such as `vpce-0abc`.
    pub vpc_endpoint_id: String,
    /// Ids of the network interfaces of an interface endpoint.
    pub network_interface_ids: Vec<String>,
    /// Names of an interface endpoint, each as `HOSTED_ZONE_ID:DNS_NAME`.
    pub dns_entries: Vec<String>,
}

described!("vpc-endpoint-id", SdkEndpoint, vpc_endpoint_id);

async fn list(aws: &Aws, by: Filter) -> Result<Vec<SdkEndpoint>> {
    let call = aws.ec2().describe_vpc_endpoints().filters(by);
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.op("ec2:DescribeVpcEndpoints")?.vpc_endpoints.unwrap_or_default());
    }
    Ok(all)
}

impl Resource for VpcEndpoint {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ec2:CreateVpcEndpoint";
        let answer = cx
            .ec2()
            .create_vpc_endpoint()
            .client_token(cx.token())
            .vpc_id(&self.vpc_id)
            .service_name(&self.service_name)
            .set_vpc_endpoint_type(self.vpc_endpoint_type.as_deref().map(VpcEndpointType::from))
            .set_route_table_ids(self.route_table_ids.clone())
            .set_subnet_ids(self.subnet_ids.clone())
            .set_security_group_ids(self.security_group_ids.clone())
            .set_private_dns_enabled(self.private_dns_enabled)
            .set_policy_document(self.policy_document.clone())
            .set_tag_specifications(specification(ResourceType::VpcEndpoint, &self.tags))
            .send()
            .await
            .op(CALL)?;
        let endpoint = need(answer.vpc_endpoint, CALL, "vpc_endpoint")?;
        let id = need(endpoint.vpc_endpoint_id.clone(), CALL, "vpc_endpoint_id")?;
        let live = live(&endpoint, &id, Some(self));
        if live.status != Status::Ready {
            return Ok(Made::Pending(id));
        }
        Ok(Made::Ready(id, live.outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        let one = |item: &ReadRequest<Self>| {
            let endpoint = found.get(&item.id).filter(|e| state(e) != "deleted")?;
            Some(live(endpoint, &item.id, item.inputs.as_ref()))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let found = list(cx, owned(cx)).await?;
        let mut there = found
            .into_iter()
            .filter(|e| !matches!(status_of(e), Status::Failed(_) | Status::Deleting(_)));
        Ok(there.find_map(|endpoint| endpoint.vpc_endpoint_id))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        if changes.iter().all(|name| name == "tags") {
            return Ok(Progress::Done);
        }
        self.modify(cx, id, changes).await?;
        Ok(Progress::Pending)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        const CALL: &str = "ec2:DeleteVpcEndpoints";
        let answer = cx.ec2().delete_vpc_endpoints().vpc_endpoint_ids(id).send().await.op(CALL);
        let Some(answer) = found(answer)? else { return Ok(Progress::Done) };
        // The call succeeds as a whole and tells refusals per endpoint.
        let Some(item) = answer.unsuccessful().first() else { return Ok(Progress::Pending) };
        let error = item.error();
        let error = refused(CALL, error.and_then(|e| e.code()), error.and_then(|e| e.message()));
        gone::<()>(Err(error))
    }
}

impl VpcEndpoint {
    /// The routes to a gateway endpoint, and the names of the service in the VPC.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let Some(service) = claim::known(properties, "service_name") else { return vec![] };
        let tables = properties.get("route_table_ids").map(Item::reveal);
        let tables = match tables {
            Some(Item::List(tables)) => tables,
            _ => vec![],
        };
        let route = |table: &Item| {
            let key = [claim::of_value(table)?, service.clone()];
            Some(Claim::new(
                "route to a gateway endpoint",
                &["route_table_ids", "service_name"],
                key,
            ))
        };
        let mut all: Vec<Claim> = tables.iter().filter_map(route).collect();
        let private = properties.get("private_dns_enabled").map(Item::reveal);
        if let (Some(Item::Bool(true)), Some(vpc)) = (private, claim::known(properties, "vpc_id")) {
            let names = ["vpc_id", "service_name", "private_dns_enabled"];
            all.push(Claim::new("private DNS of an endpoint", &names, [vpc, service]));
        }
        all
    }

    /// All changes in one call. The lists go from what AWS has now, because adding what is there
    /// already is refused.
    async fn modify(&self, cx: &Cx, id: &str, changes: &Changes) -> Result<()> {
        let mut call = cx.ec2().modify_vpc_endpoint().vpc_endpoint_id(id);
        if changes.any(&["route_table_ids", "subnet_ids", "security_group_ids"]) {
            let now = list(cx, filter("vpc-endpoint-id", [id])).await?;
            let now = need(now.first(), "ec2:DescribeVpcEndpoints", "vpc_endpoint")?;
            if changes.has("route_table_ids") {
                let (add, remove) = list_delta(now.route_table_ids(), &self.route_table_ids);
                call = call.set_add_route_table_ids(add).set_remove_route_table_ids(remove);
            }
            if changes.has("subnet_ids") {
                let (add, remove) = list_delta(now.subnet_ids(), &self.subnet_ids);
                call = call.set_add_subnet_ids(add).set_remove_subnet_ids(remove);
            }
            if changes.has("security_group_ids") {
                let (add, remove) = list_delta(&groups(now), &self.security_group_ids);
                call = call.set_add_security_group_ids(add).set_remove_security_group_ids(remove);
            }
        }
        if changes.has("private_dns_enabled") {
            call = call.set_private_dns_enabled(self.private_dns_enabled);
        }
        if changes.has("policy_document") {
            call = match &self.policy_document {
                Some(policy) => call.policy_document(policy),
                None => call.reset_policy(true),
            };
        }
        call.send().await.op("ec2:ModifyVpcEndpoint").map(drop)
    }
}

fn groups(endpoint: &SdkEndpoint) -> Vec<String> {
    endpoint.groups().iter().filter_map(|g| g.group_id.clone()).collect()
}

/// AWS's pages and its answers do not agree on capital letters.
fn state(endpoint: &SdkEndpoint) -> String {
    endpoint.state().map_or("", |s| s.as_str()).to_ascii_lowercase()
}

fn status_of(endpoint: &SdkEndpoint) -> Status {
    let state = state(endpoint);
    match state.as_str() {
        "deleting" | "deleted" => Status::Deleting(state),
        // It cannot be used any more.
        "rejected" | "expired" => Status::Failed(state),
        "failed" => {
            let message = endpoint.last_error().and_then(|e| e.message());
            let reason = message.or(endpoint.failure_reason());
            Status::Failed(reason.unwrap_or("failed").to_owned())
        }
        _ => status(Some(state), &["pending"]),
    }
}

fn live(endpoint: &SdkEndpoint, id: &str, known: Option<&VpcEndpoint>) -> Live<VpcEndpoint> {
    let list = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let declares_policy = known.is_some_and(|k| k.policy_document.is_some());
    let policy = text(endpoint.policy_document());
    let entries = endpoint.dns_entries().iter().map(|e| {
        let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
        format!("{}:{}", part(e.hosted_zone_id()), part(e.dns_name()))
    });
    Live {
        inputs: VpcEndpoint {
            vpc_id: endpoint.vpc_id.clone().unwrap_or_default(),
            service_name: endpoint.service_name.clone().unwrap_or_default(),
            vpc_endpoint_type: text(endpoint.vpc_endpoint_type()),
            route_table_ids: list(endpoint.route_table_ids()),
            subnet_ids: list(endpoint.subnet_ids()),
            security_group_ids: list(&groups(endpoint)),
            private_dns_enabled: endpoint.private_dns_enabled,
            policy_document: policy.filter(|p| declares_policy || !allows_everything(p)),
            tags: from_sdk(endpoint.tags()),
        },
        outputs: VpcEndpointOutputs {
            vpc_endpoint_id: id.to_owned(),
            network_interface_ids: endpoint.network_interface_ids().to_vec(),
            dns_entries: entries.collect(),
        },
        status: status_of(endpoint),
    }
}

/// Whether this is the policy that AWS gives an endpoint without one.
fn allows_everything(policy: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return false };
    let statements = match policy.get("Statement") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let [Value::Object(statement)] = statements else { return false };
    let is = |key: &str, value: &str| statement.get(key).is_some_and(|v| v == value);
    statement.len() == 4
        && is("Effect", "Allow")
        && ["Action", "Principal", "Resource"].iter().all(|key| is(key, "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_policy_of_aws_allows_everything() {
        let all = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        assert!(allows_everything(all));
        assert!(!allows_everything(&all.replace("Allow", "Deny")));
        assert!(!allows_everything(&all.replace(r#""Action":"*""#, r#""Action":"s3:*""#)));
        assert!(!allows_everything(&all.replace(r#""Effect""#, r#""Condition":{},"Effect""#)));
        assert!(!allows_everything("no JSON") && !allows_everything("{}"));
    }

    #[test]
    fn capital_letters_of_states_do_not_count() {
        let endpoint = |state: &str| SdkEndpoint::builder().state(state.into()).build();
        assert_eq!(status_of(&endpoint("Pending")), Status::Pending("pending".into()));
        assert_eq!(status_of(&endpoint("pendingAcceptance")), Status::Ready);
        assert_eq!(status_of(&endpoint("available")), Status::Ready);
        assert_eq!(status_of(&endpoint("Deleting")), Status::Deleting("deleting".into()));
    }

    #[test]
    fn an_endpoint_has_routes_or_names_for_itself() {
        let service = "com.amazonaws.eu-central-1.s3";
        let gateway = serde_json::json!({
            "vpc_id": "vpc-1", "service_name": service, "route_table_ids": ["rtb-1", "rtb-2"],
        });
        let routes = VpcEndpoint::claims(&claim::properties(&gateway));
        let keys: Vec<_> = routes.iter().map(|c| c.key[0].as_str()).collect();
        assert_eq!(keys, ["rtb-1", "rtb-2"]);
        let names = |private: bool| {
            let interface = serde_json::json!({
                "vpc_id": "vpc-1", "service_name": service, "private_dns_enabled": private,
            });
            VpcEndpoint::claims(&claim::properties(&interface)).len()
        };
        assert_eq!((names(true), names(false)), (1, 0));
    }
}
