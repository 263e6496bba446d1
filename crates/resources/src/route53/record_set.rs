//! `AWS::Route53::RecordSet`: what a name in a zone stands for.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | ChangeResourceRecordSets (CREATE), one for all records of a zone that fall together; ListResourceRecordSets when refused |
//! | read | ListResourceRecordSets: one point query, or the whole zone for several records |
//! | update | ChangeResourceRecordSets (UPSERT) |
//! | delete | ListResourceRecordSets, ChangeResourceRecordSets (DELETE); before, of a record that validates certificates, ListCertificates, DescribeCertificate, ListTagsForCertificate |
//!
//! Traps: no tags and no id; ours is `ZONE|NAME|TYPE|SET`, by which Route 53 knows a record. A delete must name the record's
//! exact values. TXT values carry their own double quotes. The change is accepted at once and
//! reaches all name servers within about a minute; that is not waited for. AWS has one code,
//! `InvalidChangeBatch`, for a record that is there already and for one that is wrong, so a refused
//! create looks. Without tags, an interrupted create knows its record only by its values. A name
//! cannot have a CNAME beside others (boto3#1475), nor a plain record beside weighted ones
//! (TF#11485), and weighted ones have one TTL (TF#1961): records that exchange such a thing, a
//! replacement among them, change in one batch, which Route 53 carries out as a whole, so that the
//! name is never without a record. The record by which ACM validates certificates is the same for
//! all certificates of a domain in an account (TF#7918): one that is there already is taken over, and
//! one that a certificate of somebody else needs, in the same region, is left there by a delete. A batch has at most 1,000 values and 32,000 characters.
//! Left out: latency, geolocation, failover and multi-value routing (`region`, `geo_location`,
//! `geo_proximity_location`, `cidr_routing_config`, `failover`, `multi_value_answer`), health
//! checks (`health_check_id`); `hosted_zone_name`, because names of zones are not unique;
//! `comment`, of the change and not of the record.
//! Differences:
//! - also needs `acm:ListCertificates`, `acm:DescribeCertificate`, `acm:ListTagsForCertificate`: tells
//!   who else needs a record that validates certificates.
//! - renamed `record_type` (`type`): a word that Rust reserves.
//! - replaces `name`, `record_type`, `set_identifier`: a record of another name is another record.
//! - required `hosted_zone_id`: there, `hosted_zone_name` may stand for it.

mod api;
mod claims;
mod gather;
mod validation;

use std::collections::BTreeMap;

use aws_sdk_route53::types::{AliasTarget as SdkAlias, ResourceRecord, ResourceRecordSet, RrType};

use self::api::{Key, bad, change, current, is_refused, is_taken, records};
use self::gather::Edit;
pub(crate) use self::gather::Zones;
use super::names::{bare_name, echo_name, target_name};
use ferrocrete_core::Value;
use ferrocrete_core::schema::{Finding, Known};

use crate::prelude::*;

