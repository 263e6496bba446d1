//! A zone that exists already. SDK calls: ListHostedZonesByName, GetHostedZone.

use super::hosted_zone::{bare_id, bare_name};
use crate::prelude::*;

/// The one zone of this name.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::Route53::HostedZoneByName", outputs = HostedZoneByNameOutputs)]
pub struct HostedZoneByName {
    /// Domain, with or without the final dot.
    pub name: String,
    /// A private zone instead of a public one. Default: false.
    pub private_zone: Option<bool>,
}

/// The zone.
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct HostedZoneByNameOutputs {
    /// Id, such as `Z0123ABC`.
    pub hosted_zone_id: String,
    /// Name servers; none for private zones.
    pub name_servers: Vec<String>,
}

impl Lookup for HostedZoneByName {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<HostedZoneByNameOutputs, OpError> {
        let private = self.private_zone.unwrap_or(false);
        let answer = cloud.route53().list_hosted_zones_by_name().dns_name(&self.name).send().await;
        let answer = answer.op("route53:ListHostedZonesByName")?;
        let ids: Vec<String> = answer
            .hosted_zones()
            .iter()
            .filter(|z| bare_name(&z.name) == bare_name(&self.name))
            .filter(|z| z.config.as_ref().is_some_and(|c| c.private_zone) == private)
            .map(|z| bare_id(&z.id))
            .collect();
        let kind = if private { "private" } else { "public" };
        let [id] = ids.as_slice() else {
            return Err(OpError::new(
                ErrorKind::NotFound,
                match ids.len() {
                    0 => format!("there is no {kind} hosted zone named `{}`", self.name),
                    n => format!(
                        "{n} {kind} hosted zones are named `{}`: {}",
                        self.name,
                        ids.join(", ")
                    ),
                },
            ));
        };
        let zone =
            cloud.route53().get_hosted_zone().id(id).send().await.op("route53:GetHostedZone")?;
        Ok(HostedZoneByNameOutputs {
            hosted_zone_id: id.clone(),
            name_servers: zone.delegation_set.map(|d| d.name_servers).unwrap_or_default(),
        })
    }
}
