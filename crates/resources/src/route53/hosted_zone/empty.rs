//! Emptying a zone before it goes.

use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};

use crate::prelude::*;
use crate::route53::names::bare_name;

/// Most records of one page, and so of one change: its text is limited.
const PAGE: i32 = 100;

/// Deletes every record but the zone's own NS and SOA.
pub(super) async fn empty(aws: &Aws, id: &str, name: &str) -> Result<()> {
    let bad = |e: BuildError| OpError::invalid(e.to_string());
    loop {
        let answer = aws
            .route53()
            .list_resource_record_sets()
            .hosted_zone_id(id)
            .max_items(PAGE)
            .send()
            .await;
        let answer = answer.op("route53:ListResourceRecordSets")?;
        let own = |r: &&ResourceRecordSet| {
            matches!(r.r#type, RrType::Ns | RrType::Soa) && bare_name(&r.name) == bare_name(name)
        };
        let changes: Vec<Change> = answer
            .resource_record_sets()
            .iter()
            .filter(|r| !own(r))
            .map(|r| {
                Change::builder()
                    .action(ChangeAction::Delete)
                    .resource_record_set(r.clone())
                    .build()
                    .map_err(bad)
            })
            .collect::<Result<_, _>>()?;
        if changes.is_empty() {
            return Ok(());
        }
        let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(bad)?;
        let call = aws.route53().change_resource_record_sets().hosted_zone_id(id);
        call.change_batch(batch).send().await.op("route53:ChangeResourceRecordSets")?;
    }
}
