//! A prefix list by name. SDK call: DescribeManagedPrefixLists. IAM:
//! ec2:DescribeManagedPrefixLists.

use crate::ec2::shared::{PAGE, filter};
use crate::prelude::*;

/// The one prefix list of a name: AWS's, or one of the account's.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::PrefixList")]
pub struct PrefixList {
    /// Name, such as `com.amazonaws.eu-central-1.s3`, or
    /// `com.amazonaws.global.cloudfront.origin-facing`.
    pub prefix_list_name: String,
}

/// A prefix list.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct PrefixListOutputs {
    /// Id, such as `pl-0abc`: what routes and firewall rules take.
    pub prefix_list_id: String,
    /// ARN.
    pub prefix_list_arn: String,
    /// `IPv4` or `IPv6`.
    pub address_family: String,
}

const CALL: &str = "ec2:DescribeManagedPrefixLists";

impl Lookup for PrefixList {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<PrefixListOutputs> {
        let name = &self.prefix_list_name;
        let call = cloud.ec2().describe_managed_prefix_lists();
        let call = call.filters(filter("prefix-list-name", [name]));
        let mut pages = call.into_paginator().page_size(PAGE / 10).send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page.op(CALL)?.prefix_lists.unwrap_or_default());
        }
        let region = cloud.region();
        let list = match found.len() {
            1 => found.swap_remove(0),
            0 => {
                let message = format!("no prefix list is called `{name}` in {region}");
                return Err(OpError::new(ErrorKind::NotFound, message));
            }
            n => {
                return Err(OpError::invalid(format!(
                    "{n} prefix lists are called `{name}` in {region}\n  what to do: give the id of the one you mean instead of this lookup"
                )));
            }
        };
        Ok(PrefixListOutputs {
            prefix_list_id: need(list.prefix_list_id, CALL, "prefix_list_id")?,
            prefix_list_arn: need(list.prefix_list_arn, CALL, "prefix_list_arn")?,
            address_family: need(list.address_family, CALL, "address_family")?,
        })
    }
}
