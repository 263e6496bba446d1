//! Read replicas: how one is made, and how it becomes a database of its own.

use aws_sdk_rds::operation::create_db_instance_read_replica::builders::CreateDBInstanceReadReplicaFluentBuilder;

use super::{DbInstance, describe};
use crate::aws::answer::ours_or;
use crate::prelude::*;
use crate::rds::shared::to_sdk;

/// Makes a replica; what AWS takes only once it is there is left to an update.
pub(super) async fn create(db: &DbInstance, cx: &Cx, source: &str) -> Result<Made<DbInstance>> {
    inherits(db)?;
    let call = call(db, cx, source).set_tags(Some(to_sdk(&db.tags)));
    let error = match call.send().await.op("rds:CreateDBInstanceReadReplica") {
        Ok(_) => return Ok(Made::Partial(db.id())),
        Err(error) => error,
    };
    // The same code means that the source is busy, which passes.
    if error.has_code("InvalidDBInstanceState") {
        let name = source.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        let found = describe(cx, &[name]).await?;
        if found.first().is_some_and(|db| db.backup_retention_period() == Some(0)) {
            return Err(OpError::invalid(format!(
                "`{source}` keeps no automated backups, which read replicas are made from\n  what to do: set its `backup_retention_period` to 1 or more"
            )));
        }
    }
    ours_or(db, cx, error).await
}

/// A create of everything that AWS takes for a replica, but for the tags.
fn call(db: &DbInstance, aws: &Aws, source: &str) -> CreateDBInstanceReadReplicaFluentBuilder {
    aws.rds()
        .create_db_instance_read_replica()
        .set_db_instance_identifier(db.db_instance_identifier.clone())
        .source_db_instance_identifier(source)
        .db_instance_class(&db.db_instance_class)
        .set_allocated_storage(db.allocated_storage)
        .set_max_allocated_storage(db.max_allocated_storage)
        .set_storage_type(db.storage_type.clone())
        .set_iops(db.iops)
        .set_storage_throughput(db.storage_throughput)
        .set_kms_key_id(db.kms_key_id.clone())
        .set_port(db.port)
        .set_vpc_security_group_ids(db.vpc_security_group_ids.clone())
        .set_db_subnet_group_name(db.db_subnet_group_name.clone())
        .set_db_parameter_group_name(db.db_parameter_group_name.clone())
        .set_availability_zone(db.availability_zone.clone())
        .set_multi_az(db.multi_az)
        .set_publicly_accessible(db.publicly_accessible)
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

/// # Errors
/// When something is declared that a replica has from its source.
fn inherits(db: &DbInstance) -> Result<()> {
    let given = [
        ("master_username", db.master_username.is_some()),
        ("master_user_password", db.master_user_password.is_some()),
        ("manage_master_user_password", db.manage_master_user_password.is_some()),
        ("db_name", db.db_name.is_some()),
        ("storage_encrypted", db.storage_encrypted.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(OpError::invalid(format!(
            "a read replica has `{name}` from its source: leave it out, or leave out `source_db_instance_identifier`"
        ))),
    }
}

/// Makes a replica a database of its own; the rest waits until it is.
pub(super) async fn promote(
    db: &DbInstance,
    aws: &Aws,
    id: &str,
    old: &DbInstance,
) -> Result<Progress> {
    if let Some(source) = &db.source_db_instance_identifier {
        let was = match &old.source_db_instance_identifier {
            Some(was) => format!("a read replica of `{was}`"),
            None => "no read replica".to_owned(),
        };
        return Err(OpError::invalid(format!(
            "AWS cannot make `{id}`, {was}, a replica of `{source}`\n  what to do: add another `DbInstance` with that source, and take this one out of the program"
        )));
    }
    let call = aws
        .rds()
        .promote_read_replica()
        .db_instance_identifier(id)
        .set_backup_retention_period(db.backup_retention_period)
        .set_preferred_backup_window(db.preferred_backup_window.clone());
    match call.send().await.op("rds:PromoteReadReplica") {
        // Asked for before, and under way or done.
        Err(error) if error.has_code("InvalidDBInstanceState") => {
            let now = describe(aws, &[id.to_owned()]).await?;
            let waits = now.first().is_some_and(|instance| {
                instance.db_instance_status() == Some("available")
                    && instance.read_replica_source_db_instance_identifier().is_some()
            });
            if waits { Err(error) } else { Ok(Progress::Partial) }
        }
        Err(error) => Err(error),
        Ok(_) => Ok(Progress::Partial),
    }
}

/// The declared source where AWS only says it in another way: by name instead of ARN.
pub(super) fn echo(declared: Option<&String>, live: Option<String>) -> Option<String> {
    let name = |text: &str| text.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    match (declared, live) {
        (Some(declared), Some(live)) if name(declared) == name(&live) => Some(declared.clone()),
        (_, live) => live.filter(|source| !source.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica(json: serde_json::Value) -> DbInstance {
        let mut all = serde_json::json!({"db_instance_class": "c", "engine": "postgres"});
        all.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn what_the_source_has_is_not_declared() {
        assert!(inherits(&replica(serde_json::json!({"port": 5433}))).is_ok());
        let error = inherits(&replica(serde_json::json!({"db_name": "app"}))).unwrap_err();
        assert!(error.message.contains("`db_name`"), "{error}");
    }

    #[test]
    fn a_source_has_two_names() {
        let arn = || "arn:aws:rds:eu-central-1:111122223333:db:main".to_owned();
        assert_eq!(echo(Some(&arn()), Some("main".into())), Some(arn()));
        assert_eq!(echo(Some(&"Main".to_owned()), Some(arn())).as_deref(), Some("Main"));
        assert_eq!(echo(Some(&"main".to_owned()), Some("other".into())).as_deref(), Some("other"));
        assert_eq!(echo(Some(&"main".to_owned()), None), None);
    }
}
