//! Databases from the SDK's type.

use aws_sdk_rds::types::{DbInstance as SdkInstance, PendingModifiedValues};

use super::{DbInstance, DbInstanceOutputs};
use crate::prelude::*;
use crate::rds::shared::from_sdk;

/// States in which AWS will not make it usable any more by itself.
const FAILED: [&str; 6] = [
    "failed",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "restore-error",
];

fn status(instance: &SdkInstance, known: Option<&DbInstance>) -> Status {
    let word = instance.db_instance_status().unwrap_or("unknown");
    if FAILED.contains(&word) {
        return Status::Failed(word.to_owned());
    }
    // Changes that wait for the maintenance window would be waited for in vain.
    let at_once = known.is_none_or(DbInstance::at_once);
    let pending = instance.pending_modified_values.as_ref().is_some_and(is_pending);
    match word {
        "available" if pending && at_once => Status::Pending("modifying".into()),
        // Running a backup or optimising storage, it can be used.
        "available" | "backing-up" | "storage-optimization" | "stopped" => Status::Ready,
        other => Status::Pending(other.to_owned()),
    }
}

fn is_pending(p: &PendingModifiedValues) -> bool {
    p.db_instance_class.is_some()
        || p.allocated_storage.is_some()
        || p.master_user_password.is_some()
        || p.port.is_some()
        || p.backup_retention_period.is_some()
        || p.multi_az.is_some()
        || p.engine_version.is_some()
        || p.iops.is_some()
        || p.storage_type.is_some()
        || p.storage_throughput.is_some()
}

/// `16` is what `16.6` was declared as.
fn version(live: Option<String>, declared: Option<&String>) -> Option<String> {
    match (live, declared) {
        (Some(live), Some(declared)) => {
            let rest = live.strip_prefix(declared.as_str());
            let same = rest.is_some_and(|r| r.is_empty() || r.starts_with('.'));
            Some(if same { declared.clone() } else { live })
        }
        (live, _) => live,
    }
}

pub(super) fn live(instance: &SdkInstance, known: Option<&DbInstance>) -> Live<DbInstance> {
    let id = instance.db_instance_identifier.clone();
    let empty = PendingModifiedValues::builder().build();
    let pending = instance.pending_modified_values.as_ref().unwrap_or(&empty);
    let groups = instance.vpc_security_groups();
    let parameter_group = instance.db_parameter_groups().first();
    let subnet_group = instance.db_subnet_group.as_ref();
    let endpoint = instance.endpoint.as_ref();
    let port = endpoint.and_then(|e| e.port).or(instance.db_instance_port.filter(|p| *p != 0));
    let inputs = DbInstance {
        db_instance_class: pending
            .db_instance_class
            .clone()
            .or_else(|| instance.db_instance_class.clone())
            .unwrap_or_default(),
        engine: instance.engine.clone().unwrap_or_default(),
        db_instance_identifier: id.clone(),
        engine_version: version(
            pending.engine_version.clone().or_else(|| instance.engine_version.clone()),
            known.and_then(|k| k.engine_version.as_ref()),
        ),
        allow_major_version_upgrade: None,
        allocated_storage: pending.allocated_storage.or(instance.allocated_storage),
        max_allocated_storage: instance.max_allocated_storage,
        storage_type: pending.storage_type.clone().or_else(|| instance.storage_type.clone()),
        iops: pending.iops.or(instance.iops),
        storage_throughput: pending.storage_throughput.or(instance.storage_throughput),
        storage_encrypted: instance.storage_encrypted,
        kms_key_id: instance.kms_key_id.clone(),
        master_username: instance.master_username.clone(),
        master_user_password: None,
        manage_master_user_password: Some(instance.master_user_secret.is_some()),
        db_name: instance.db_name.clone(),
        port: pending.port.or(port),
        vpc_security_group_ids: Some(
            groups.iter().filter_map(|g| g.vpc_security_group_id.clone()).collect(),
        ),
        db_subnet_group_name: subnet_group.and_then(|g| g.db_subnet_group_name.clone()),
        db_parameter_group_name: parameter_group.and_then(|g| g.db_parameter_group_name.clone()),
        availability_zone: instance.availability_zone.clone(),
        multi_az: pending.multi_az.or(instance.multi_az),
        publicly_accessible: instance.publicly_accessible,
        backup_retention_period: pending
            .backup_retention_period
            .or(instance.backup_retention_period),
        preferred_backup_window: instance.preferred_backup_window.clone(),
        preferred_maintenance_window: instance.preferred_maintenance_window.clone(),
        deletion_protection: instance.deletion_protection,
        skip_final_snapshot: None,
        final_db_snapshot_identifier: None,
        delete_automated_backups: None,
        apply_immediately: None,
        auto_minor_version_upgrade: instance.auto_minor_version_upgrade,
        ca_certificate_identifier: pending
            .ca_certificate_identifier
            .clone()
            .or_else(|| instance.ca_certificate_identifier.clone()),
        enable_performance_insights: instance.performance_insights_enabled,
        performance_insights_retention_period: instance.performance_insights_retention_period,
        monitoring_interval: instance.monitoring_interval,
        monitoring_role_arn: instance.monitoring_role_arn.clone(),
        enable_cloudwatch_logs_exports: instance.enabled_cloudwatch_logs_exports.clone(),
        enable_iam_database_authentication: instance.iam_database_authentication_enabled,
        copy_tags_to_snapshot: instance.copy_tags_to_snapshot,
        tags: from_sdk(instance.tag_list()),
    };
    let outputs = DbInstanceOutputs {
        db_instance_identifier: id.unwrap_or_default(),
        arn: instance.db_instance_arn.clone().unwrap_or_default(),
        endpoint_address: endpoint.and_then(|e| e.address.clone()).unwrap_or_default(),
        endpoint_port: port.unwrap_or_default(),
        dbi_resource_id: instance.dbi_resource_id.clone(),
        master_user_secret_arn: instance
            .master_user_secret
            .as_ref()
            .and_then(|s| s.secret_arn.clone()),
    };
    Live { inputs, outputs, status: status(instance, known) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_major_version_stands_for_its_minor_ones() {
        let v = |live: &str, declared: &str| {
            version(Some(live.into()), Some(&declared.into())).unwrap()
        };
        assert_eq!(v("16.6", "16"), "16");
        assert_eq!(v("16.6", "16.6"), "16.6");
        assert_eq!(v("16.6", "1"), "16.6");
        assert_eq!(v("17.1", "16"), "17.1");
    }
}
