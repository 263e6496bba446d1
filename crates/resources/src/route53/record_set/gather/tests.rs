use aws_sdk_route53::types::{ResourceRecord, RrType};

use super::super::api::key;
use super::*;

/// A zone that refuses records of one name, and notes the calls.
#[derive(Default)]
struct Fake {
    there: BTreeMap<Key, ResourceRecordSet>,
    refuses: Option<(&'static str, ErrorKind)>,
    calls: Mutex<Vec<Vec<String>>>,
}

impl Fake {
    fn calls(&self) -> Vec<Vec<String>> {
        self.calls.lock().unwrap().clone()
    }

    fn note(&self, call: Vec<String>) {
        self.calls.lock().unwrap().push(call);
    }
}

impl Wire for Fake {
    async fn current(&self, keys: Vec<Key>) -> Result<BTreeMap<Key, ResourceRecordSet>> {
        self.note(keys.iter().map(|key| format!("list {}", key.0)).collect());
        Ok(self.there.clone())
    }

    async fn change(&self, changes: Vec<Change>) -> Result<()> {
        let text = |change: &Change| {
            let name = change.resource_record_set().unwrap().name().to_owned();
            format!("{} {name}", change.action().as_str().to_lowercase())
        };
        let call: Vec<String> = changes.iter().map(text).collect();
        self.note(call.clone());
        match self.refuses {
            Some((name, kind)) if call.iter().any(|c| c.ends_with(name)) => {
                Err(OpError::new(kind, "refused"))
            }
            _ => Ok(()),
        }
    }
}

fn record(name: &str, values: &[&str]) -> ResourceRecordSet {
    let values = values.iter().map(|v| ResourceRecord::builder().value(*v).build().unwrap());
    let record = ResourceRecordSet::builder().name(name).r#type(RrType::A).ttl(60);
    record.set_resource_records(Some(values.collect())).build().unwrap()
}

fn put(name: &str) -> Vec<Edit> {
    vec![Edit::Put(record(name, &["192.0.2.1"]))]
}

#[tokio::test(start_paused = true)]
async fn what_falls_together_is_one_call_by_zone() {
    let (zones, one, other) = (Zones::default(), Fake::default(), Fake::default());
    let (a, b, c) = tokio::join!(
        zones.send("Z1", put("a"), &one),
        zones.send("Z1", put("b"), &one),
        zones.send("Z2", put("c"), &other),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(one.calls(), [["upsert a", "upsert b"]]);
    assert_eq!(other.calls(), [["upsert c"]]);
    zones.send("Z1", put("d"), &one).await.unwrap();
    assert_eq!(one.calls().len(), 2, "what comes later goes out later");
}

#[tokio::test(start_paused = true)]
async fn one_bad_change_fails_alone() {
    let refuses = Some(("bad", ErrorKind::Invalid));
    let (zones, zone) = (Zones::default(), Fake { refuses, ..Fake::default() });
    let (good, bad) =
        tokio::join!(zones.send("Z1", put("good"), &zone), zones.send("Z1", put("bad"), &zone),);
    assert!(good.is_ok() && bad.is_err());
    assert_eq!(zone.calls().len(), 3);

    // What passes is everybody's, and costs one call.
    let refuses = Some(("bad", ErrorKind::Throttled));
    let (zones, zone) = (Zones::default(), Fake { refuses, ..Fake::default() });
    let (good, bad) =
        tokio::join!(zones.send("Z1", put("good"), &zone), zones.send("Z1", put("bad"), &zone),);
    assert!(good.is_err() && bad.is_err());
    assert_eq!(zone.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_belongs_together_stays_together_and_makes_room_first() {
    let old = record("www", &["192.0.2.1"]);
    let there = BTreeMap::from([(key(&old), old.clone())]);
    let refuses = Some(("bad", ErrorKind::Invalid));
    let (zones, zone) = (Zones::default(), Fake { there, refuses, ..Fake::default() });
    let new = Edit::Create(record("new", &["192.0.2.2"]));
    let missing = Edit::Delete(key(&record("missing", &[])));
    let pair = vec![new, Edit::Delete(key(&old)), missing.clone()];
    let (pair, bad, nothing) = tokio::join!(
        zones.send("Z1", pair, &zone),
        zones.send("Z1", put("bad"), &zone),
        zones.send("Z1", vec![missing], &zone),
    );
    assert!(pair.is_ok() && bad.is_err() && nothing.is_ok());
    let calls = zone.calls();
    assert_eq!(calls[0], ["list www", "list missing", "list missing"]);
    assert_eq!(calls[1], ["delete www", "create new", "upsert bad"]);
    assert_eq!(calls[2], ["delete www", "create new"]);
    assert_eq!(calls[3], ["upsert bad"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_holds_nobody_up() {
    let (zones, zone) = (Zones::default(), Fake::default());
    let leaves = tokio::time::timeout(GATHER / 2, zones.send("Z1", put("a"), &zone));
    let (left, stays) = tokio::join!(leaves, zones.send("Z1", put("b"), &zone));
    assert!(left.is_err() && stays.is_ok());
    assert_eq!(zone.calls(), [["upsert b"]]);
}

#[test]
fn a_call_is_not_too_long() {
    let ready = |action: ChangeAction, values: usize| {
        let text = "x".repeat(100);
        let record = record("a", &vec![text.as_str(); values]);
        let change = Change::builder().action(action).resource_record_set(record);
        Ready { changes: vec![change.build().unwrap()], answer: oneshot::channel().0 }
    };
    let lengths =
        |units: Vec<Ready>| -> Vec<usize> { batches(units).iter().map(Vec::len).collect() };
    let create = || ready(ChangeAction::Create, 100);
    assert_eq!(lengths(vec![create(), create(), create(), create()]), [3, 1]);
    // What replaces counts twice.
    let put = || ready(ChangeAction::Upsert, 100);
    assert_eq!(lengths(vec![put(), put()]), [1, 1]);
    assert_eq!(lengths((0..1001).map(|_| ready(ChangeAction::Create, 0)).collect()), [1000, 1]);
}
