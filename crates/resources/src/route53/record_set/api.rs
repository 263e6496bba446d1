//! The calls on records.

use std::collections::BTreeMap;

use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{Change, ChangeBatch, ResourceRecordSet, RrType};

use super::gather::{Edit, Wire};
use crate::prelude::*;
use crate::route53::names::bare_name;

/// Name, type and set identifier: what tells the records of a zone apart.
pub(super) type Key = (String, String, Option<String>);

/// The key of a record.
pub(super) fn key(record: &ResourceRecordSet) -> Key {
    (bare_name(&record.name), record.r#type.as_str().to_owned(), record.set_identifier.clone())
}

/// What the SDK misses in a request.
pub(super) fn bad(error: BuildError) -> OpError {
    OpError::invalid(error.to_string())
}

/// One zone, in one account.
struct Zone<'a> {
    aws: &'a Aws,
    id: &'a str,
}

impl Wire for Zone<'_> {
    async fn current(&self, keys: Vec<Key>) -> Result<BTreeMap<Key, ResourceRecordSet>> {
        records(self.aws, self.id.to_owned(), keys).await
    }

    async fn change(&self, changes: Vec<Change>) -> Result<()> {
        let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(bad)?;
        let call = self.aws.route53().change_resource_record_sets().hosted_zone_id(self.id);
        let call = call.change_batch(batch);
        call.send().await.op("route53:ChangeResourceRecordSets").map(drop)
    }
}

/// Makes, changes or deletes one record: in one call with those that exchange something with it,
/// and with what else falls on the zone at the moment.
pub(super) async fn change(cx: &Cx, zone: &str, edit: Edit) -> Result<()> {
    let aws = cx.cloud().clone();
    let all = |edits: Vec<(String, Edit)>| async move {
        let mut zones: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
        for (zone, edit) in edits {
            zones.entry(zone).or_default().push(edit);
        }
        for (id, edits) in zones {
            aws.zones().send(&id, edits, &Zone { aws: &aws, id: &id }).await?;
        }
        Ok(())
    };
    cx.together((zone.to_owned(), edit), all).await
}

/// Whether AWS refused to make a record because it is there. The old form of the answer says too
/// little, so the record has to be looked for in any case.
pub(super) fn is_taken(error: &OpError, name: &str) -> bool {
    let says = |part: &str| error.message.contains(part);
    is_refused(error) && (error.code.is_none() || (says("already exists") && says(name)))
}

/// Whether AWS refused the change itself. Where it answers in its old form, the SDK finds no code.
pub(super) fn is_refused(error: &OpError) -> bool {
    error.has_code("InvalidChangeBatch") || (error.code.is_none() && error.kind == ErrorKind::Other)
}

/// One record, as it is.
pub(super) async fn current(aws: &Aws, zone: &str, key: &Key) -> Result<Option<ResourceRecordSet>> {
    let found = records(aws, zone.to_owned(), vec![key.clone()]).await?;
    Ok(found.into_iter().find(|(found, _)| found == key).map(|(_, record)| record))
}

/// Records of a zone: one that is asked for by a point query, several by paging through.
pub(super) async fn records(
    aws: &Aws,
    zone: String,
    keys: Vec<Key>,
) -> Result<BTreeMap<Key, ResourceRecordSet>> {
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
