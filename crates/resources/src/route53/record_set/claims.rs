//! Which records of a zone exclude each other, whatever the program calls them.

use ferrocrete_core::Value;
use ferrocrete_core::schema::{Claim, Share};
use ferrocrete_core::value::PropertyMap;

use crate::aws::spelling::known;
use crate::route53::names::{bare_id, bare_name};

/// A property that is set, known or not.
fn set<'r>(record: &'r PropertyMap, name: &str) -> Option<&'r Value> {
    record.get(name).filter(|value| !value.is_null())
}

/// What a record is known by, and what the records of its name have to agree on. A record of a
/// zone that is still to be made excludes nobody.
pub(super) fn claims(record: &PropertyMap) -> Vec<Claim> {
    let text = |name: &str| known(record, name);
    let zone = text("hosted_zone_id").map(|zone| bare_id(&zone));
    let (Some(zone), Some(name)) = (zone, text("name")) else { return Vec::new() };
    let name = bare_name(&name);
    let Some(kind) = text("record_type") else { return Vec::new() };
    let weighted = set(record, "set_identifier").is_some();

    // A CNAME stands alone: https://github.com/boto/boto3/issues/1475.
    let alone = if kind == "CNAME" { "CNAME" } else { "others" };
    let mut all = vec![
        Claim::new("name of records", &["name"], [&zone, &name])
            .shared(Share::With(alone.into()))
            .agreed("`record_type`, of which one is `CNAME`"),
    ];
    // One name and type has one routing: TF#11485.
    let mut routed =
        Claim::new("name and type of records", &["name", "record_type"], [&zone, &name, &kind]);
    if weighted {
        routed = routed.shared(Share::With("weighted".into()));
    }
    all.push(routed.agreed("routing: each needs a `set_identifier` and a `weight` of its own"));
    // Weighted records of one name and type have one TTL: TF#1961. An alias has none.
    if let (true, Some(ttl)) = (weighted, set(record, "ttl")) {
        let ttl = match ttl.has_unknown() {
            true => Share::Unknown,
            false => Share::With(ttl.redacted().to_string()),
        };
        let place = [&zone, &name, &kind];
        let claim = Claim::new("TTL of weighted records", &["name", "record_type"], place);
        all.push(claim.shared(ttl).agreed("`ttl`"));
    }
    let identifier = match set(record, "set_identifier") {
        None => Some(String::new()),
        Some(_) => text("set_identifier"),
    };
    let properties = ["hosted_zone_id", "name", "record_type", "set_identifier"];
    all.extend(identifier.map(|identifier| {
        Claim::new("AWS::Route53::RecordSet", &properties, [zone, name, kind, identifier])
            .as_identity()
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rest: &[(&str, Value)]) -> PropertyMap {
        let base = [("hosted_zone_id", "Z1"), ("name", "www.example.org"), ("record_type", "A")];
        let base = base.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        base.chain(rest.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect()
    }

    fn weighted(identifier: &str, ttl: i64) -> PropertyMap {
        record(&[("set_identifier", identifier.into()), ("ttl", ttl.into())])
    }

    /// Kinds of what two records have in common and do not share.
    fn between(a: &PropertyMap, b: &PropertyMap) -> Vec<String> {
        let excludes = |a: &Claim, b: &Claim| {
            (&a.what, &a.key) == (&b.what, &b.key)
                && !matches!((&a.share, &b.share), (Share::With(x), Share::With(y)) if x == y)
        };
        let (a, b) = (claims(a), claims(b));
        let hit = a.into_iter().filter(|a| b.iter().any(|b| excludes(a, b)));
        hit.map(|claim| claim.what).collect()
    }

    #[test]
    fn weighted_records_share_a_name_and_agree_on_their_ttl() {
        assert!(between(&weighted("a", 60), &weighted("b", 60)).is_empty());
        assert_eq!(between(&weighted("a", 60), &weighted("b", 30)), ["TTL of weighted records"]);
        let later = record(&[("set_identifier", "b".into()), ("ttl", Value::Unknown)]);
        assert_eq!(between(&weighted("a", 60), &later), ["TTL of weighted records"]);
        let alias = record(&[("set_identifier", "b".into())]);
        assert!(between(&weighted("a", 60), &alias).is_empty());
        let simple = record(&[("ttl", 60.into())]);
        assert_eq!(between(&weighted("a", 60), &simple), ["name and type of records"]);
    }

    #[test]
    fn a_cname_stands_alone() {
        let cname = record(&[("record_type", "CNAME".into())]);
        assert_eq!(between(&cname, &record(&[])), ["name of records"]);
        let text = record(&[("record_type", "TXT".into())]);
        assert!(between(&text, &record(&[])).is_empty());
        let other = record(&[("name", "api.example.org".into()), ("record_type", "CNAME".into())]);
        assert!(between(&cname, &other).is_empty());
    }

    #[test]
    fn a_record_is_the_same_in_each_spelling() {
        let spelled = record(&[("name", "WWW.example.org.".into())]);
        let same = between(&spelled, &record(&[]));
        assert_eq!(same, ["name and type of records", "AWS::Route53::RecordSet"]);
        let star = |name: &str| record(&[("name", name.into())]);
        assert_eq!(between(&star("*.example.org"), &star("\\052.example.org.")).len(), 2);
        let new = record(&[("hosted_zone_id", Value::Unknown)]);
        assert!(claims(&new).is_empty());
    }
}
