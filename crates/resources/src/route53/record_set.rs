//! `AWS::Route53::RecordSet`: what a name in a zone stands for.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | ChangeResourceRecordSets (CREATE) | route53:ChangeResourceRecordSets |
//! | read | ListResourceRecordSets: one point query, or the whole zone for several records | route53:ListResourceRecordSets |
//! | update | ChangeResourceRecordSets (UPSERT) | route53:ChangeResourceRecordSets |
//! | delete | ListResourceRecordSets, ChangeResourceRecordSets (DELETE) | the same |
//!
//! Traps: no tags and no id; ours is `ZONE|NAME|TYPE|SET`. A delete must name the record's
//! exact values. TXT values carry their own double quotes. The change is accepted at once and
//! reaches all name servers within about a minute; that is not waited for.
//! Left out: latency, geolocation, failover and multi-value routing, health checks.

use std::collections::BTreeMap;

use aws_sdk_route53::types::{
    AliasTarget as SdkAlias, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet,
    RrType,
};

use super::hosted_zone::bare_name;
use crate::prelude::*;

/// What a name in a zone stands for: values, an alias, or a weighted share.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::Route53::RecordSet",
    outputs = RecordSetOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html",
    delete_before_replace,
    eventual("NoSuchHostedZone"),
    iam(
        create("route53:ChangeResourceRecordSets"),
        read("route53:ListResourceRecordSets"),
        update("route53:ChangeResourceRecordSets"),
        delete("route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets")
    )
)]
pub struct RecordSet {
    /// Id of the zone. Replaces.
    #[field(replaces)]
    pub hosted_zone_id: String,
    /// Full name, such as `api.example.org`. Replaces.
    #[field(replaces, case_insensitive)]
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, `MX`, `TXT` …: AWS's `type`. Replaces.
    #[field(replaces)]
    pub record_type: String,
    /// Seconds that resolvers may keep it. Required unless it is an alias.
    pub ttl: Option<i64>,
    /// Values; TXT with their quotes.
    #[field(set)]
    pub resource_records: Option<Vec<String>>,
    /// An AWS resource that the name stands for, instead of values.
    pub alias_target: Option<AliasTarget>,
    /// Tells records of one name apart, when they are weighted. Replaces.
    #[field(replaces)]
    pub set_identifier: Option<String>,
    /// Share of the answers, 0 to 255.
    pub weight: Option<i64>,
}

/// An AWS resource that a name stands for.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct AliasTarget {
    /// Its DNS name.
    pub dns_name: String,
    /// Its service's zone (not yours), such as a load balancer's canonical hosted zone id.
    pub hosted_zone_id: String,
    /// Answer only while it is healthy. Default: false.
    pub evaluate_target_health: Option<bool>,
}

/// What is known of a [`RecordSet`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct RecordSetOutputs {
    /// Full name without final dot.
    pub fqdn: String,
}

type Key = (String, String, Option<String>);

