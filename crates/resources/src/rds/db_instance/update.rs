//! The calls that make and change a database.

use aws_sdk_rds::operation::create_db_instance::builders::CreateDBInstanceFluentBuilder;
use aws_sdk_rds::types::{CloudwatchLogsExportConfiguration, PendingModifiedValues};

use super::{DbInstance, describe};
use crate::prelude::*;

/// Properties that no ModifyDBInstance is needed for.
const OURS: [&str; 6] = [
    "allow_major_version_upgrade",
    "apply_immediately",
    "delete_automated_backups",
    "final_db_snapshot_identifier",
    "skip_final_snapshot",
    "tags",
];

/// A create of everything that is declared, but for the tags.
pub(super) fn create(db: &DbInstance, aws: &Aws) -> CreateDBInstanceFluentBuilder {
    aws.rds()
        .create_db_instance()
        .set_db_instance_identifier(db.db_instance_identifier.clone())
        .db_instance_class(&db.db_instance_class)
        .engine(&db.engine)
        .set_engine_version(db.engine_version.clone())
        .set_allocated_storage(db.allocated_storage)
        .set_max_allocated_storage(db.max_allocated_storage)
        .set_storage_type(db.storage_type.clone())
        .set_iops(db.iops)
        .set_storage_throughput(db.storage_throughput)
        .set_storage_encrypted(db.storage_encrypted)
        .set_kms_key_id(db.kms_key_id.clone())
        .set_master_username(db.master_username.clone())
        .set_master_user_password(db.master_user_password.clone())
        .set_manage_master_user_password(db.manage_master_user_password)
        .set_db_name(db.db_name.clone())
        .set_port(db.port)
        .set_vpc_security_group_ids(db.vpc_security_group_ids.clone())
        .set_db_subnet_group_name(db.db_subnet_group_name.clone())
        .set_db_parameter_group_name(db.db_parameter_group_name.clone())
        .set_availability_zone(db.availability_zone.clone())
        .set_multi_az(db.multi_az)
        .set_publicly_accessible(db.publicly_accessible)
        .set_backup_retention_period(db.backup_retention_period)
        .set_preferred_backup_window(db.preferred_backup_window.clone())
        .set_preferred_maintenance_window(db.preferred_maintenance_window.clone())
        .set_deletion_protection(db.deletion_protection)
        .set_auto_minor_version_upgrade(db.auto_minor_version_upgrade)
        .set_ca_certificate_identifier(db.ca_certificate_identifier.clone())
        .set_enable_performance_insights(db.enable_performance_insights)
        .set_performance_insights_retention_period(db.performance_insights_retention_period)
        .set_performance_insights_kms_key_id(db.performance_insights_kms_key_id.clone())
        .set_monitoring_interval(db.monitoring_interval)
        .set_monitoring_role_arn(db.monitoring_role_arn.clone())
        .set_enable_cloudwatch_logs_exports(db.enable_cloudwatch_logs_exports.clone())
        .set_enable_iam_database_authentication(db.enable_iam_database_authentication)
        .set_copy_tags_to_snapshot(db.copy_tags_to_snapshot)
}

