//! Databases from the SDK's type.

use aws_sdk_rds::types::{DbInstance as Sdk, PendingModifiedValues};

use super::{DbInstance, DbInstanceOutputs, replica};
use crate::aws::answer::same_key;
use crate::prelude::*;
use crate::rds::shared::{echo_case, from_sdk};

/// States in which AWS works on nothing and the user may change it: a full disk, parameters that
/// do not fit and the like among them, because an update is what helps.
const SETTLED: [&str; 13] = [
    "available",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "restore-error",
    "stopped",
    "storage-config-upgrade",
    "storage-full",
    "storage-initialization",
    "storage-optimization",
    "failed",
];

/// States that are the end of a create.
const FAILED: [&str; 7] = [
    "failed",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
];

/// Whether a delete of it is under way.
pub(super) fn is_going(instance: &Sdk) -> bool {
    matches!(instance.db_instance_status(), Some("deleting" | "delete-precheck"))
}

fn status(instance: &Sdk, known: Option<&DbInstance>) -> Status {
    let word = instance.db_instance_status().unwrap_or("unknown");
    if is_going(instance) {
        return Status::Deleting(word.to_owned());
    }
    // Only what never worked is broken for good: the engine replaces what has failed.
    if instance.instance_create_time.is_none() && FAILED.contains(&word) {
        return Status::Failed(word.to_owned());
    }
    if !SETTLED.contains(&word) {
        return Status::Pending(word.to_owned());
    }
    let pending = instance.pending_modified_values.as_ref();
    match (pending, known) {
        (Some(pending), Some(known)) if word == "available" && is_due(pending, known) => {
            Status::Pending("modifying".into())
        }
        _ => Status::Ready,
    }
}

/// Whether AWS is about to apply what is declared. What waits for the maintenance window, and what
/// somebody else asked for, would be waited for in vain.
fn is_due(pending: &PendingModifiedValues, known: &DbInstance) -> bool {
    fn same<T: PartialEq>(pending: Option<&T>, declared: Option<&T>) -> bool {
        pending.is_some() && pending == declared
    }
    let p = pending;
    let version = p.engine_version.as_deref().zip(known.engine_version.as_deref());
    // These wait for no maintenance window.
    let hurried = same(p.port.as_ref(), known.port.as_ref())
        || (p.master_user_password.is_some() && known.master_user_password.is_some());
    hurried
        || known.at_once()
            && (same(p.db_instance_class.as_ref(), Some(&known.db_instance_class))
                || same(p.allocated_storage.as_ref(), known.allocated_storage.as_ref())
                || same(p.storage_type.as_ref(), known.storage_type.as_ref())
                || same(p.iops.as_ref(), known.iops.as_ref())
                || same(p.storage_throughput.as_ref(), known.storage_throughput.as_ref())
                || same(p.backup_retention_period.as_ref(), known.backup_retention_period.as_ref())
                || same(p.multi_az.as_ref(), known.multi_az.as_ref())
                || same(
                    p.ca_certificate_identifier.as_ref(),
                    known.ca_certificate_identifier.as_ref(),
                )
                || same(
                    p.iam_database_authentication_enabled.as_ref(),
                    known.enable_iam_database_authentication.as_ref(),
                )
                || version.is_some_and(|(live, declared)| is_version(live, declared)))
}

