//! A zone that exists already. SDK calls: ListHostedZonesByName, GetHostedZone.

use super::names::{bare_id, bare_name};
use crate::prelude::*;

/// The one zone of this name.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::Route53::HostedZoneByName")]
pub struct HostedZoneByName {
    /// Domain, with or without the final dot.
    pub name: String,
    /// Only a private zone (true), or only a public one (false). Default: either.
    pub private_zone: Option<bool>,
}

/// The zone.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct HostedZoneByNameOutputs {
    /// Id, such as `Z0123ABC`.
    pub hosted_zone_id: String,
    /// Name servers; none for private zones.
    pub name_servers: Vec<String>,
}

impl Lookup for HostedZoneByName {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<HostedZoneByNameOutputs> {
        // AWS keeps names in small letters.
        let call = cloud.route53().list_hosted_zones_by_name();
        let answer = call.dns_name(self.name.to_ascii_lowercase()).send().await;
        let answer = answer.op("route53:ListHostedZonesByName")?;
        let ids: Vec<String> = answer
            .hosted_zones()
            .iter()
            .filter(|z| bare_name(&z.name) == bare_name(&self.name))
            .filter(|z| {
                let private = z.config.as_ref().is_some_and(|c| c.private_zone);
                self.private_zone.is_none_or(|wanted| wanted == private)
            })
            .map(|z| bare_id(&z.id))
            .collect();
        let kind = match self.private_zone {
            Some(true) => "private hosted zone",
            Some(false) => "public hosted zone",
            None => "hosted zone",
        };
        let id = match ids.as_slice() {
            [id] => id,
            [] => {
                let text = format!("there is no {kind} named `{}`", self.name);
                return Err(OpError::new(ErrorKind::NotFound, text));
            }
            _ => {
                let (name, ids) = (&self.name, ids.join(", "));
                return Err(OpError::invalid(format!(
                    "there is more than one {kind} named `{name}`: {ids}\n  what to do: give \
                     `private_zone`, or use an id instead of this lookup"
                )));
            }
        };
        let zone =
            cloud.route53().get_hosted_zone().id(id).send().await.op("route53:GetHostedZone")?;
        Ok(HostedZoneByNameOutputs {
            hosted_zone_id: id.clone(),
            name_servers: zone.delegation_set.map(|d| d.name_servers).unwrap_or_default(),
        })
    }
}