/// One ModifyDBInstance with what changes; whether it was made.
pub(super) async fn modify(
    db: &DbInstance,
    cx: &Cx,
    id: &str,
    old: &DbInstance,
    changes: &Changes,
) -> Result<bool> {
    // Changes that were left to the maintenance window are wanted now.
    let hurry = changes.has("apply_immediately") && db.at_once() && !old.at_once();
    if changes.iter().all(|name| OURS.contains(&name)) && !(hurry && has_pending(cx, id).await?) {
        return Ok(false);
    }
    // What is still being made is made as declared: nobody uses it so far.
    let at_once = db.at_once() || cx.finishes_create();
    let call = cx.rds().modify_db_instance().db_instance_identifier(id);
    let mut call = call.apply_immediately(at_once);
    macro_rules! changed {
        ($($name:ident => $set:ident),* $(,)?) => {
            $(if changes.has(stringify!($name)) {
                call = call.$set(db.$name.clone());
            })*
        };
    }
    changed! {
        master_user_password => set_master_user_password,
        manage_master_user_password => set_manage_master_user_password,
        vpc_security_group_ids => set_vpc_security_group_ids,
        db_parameter_group_name => set_db_parameter_group_name,
        publicly_accessible => set_publicly_accessible,
        backup_retention_period => set_backup_retention_period,
        preferred_backup_window => set_preferred_backup_window,
        preferred_maintenance_window => set_preferred_maintenance_window,
        auto_minor_version_upgrade => set_auto_minor_version_upgrade,
        ca_certificate_identifier => set_ca_certificate_identifier,
        monitoring_role_arn => set_monitoring_role_arn,
    }
    // What is no longer declared is off.
    if changes.has("multi_az") {
        call = call.multi_az(db.multi_az.unwrap_or(false));
    }
    if changes.has("monitoring_interval") {
        call = call.monitoring_interval(db.monitoring_interval.unwrap_or(0));
    }
    if changes.has("deletion_protection") {
        call = call.deletion_protection(db.deletion_protection.unwrap_or(false));
    }
    if changes.has("enable_iam_database_authentication") {
        let on = db.enable_iam_database_authentication.unwrap_or(false);
        call = call.enable_iam_database_authentication(on);
    }
    if changes.has("copy_tags_to_snapshot") {
        call = call.copy_tags_to_snapshot(db.copy_tags_to_snapshot.unwrap_or(false));
    }
    if changes.has("db_instance_class") {
        call = call.db_instance_class(&db.db_instance_class);
    }
    if changes.has("port") {
        call = call.set_db_port_number(db.port);
    }
    if changes.has("engine_version") {
        call = call
            .set_engine_version(db.engine_version.clone())
            .set_allow_major_version_upgrade(db.allow_major_version_upgrade);
    }
    // A password of one's own takes it away from Secrets Manager.
    let own = changes.has("master_user_password") && db.master_user_password.is_some();
    if own && old.manage_master_user_password == Some(true) {
        call = call.manage_master_user_password(false);
    }
    if changes.any(&["allocated_storage", "storage_type", "iops", "storage_throughput"]) {
        // AWS wants them together; of a disk that has grown by itself we are told how large it is.
        call = call
            .set_allocated_storage(db.allocated_storage)
            .set_storage_type(db.storage_type.clone())
            .set_iops(db.iops)
            .set_storage_throughput(db.storage_throughput);
    }
    if changes.has("max_allocated_storage") {
        // A maximum of what is allocated turns growing off.
        let off = db.allocated_storage.max(old.allocated_storage);
        call = call.set_max_allocated_storage(db.max_allocated_storage.or(off));
    }
    if changes.any(&["enable_performance_insights", "performance_insights_retention_period"]) {
        // A period means something only together with the switch.
        call = call
            .enable_performance_insights(db.enable_performance_insights.unwrap_or(false))
            .set_performance_insights_retention_period(db.performance_insights_retention_period)
            .set_performance_insights_kms_key_id(db.performance_insights_kms_key_id.clone());
    }
    if changes.has("enable_cloudwatch_logs_exports") {
        let was = old.enable_cloudwatch_logs_exports.as_deref().unwrap_or_default();
        let now = db.enable_cloudwatch_logs_exports.as_deref().unwrap_or_default();
        let (enable, disable) = (missing(now, was), missing(was, now));
        let logs = CloudwatchLogsExportConfiguration::builder()
            .set_enable_log_types((!enable.is_empty()).then_some(enable))
            .set_disable_log_types((!disable.is_empty()).then_some(disable))
            .build();
        call = call.cloudwatch_logs_export_configuration(logs);
    }
    call.send().await.op("rds:ModifyDBInstance")?;
    Ok(true)
}

/// Whether something waits for the maintenance window. When nothing does, AWS refuses a call that
/// asks for nothing else (`No modifications were requested`; crossplane-contrib/provider-aws#1795).
async fn has_pending(aws: &Aws, id: &str) -> Result<bool> {
    let none = PendingModifiedValues::builder().build();
    let found = describe(aws, &[id.to_owned()]).await?;
    let pending = found.first().and_then(|instance| instance.pending_modified_values.as_ref());
    Ok(pending.is_some_and(|pending| *pending != none))
}

/// Those of `wanted` that `there` lacks.
fn missing(wanted: &[String], there: &[String]) -> Vec<String> {
    wanted.iter().filter(|w| !there.contains(w)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_switched_one_by_one() {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (was, now) = (list("a b"), list("b c"));
        assert_eq!(missing(&now, &was), ["c"]);
        assert_eq!(missing(&was, &now), ["a"]);
    }
}