/// Whether `16.6` is what `16` stands for.
fn is_version(live: &str, declared: &str) -> bool {
    live.strip_prefix(declared).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn echo_key(declared: Option<&String>, live: Option<String>) -> Option<String> {
    match (live, declared) {
        (Some(live), Some(declared)) if same_key(declared, &live) => Some(declared.clone()),
        (live, _) => live,
    }
}

/// Logs that are exported once AWS has done what it was asked to.
fn logs(instance: &Sdk, pending: &PendingModifiedValues) -> Option<Vec<String>> {
    let mut logs = instance.enabled_cloudwatch_logs_exports().to_vec();
    if let Some(soon) = &pending.pending_cloudwatch_logs_exports {
        logs.extend_from_slice(soon.log_types_to_enable());
        logs.retain(|log| !soon.log_types_to_disable().contains(log));
    }
    (!logs.is_empty()).then_some(logs)
}

/// The database as it is, or will be when AWS has applied what is pending.
pub(super) fn live(instance: &Sdk, known: Option<&DbInstance>) -> Live<DbInstance> {
    let none = PendingModifiedValues::builder().build();
    let pending = instance.pending_modified_values.as_ref().unwrap_or(&none);
    let text = |soon: &Option<String>, now: &Option<String>| soon.clone().or_else(|| now.clone());
    let name =
        |declared: Option<&String>, live: Option<String>| live.map(|l| echo_case(declared, l));
    let identifier = name(
        known.and_then(|k| k.db_instance_identifier.as_ref()),
        instance.db_instance_identifier.clone(),
    );
    let endpoint = instance.endpoint.as_ref();
    let port = endpoint.and_then(|e| e.port).or(instance.db_instance_port).filter(|p| *p != 0);
    let groups = instance.vpc_security_groups().iter();
    let inputs = DbInstance {
        db_instance_identifier: identifier.clone(),
        source_db_instance_identifier: replica::echo(
            known.and_then(|k| k.source_db_instance_identifier.as_ref()),
            instance.read_replica_source_db_instance_identifier.clone(),
        ),
        db_snapshot_identifier: None,
        restore_to_point_in_time: None,
        db_instance_class: text(&pending.db_instance_class, &instance.db_instance_class)
            .unwrap_or_default(),
        engine: instance.engine.clone().unwrap_or_default(),
        engine_version: text(&pending.engine_version, &instance.engine_version),
        allow_major_version_upgrade: None,
        allocated_storage: pending.allocated_storage.or(instance.allocated_storage),
        max_allocated_storage: instance.max_allocated_storage,
        storage_type: text(&pending.storage_type, &instance.storage_type),
        iops: pending.iops.or(instance.iops),
        storage_throughput: pending.storage_throughput.or(instance.storage_throughput),
        storage_encrypted: instance.storage_encrypted,
        kms_key_id: echo_key(
            known.and_then(|k| k.kms_key_id.as_ref()),
            instance.kms_key_id.clone(),
        ),
        master_username: instance.master_username.clone(),
        master_user_password: None,
        manage_master_user_password: Some(instance.master_user_secret.is_some()),
        db_name: instance.db_name.clone(),
        port: pending.port.or(port),
        vpc_security_group_ids: Some(
            groups
                .filter(|g| g.status() != Some("removing"))
                .filter_map(|g| g.vpc_security_group_id.clone())
                .collect(),
        ),
        db_subnet_group_name: name(
            known.and_then(|k| k.db_subnet_group_name.as_ref()),
            pending.db_subnet_group_name.clone().or_else(|| {
                instance.db_subnet_group.as_ref().and_then(|g| g.db_subnet_group_name.clone())
            }),
        ),
        db_parameter_group_name: name(
            known.and_then(|k| k.db_parameter_group_name.as_ref()),
            instance.db_parameter_groups().first().and_then(|g| g.db_parameter_group_name.clone()),
        ),
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
        ca_certificate_identifier: text(
            &pending.ca_certificate_identifier,
            &instance.ca_certificate_identifier,
        ),
        enable_performance_insights: instance.performance_insights_enabled,
        performance_insights_retention_period: instance.performance_insights_retention_period,
        performance_insights_kms_key_id: echo_key(
            known.and_then(|k| k.performance_insights_kms_key_id.as_ref()),
            instance.performance_insights_kms_key_id.clone(),
        ),
        monitoring_interval: instance.monitoring_interval,
        monitoring_role_arn: instance.monitoring_role_arn.clone(),
        enable_cloudwatch_logs_exports: logs(instance, pending),
        enable_iam_database_authentication: pending
            .iam_database_authentication_enabled
            .or(instance.iam_database_authentication_enabled),
        copy_tags_to_snapshot: instance.copy_tags_to_snapshot,
        tags: from_sdk(instance.tag_list()),
    };
    let secret = instance.master_user_secret.as_ref();
    let outputs = DbInstanceOutputs {
        db_instance_identifier: identifier.unwrap_or_default(),
        arn: instance.db_instance_arn.clone().unwrap_or_default(),
        endpoint_address: endpoint.and_then(|e| e.address.clone()).unwrap_or_default(),
        endpoint_port: port.unwrap_or_default(),
        dbi_resource_id: instance.dbi_resource_id.clone(),
        master_user_secret_arn: secret.and_then(|s| s.secret_arn.clone()),
    };
    Live { inputs, outputs, status: status(instance, known) }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn declared(json: serde_json::Value) -> DbInstance {
        let mut all =
            serde_json::json!({"db_instance_class": "db.t4g.micro", "engine": "postgres"});
        all.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn in_state(word: &str, pending: PendingModifiedValues) -> Sdk {
        Sdk::builder()
            .db_instance_status(word)
            .instance_create_time(DateTime::from_secs(1))
            .pending_modified_values(pending)
            .build()
    }

    #[test]
    fn a_major_version_stands_for_its_minor_ones() {
        assert!(is_version("16.6", "16") && is_version("16.6", "16.6"));
        assert!(!is_version("16.6", "1") && !is_version("17.1", "16"));
    }

    #[test]
    fn only_own_changes_that_are_due_are_waited_for() {
        let bigger = || PendingModifiedValues::builder().db_instance_class("db.m7g.large").build();
        let later = declared(serde_json::json!({"db_instance_class": "db.m7g.large"}));
        let ours = DbInstance { apply_immediately: Some(true), ..later.clone() };
        let pending = |known: &DbInstance| {
            matches!(status(&in_state("available", bigger()), Some(known)), Status::Pending(_))
        };
        assert!(pending(&ours));
        assert!(!pending(&later));
        let others = declared(serde_json::json!({"apply_immediately": true}));
        assert!(!pending(&others), "somebody else's");
        let port = PendingModifiedValues::builder().port(5433).build();
        let moves = declared(serde_json::json!({"port": 5433}));
        let status = status(&in_state("available", port), Some(&moves));
        assert!(matches!(status, Status::Pending(_)), "a port does not wait for the window");
        let live = live(&in_state("available", bigger()), Some(&later));
        assert_eq!(live.inputs.db_instance_class, "db.m7g.large");
    }

    #[test]
    fn what_once_worked_never_counts_as_failed() {
        let none = || PendingModifiedValues::builder().build();
        for word in ["failed", "storage-full", "incompatible-parameters", "stopped"] {
            assert!(matches!(status(&in_state(word, none()), None), Status::Ready), "{word}");
        }
        let new = Sdk::builder().db_instance_status("failed").build();
        assert!(matches!(status(&new, None), Status::Failed(_)));
        let new = Sdk::builder().db_instance_status("creating").build();
        assert!(matches!(status(&new, None), Status::Pending(_)));
        assert!(matches!(status(&in_state("backing-up", none()), None), Status::Pending(_)));
    }
}