fn key(record: &ResourceRecordSet) -> Key {
    (bare_name(&record.name), record.r#type.as_str().to_owned(), record.set_identifier.clone())
}

fn split(id: &str) -> Option<(String, Key)> {
    let mut parts = id.splitn(4, '|');
    let (zone, name, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let set = parts.next().filter(|s| !s.is_empty()).map(str::to_owned);
    Some((zone.to_owned(), (name.to_owned(), kind.to_owned(), set)))
}

impl RecordSet {
    fn id(&self) -> String {
        let set = self.set_identifier.as_deref().unwrap_or_default();
        format!("{}|{}|{}|{set}", self.hosted_zone_id, bare_name(&self.name), self.record_type)
    }

    fn to_sdk(&self) -> Result<ResourceRecordSet, OpError> {
        let bad =
            |e: aws_smithy_types::error::operation::BuildError| OpError::invalid(e.to_string());
        let values = match (&self.resource_records, &self.alias_target) {
            (Some(values), None) => Some(
                values
                    .iter()
                    .map(|v| ResourceRecord::builder().value(v).build().map_err(bad))
                    .collect::<Result<Vec<_>, _>>()?,
            ),
            (None, Some(_)) => None,
            _ => {
                return Err(OpError::invalid(
                    "give exactly one of `resource_records` and `alias_target`",
                ));
            }
        };
        if values.is_some() && self.ttl.is_none() {
            return Err(OpError::invalid("`ttl` is needed with `resource_records`"));
        }
        let alias = self.alias_target.as_ref().map(|a| {
            SdkAlias::builder()
                .dns_name(&a.dns_name)
                .hosted_zone_id(&a.hosted_zone_id)
                .evaluate_target_health(a.evaluate_target_health.unwrap_or(false))
                .build()
                .map_err(bad)
        });
        ResourceRecordSet::builder()
            .name(&self.name)
            .r#type(RrType::from(self.record_type.as_str()))
            .set_ttl(self.ttl)
            .set_resource_records(values)
            .set_alias_target(alias.transpose()?)
            .set_set_identifier(self.set_identifier.clone())
            .set_weight(self.weight)
            .build()
            .map_err(bad)
    }

    async fn change(
        &self,
        aws: &Aws,
        action: ChangeAction,
        record: ResourceRecordSet,
    ) -> Result<(), OpError> {
        let bad =
            |e: aws_smithy_types::error::operation::BuildError| OpError::invalid(e.to_string());
        let change = Change::builder().action(action).resource_record_set(record);
        let change = change.build().map_err(bad)?;
        let batch = ChangeBatch::builder().changes(change).build().map_err(bad)?;
        let call = aws.route53().change_resource_record_sets().hosted_zone_id(&self.hosted_zone_id);
        call.change_batch(batch).send().await.op("route53:ChangeResourceRecordSets").map(drop)
    }
}

/// Records of a zone: one that is asked for by a point query, several by paging through.
async fn records(
    aws: &Aws,
    zone: String,
    keys: Vec<Key>,
) -> Result<BTreeMap<Key, ResourceRecordSet>, OpError> {
    let one = keys.len() == 1;
    let mut call = aws.route53().list_resource_record_sets().hosted_zone_id(&zone);
    if let (true, Some((name, kind, set))) = (one, keys.first()) {
        call = call
            .start_record_name(name)
            .start_record_type(RrType::from(kind.as_str()))
            .set_start_record_identifier(set.clone())
            .max_items(1);
    }
    let mut all = BTreeMap::new();
    loop {
        let answer = call.clone().send().await.op("route53:ListResourceRecordSets");
        let Some(answer) = found(answer)? else { return Ok(all) };
        all.extend(answer.resource_record_sets().iter().map(|r| (key(r), r.clone())));
        match (&answer.next_record_name, &answer.next_record_type) {
            (Some(name), Some(kind)) if !one && answer.is_truncated => {
                call = call
                    .start_record_name(name)
                    .start_record_type(kind.clone())
                    .set_start_record_identifier(answer.next_record_identifier.clone());
            }
            _ => return Ok(all),
        }
    }
}

fn live(record: &ResourceRecordSet, zone: &str, known: Option<&RecordSet>) -> Live<RecordSet> {
    let dotted = known.is_some_and(|k| k.name.ends_with('.'));
    let bare = bare_name(&record.name);
    let values: Vec<String> = record.resource_records().iter().map(|r| r.value.clone()).collect();
    let alias = record.alias_target.as_ref().map(|a| {
        let wanted = known.and_then(|k| k.alias_target.as_ref()).map(|w| w.dns_name.clone());
        let same = wanted.as_deref().is_some_and(|w| alias_name(w) == alias_name(&a.dns_name));
        AliasTarget {
            dns_name: wanted.filter(|_| same).unwrap_or_else(|| bare_name(&a.dns_name)),
            hosted_zone_id: a.hosted_zone_id.clone(),
            evaluate_target_health: Some(a.evaluate_target_health),
        }
    });
    Live::ready(
        RecordSet {
            hosted_zone_id: zone.to_owned(),
            name: if dotted { format!("{bare}.") } else { bare.clone() },
            record_type: record.r#type.as_str().to_owned(),
            ttl: record.ttl,
            resource_records: (!values.is_empty()).then_some(values),
            alias_target: alias,
            set_identifier: record.set_identifier.clone(),
            weight: record.weight,
        },
        RecordSetOutputs { fqdn: bare },
    )
}

/// The console writes load balancers as `dualstack.NAME`; that is the same target.
fn alias_name(name: &str) -> String {
    let bare = bare_name(name);
    bare.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(bare)
}

impl Resource for RecordSet {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        // CREATE, never UPSERT: a record that is there already is not ours.
        self.change(cx, ChangeAction::Create, self.to_sdk()?).await?;
        Ok(Made::Ready(self.id(), RecordSetOutputs { fqdn: bare_name(&self.name) }))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let mut zones: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for (zone, key) in items.iter().filter_map(|i| split(&i.id)) {
            zones.entry(zone).or_default().push(key);
        }
        let zones: Vec<(String, Vec<Key>)> = zones.into_iter().collect();
        let found = batch::each(&zones, |(zone, keys)| {
            let (zone, keys) = (zone.clone(), keys.clone());
            async move { Ok((zone.clone(), records(cloud, zone, keys).await?)) }
        })
        .await?;
        let found: BTreeMap<String, _> = found.into_iter().collect();
        let one = |item: &ReadRequest<Self>| {
            let (zone, key) = split(&item.id)?;
            let record = found.get(&zone)?.get(&key)?;
            Some(live(record, &zone, item.inputs.as_ref()))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let request = ReadRequest { id: self.id(), inputs: Some(self.clone()) };
        let found = Self::read(cx.cloud(), &[request]).await?.into_iter().flatten().next();
        // Without tags, the same values are the only sign that we made it.
        let sorted = |v: &Option<Vec<String>>| {
            let mut v = v.clone().unwrap_or_default();
            v.sort();
            v
        };
        let same = found.is_some_and(|l| {
            sorted(&l.inputs.resource_records) == sorted(&self.resource_records)
                && l.inputs.ttl == self.ttl
                && l.inputs.weight == self.weight
        });
        Ok(same.then(|| self.id()))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        self.change(cx, ChangeAction::Upsert, self.to_sdk()?).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        let Some((zone, key)) = split(id) else { return Ok(Progress::Done) };
        let current = records(cx, zone, vec![key.clone()]).await?.remove(&key);
        let Some(current) = current else { return Ok(Progress::Done) };
        found(self.change(cx, ChangeAction::Delete, current).await)?;
        Ok(Progress::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_apart() {
        let (zone, key) = split("Z1|api.example.org|A|").unwrap();
        assert_eq!((zone.as_str(), key), ("Z1", ("api.example.org".into(), "A".into(), None)));
        assert_eq!(split("Z1|a|A|blue").unwrap().1.2.as_deref(), Some("blue"));
        assert_eq!(alias_name("dualstack.LB.amazonaws.com."), "lb.amazonaws.com");
    }
}
