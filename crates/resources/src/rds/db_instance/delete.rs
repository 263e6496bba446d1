//! The end of a database, and the snapshot that is left of it.

use super::convert::is_going;
use super::{DbInstance, describe};
use crate::aws::answer::advise;
use crate::prelude::*;

/// Starts the delete; one that is under way already goes on.
pub(super) async fn delete(db: &DbInstance, cx: &Cx, id: &str) -> Result<Progress> {
    // AWS makes no last snapshot of a replica.
    let replica = db.source_db_instance_identifier.is_some();
    let skip = replica || db.skip_final_snapshot.unwrap_or(false);
    let last = db.final_db_snapshot_identifier.clone();
    let last = last.unwrap_or_else(|| format!("{id}-final-{}", cx.token()));
    let answer = cx
        .rds()
        .delete_db_instance()
        .db_instance_identifier(id)
        .skip_final_snapshot(skip)
        .set_final_db_snapshot_identifier((!skip).then_some(last))
        .set_delete_automated_backups(db.delete_automated_backups)
        .send()
        .await
        .op("rds:DeleteDBInstance");
    let error = match found(answer) {
        Ok(Some(_)) => return Ok(Progress::Pending),
        Ok(None) => return Ok(Progress::Done),
        Err(error) => error,
    };
    let taken = error.kind == ErrorKind::AlreadyExists;
    // Refused, too, while an earlier delete is under way, which made the snapshot.
    if taken || error.has_code("InvalidDBInstanceState") {
        match describe(cx, &[id.to_owned()]).await?.first() {
            None => return Ok(Progress::Done),
            Some(instance) if is_going(instance) => return Ok(Progress::Pending),
            Some(_) => {}
        }
    }
    if taken {
        let advice = "to keep both, give another `final_db_snapshot_identifier` or none, and run `up` first; or delete that snapshot";
        return Err(advise(error, advice));
    }
    if error.kind == ErrorKind::Invalid && db.deletion_protection == Some(true) {
        let advice = "to delete it, set `deletion_protection` to false and run `up` first";
        return Err(advise(error, advice));
    }
    Err(error)
}