/// What a name in a zone stands for: values, an alias, or a weighted share.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::Route53::RecordSet",
    claims = claims::claims,
    check = check,
    global,
    together,
    eventual("NoSuchHostedZone"),
    busy("PriorRequestNotComplete"),
    iam(
        create("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"),
        read("route53:ListResourceRecordSets"),
        update("route53:ChangeResourceRecordSets"),
        delete(
            "route53:ListResourceRecordSets",
            "route53:ChangeResourceRecordSets",
            "acm:ListCertificates",
            "acm:DescribeCertificate",
            "acm:ListTagsForCertificate"
        )
    )
)]
pub struct RecordSet {
    /// Id of the zone. Replaces.
    #[field(replaces)]
    pub hosted_zone_id: String,
    /// Full name, such as `api.example.org`. Replaces.
    #[field(replaces, dns_name)]
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
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RecordSetOutputs {
    /// Full name without final dot.
    pub fqdn: String,
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

    fn key(&self) -> Key {
        (bare_name(&self.name), self.record_type.clone(), self.set_identifier.clone())
    }

    /// The record as the API takes it.
    fn to_sdk(&self) -> Result<ResourceRecordSet> {
        let record = |value: &String| ResourceRecord::builder().value(value).build().map_err(bad);
        let values = self.resource_records.as_ref();
        let values = values.map(|all| all.iter().map(record).collect::<Result<Vec<_>>>());
        let values = values.transpose()?;
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

    /// Whether these are the values of this declaration.
    fn is_like(&self, live: &Self) -> bool {
        fn sorted(values: Option<&Vec<String>>) -> Vec<&String> {
            let mut values: Vec<&String> = values.into_iter().flatten().collect();
            values.sort();
            values
        }
        let target = |record: &Self| {
            record.alias_target.as_ref().map(|a| {
                let health = a.evaluate_target_health.unwrap_or(false);
                (target_name(&a.dns_name), a.hosted_zone_id.clone(), health)
            })
        };
        sorted(self.resource_records.as_ref()) == sorted(live.resource_records.as_ref())
            && self.ttl == live.ttl
            && self.weight == live.weight
            && target(self) == target(live)
    }
}

fn live(record: &ResourceRecordSet, zone: &str, known: Option<&RecordSet>) -> Live<RecordSet> {
    let name = echo_name(known.map(|k| k.name.as_str()), &record.name);
    let values: Vec<String> = record.resource_records().iter().map(|r| r.value.clone()).collect();
    let alias = record.alias_target.as_ref().map(|a| {
        let wanted = known.and_then(|k| k.alias_target.as_ref()).map(|w| w.dns_name.clone());
        let same = wanted.as_deref().is_some_and(|w| target_name(w) == target_name(&a.dns_name));
        AliasTarget {
            dns_name: wanted.filter(|_| same).unwrap_or_else(|| bare_name(&a.dns_name)),
            hosted_zone_id: a.hosted_zone_id.clone(),
            evaluate_target_health: Some(a.evaluate_target_health),
        }
    });
    // Others share ACM's records, and may declare another time.
    let ttl = known.filter(|k| validation::is_one(k)).and_then(|k| k.ttl);
    Live::ready(
        RecordSet {
            hosted_zone_id: zone.to_owned(),
            name,
            record_type: record.r#type.as_str().to_owned(),
            ttl: ttl.or(record.ttl),
            resource_records: (!values.is_empty()).then_some(values),
            alias_target: alias,
            set_identifier: record.set_identifier.clone(),
            weight: record.weight,
        },
        RecordSetOutputs { fqdn: bare_name(&record.name) },
    )
}

fn check(known: Known<'_>) -> Vec<Finding> {
    let values = known.exactly_one(&["resource_records", "alias_target"]);
    let lasting = known.get("resource_records").is_some() && !known.has("ttl");
    let ttl = lasting.then(|| Finding::new("ttl", "is missing: `resource_records` need it"));
    values.into_iter().chain(ttl).chain(outside(known)).collect()
}

/// A name that its zone cannot have, where the program says which zone that is.
fn outside(known: Known<'_>) -> Option<Finding> {
    let zone = known.source("hosted_zone_id")?;
    // One that is secret is not quoted.
    let Some(Value::String(zone)) = zone.get("name") else { return None };
    let (zone, name) = (bare_name(zone), bare_name(&known.text("name")?));
    let inside = name == zone || name.ends_with(&format!(".{zone}"));
    (!inside).then(|| Finding::new("name", format!("is not in the zone `{zone}`")))
}

impl Resource for RecordSet {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        // CREATE, never UPSERT: a record that is there already is not ours.
        let zone = &self.hosted_zone_id;
        if let Err(error) = change(cx, zone, Edit::Create(self.to_sdk()?)).await {
            let taken_here = is_taken(&error, &bare_name(&self.name));
            let there = match taken_here {
                true => current(cx, zone, &self.key()).await?,
                false => None,
            };
            let Some(there) = there else { return Err(error) };
            // All certificates of a domain share the record that validates them.
            if !validation::is_same(self, &live(&there, zone, None).inputs) {
                return Err(taken(self, error));
            }
        }
        Ok(Made::Ready(self.id(), RecordSetOutputs { fqdn: bare_name(&self.name) }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
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

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let request = ReadRequest { id: self.id(), inputs: Some(self.clone()), follow: None };
        let found = Self::read(cx.cloud(), &[request]).await?.into_iter().flatten().next();
        // Without tags, the same values are the only sign that we made it.
        let ours = |live: &RecordSet| self.is_like(live) || validation::is_same(self, live);
        Ok(found.filter(|live| ours(&live.inputs)).map(|_| self.id()))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        change(cx, &self.hosted_zone_id, Edit::Put(self.to_sdk()?)).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let Some((zone, key)) = split(id) else { return Ok(Progress::Done) };
        if validation::is_one(self) && validation::is_needed(cx, &key.0).await? {
            return Ok(Progress::Done);
        }
        match gone(change(cx, &zone, Edit::Delete(key.clone())).await) {
            // Somebody else was faster.
            Err(e) if is_refused(&e) && current(cx, &zone, &key).await?.is_none() => {
                Ok(Progress::Done)
            }
            other => other,
        }
    }
}

/// What the refusal means when the record is there.
fn taken(record: &RecordSet, error: OpError) -> OpError {
    let message = format!(
        "the zone has a record `{}` of type {} already, which this stack did not make",
        bare_name(&record.name),
        record.record_type
    );
    OpError { kind: ErrorKind::AlreadyExists, message, ..error }
}

#[cfg(test)]
mod tests {
    use super::api::key;
    use super::*;

    #[test]
    fn ids_come_apart() {
        let (zone, key) = split("Z1|api.example.org|A|").unwrap();
        assert_eq!((zone.as_str(), key), ("Z1", ("api.example.org".into(), "A".into(), None)));
        assert_eq!(split("Z1|a|A|blue").unwrap().1.2.as_deref(), Some("blue"));
    }
    #[test]
    fn a_record_is_known_by_its_values() {
        let record = |json: serde_json::Value| serde_json::from_value::<RecordSet>(json).unwrap();
        let base = serde_json::json!({
            "hosted_zone_id": "Z1", "name": "api.example.org", "record_type": "A", "ttl": 60,
            "resource_records": ["192.0.2.1", "192.0.2.2"],
        });
        let with = |name: &str, value: serde_json::Value| {
            let mut changed = base.clone();
            changed[name] = value;
            record(changed)
        };
        let ours = record(base.clone());
        assert_eq!(ours.id(), "Z1|api.example.org|A|");
        assert!(ours.is_like(&with("resource_records", ["192.0.2.2", "192.0.2.1"].into())));
        assert!(!ours.is_like(&with("ttl", 61.into())));
        let alias = serde_json::json!({"dns_name": "lb.example.com", "hosted_zone_id": "Z2"});
        assert!(!ours.is_like(&with("alias_target", alias)));
    }

    #[test]
    fn what_aws_writes_otherwise_is_as_declared() {
        let known = serde_json::json!({
            "hosted_zone_id": "Z1", "name": "*.Example.org.", "record_type": "A",
            "alias_target": {"dns_name": "LB.example.com", "hosted_zone_id": "Z2"},
        });
        let known: RecordSet = serde_json::from_value(known).unwrap();
        let alias = SdkAlias::builder()
            .dns_name("lb.example.com.")
            .hosted_zone_id("Z2")
            .evaluate_target_health(false)
            .build();
        let sdk = ResourceRecordSet::builder()
            .name("\\052.example.org.")
            .r#type(RrType::A)
            .alias_target(alias.unwrap())
            .build()
            .unwrap();
        assert_eq!(key(&sdk), known.key());
        let live = live(&sdk, "Z1", Some(&known));
        assert_eq!(live.inputs.name, "*.Example.org.");
        assert_eq!(live.inputs.alias_target.unwrap().dns_name, "LB.example.com");
        assert_eq!(live.outputs.fqdn, "*.example.org");
    }
}
