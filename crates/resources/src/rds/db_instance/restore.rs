//! Databases that are made from a snapshot, or as another one was at some time.
//!
//! User, databases and encryption come with the data. What the calls do not take is set by an update
//! once the database is there.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use ferrocrete_core::schema::{Finding, Known};
use ferrocrete_core::value::Value;

use super::DbInstance;
use crate::aws::answer::ours_or;
use crate::prelude::*;
use crate::rds::shared::to_sdk;

/// What a restored database has from where it comes.
const INHERITED: [&str; 4] = ["master_username", "db_name", "storage_encrypted", "kms_key_id"];
const ORIGINS: [&str; 3] =
    ["db_snapshot_identifier", "restore_to_point_in_time", "source_db_instance_identifier"];

/// A point in time of a database that keeps automated backups.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PointInTime {
    /// Identifier of the database. Give this or `source_dbi_resource_id`.
    pub source_db_instance_identifier: Option<String>,
    /// Id that stays, such as `db-ABC`; also of a database that was deleted while its automated
    /// backups were kept (`delete_automated_backups`).
    pub source_dbi_resource_id: Option<String>,
    /// Time in UTC by RFC 3339, such as `2026-03-01T04:05:06Z`. Give this or
    /// `use_latest_restorable_time`.
    pub restore_time: Option<String>,
    /// The latest time that there is, usually minutes ago. Default: false.
    pub use_latest_restorable_time: Option<bool>,
}

/// What AWS would refuse, or what would come out other than declared.
pub(super) fn check(known: Known<'_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = known.at_most_one(&ORIGINS).into_iter().collect();
    let restored = ORIGINS[..2].iter().find(|name| known.has(name));
    let inherited = INHERITED.iter().find(|name| known.has(name));
    if let (Some(origin), Some(inherited)) = (restored, inherited) {
        all.push(Finding::new(
            *origin,
            format!("brings `{inherited}` with the data: leave that out"),
        ));
    }
    if let Some(Value::Map(point)) = known.get("restore_to_point_in_time") {
        let point = Known::of(&point);
        let inside = |found: Finding| {
            Finding::new(format!("restore_to_point_in_time.{}", found.property), found.why)
        };
        let source = ["source_db_instance_identifier", "source_dbi_resource_id"];
        all.extend(point.exactly_one(&source).map(inside));
        let latest = point.flag("use_latest_restorable_time") == Some(true);
        let time = point.text("restore_time");
        if latest == time.is_some() {
            let why = "and `use_latest_restorable_time` exclude each other: give one of them";
            all.push(inside(Finding::new("restore_time", why)));
        }
        if time.is_some_and(|time| DateTime::from_str(&time, Format::DateTime).is_err()) {
            let why = "must be a time by RFC 3339, such as `2026-03-01T04:05:06Z`";
            all.push(inside(Finding::new("restore_time", why)));
        }
    }
    all
}

/// Everything that both calls take.
macro_rules! with_settings {
    ($call:expr, $db:expr) => {
        $call
            .db_instance_class(&$db.db_instance_class)
            .engine(&$db.engine)
            .set_allocated_storage($db.allocated_storage)
            .set_storage_type($db.storage_type.clone())
            .set_iops($db.iops)
            .set_storage_throughput($db.storage_throughput)
            .set_port($db.port)
            .set_vpc_security_group_ids($db.vpc_security_group_ids.clone())
            .set_db_subnet_group_name($db.db_subnet_group_name.clone())
            .set_db_parameter_group_name($db.db_parameter_group_name.clone())
            .set_availability_zone($db.availability_zone.clone())
            .set_multi_az($db.multi_az)
            .set_publicly_accessible($db.publicly_accessible)
            .set_deletion_protection($db.deletion_protection)
            .set_auto_minor_version_upgrade($db.auto_minor_version_upgrade)
            .set_ca_certificate_identifier($db.ca_certificate_identifier.clone())
            .set_enable_cloudwatch_logs_exports($db.enable_cloudwatch_logs_exports.clone())
            .set_enable_iam_database_authentication($db.enable_iam_database_authentication)
            .set_copy_tags_to_snapshot($db.copy_tags_to_snapshot)
            .set_tags(Some(to_sdk(&$db.tags)))
    };
}

/// Makes the database from a snapshot.
pub(super) async fn from_snapshot(
    db: &DbInstance,
    cx: &Cx,
    snapshot: &str,
) -> Result<Made<DbInstance>> {
    let call = cx
        .rds()
        .restore_db_instance_from_db_snapshot()
        .set_db_instance_identifier(db.db_instance_identifier.clone())
        .db_snapshot_identifier(snapshot);
    let answer = with_settings!(call, db).send().await;
    made(db, cx, answer.op("rds:RestoreDBInstanceFromDBSnapshot").map(drop)).await
}

/// Makes the database as another one was.
pub(super) async fn to_point(
    db: &DbInstance,
    cx: &Cx,
    point: &PointInTime,
) -> Result<Made<DbInstance>> {
    let time = point.restore_time.as_deref();
    let time = time.map(|time| DateTime::from_str(time, Format::DateTime)).transpose();
    let time = time.map_err(|error| OpError::invalid(format!("`restore_time`: {error}")))?;
    let call = cx
        .rds()
        .restore_db_instance_to_point_in_time()
        .set_target_db_instance_identifier(db.db_instance_identifier.clone())
        .set_source_db_instance_identifier(point.source_db_instance_identifier.clone())
        .set_source_dbi_resource_id(point.source_dbi_resource_id.clone())
        .set_restore_time(time)
        .set_use_latest_restorable_time(point.use_latest_restorable_time)
        .set_max_allocated_storage(db.max_allocated_storage);
    let answer = with_settings!(call, db).send().await;
    made(db, cx, answer.op("rds:RestoreDBInstanceToPointInTime").map(drop)).await
}

/// What the calls do not take is left to an update.
async fn made(db: &DbInstance, cx: &Cx, answer: Result<()>) -> Result<Made<DbInstance>> {
    match answer {
        Ok(()) => Ok(Made::Partial(db.id())),
        Err(error) => ours_or(db, cx, error).await,
    }
}
