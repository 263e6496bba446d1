//! IAM, RDS, Route 53, S3, Secrets Manager.

use ferrocrete::aws::Aws;

use super::{Found, tags};

pub async fn identities(aws: &Aws, found: &mut Found) {
    let iam = aws.iam();
    let roles = iam.list_roles().send().await.unwrap();
    // AWS makes and keeps those that are linked to its services.
    let is_own = |path: &str| !path.starts_with("/aws-service-role/");
    for role in roles.roles().iter().filter(|role| is_own(role.path())) {
        let name = role.role_name();
        let answer = iam.list_role_tags().role_name(name).send().await.unwrap();
        let told = tags(answer.tags().iter().map(|t| (Some(t.key()), Some(t.value()))));
        found.add(format!("role {name} {told}"));
        let inline = iam.list_role_policies().role_name(name).send().await.unwrap();
        for policy in inline.policy_names() {
            found.add(format!("policy {policy} in role {name}"));
        }
        let attached = iam.list_attached_role_policies().role_name(name).send().await.unwrap();
        for policy in attached.attached_policies() {
            found.add(format!("policy {:?} attached to role {name}", policy.policy_arn()));
        }
    }
    for profile in iam.list_instance_profiles().send().await.unwrap().instance_profiles() {
        let roles: Vec<_> = profile.roles().iter().map(|role| role.role_name()).collect();
        let told = tags(profile.tags().iter().map(|t| (Some(t.key()), Some(t.value()))));
        found.add(format!("profile {} {roles:?} {told}", profile.instance_profile_name()));
    }
    for policy in iam.list_policies().scope("Local".into()).send().await.unwrap().policies() {
        found.add(format!("policy {:?}", policy.policy_name()));
    }
    for user in iam.list_users().send().await.unwrap().users() {
        found.add(format!("user {}", user.user_name()));
    }
    for group in iam.list_groups().send().await.unwrap().groups() {
        found.add(format!("group of users {}", group.group_name()));
    }
}

pub async fn databases(aws: &Aws, found: &mut Found) {
    let rds = aws.rds();
    for database in rds.describe_db_instances().send().await.unwrap().db_instances() {
        found.add(format!(
            "database {:?} {:?} {:?} {:?} {:?} GiB {:?} groups={} pending={} {}",
            database.db_instance_identifier(),
            database.db_instance_status(),
            database.db_instance_class(),
            database.engine_version(),
            database.allocated_storage(),
            database.db_subnet_group().and_then(|group| group.db_subnet_group_name()),
            database.vpc_security_groups().len(),
            database.pending_modified_values().is_some_and(|p| p.allocated_storage().is_some()),
            tags(database.tag_list().iter().map(|t| (t.key(), t.value()))),
        ));
    }
    for group in rds.describe_db_subnet_groups().send().await.unwrap().db_subnet_groups() {
        let arn = group.db_subnet_group_arn().unwrap_or_default();
        let answer = rds.list_tags_for_resource().resource_name(arn).send().await.unwrap();
        let told = tags(answer.tag_list().iter().map(|t| (t.key(), t.value())));
        let subnets = group.subnets().len();
        found.add(format!(
            "subnet group {:?}, {subnets} subnets {told}",
            group.db_subnet_group_name()
        ));
    }
    let answer = rds.describe_db_parameter_groups().send().await.unwrap();
    // AWS makes the default one of an engine version by itself, and keeps it.
    let is_own = |name: Option<&str>| !name.unwrap_or_default().starts_with("default.");
    let groups = answer.db_parameter_groups().iter();
    for group in groups.filter(|group| is_own(group.db_parameter_group_name())) {
        found.add(format!("parameter group {:?}", group.db_parameter_group_name()));
    }
    for snapshot in rds.describe_db_snapshots().send().await.unwrap().db_snapshots() {
        // The names of those that RDS takes by itself hold the time.
        let name = snapshot.db_snapshot_identifier();
        let name = name.filter(|_| snapshot.snapshot_type() != Some("automated"));
        found.add(format!("database snapshot {name:?}"));
    }
    for cluster in rds.describe_db_clusters().send().await.unwrap().db_clusters() {
        found.add(format!("database cluster {:?}", cluster.db_cluster_identifier()));
    }
}

pub async fn zones(aws: &Aws, found: &mut Found) {
    let dns = aws.route53();
    for zone in dns.list_hosted_zones().send().await.unwrap().hosted_zones() {
        let id = zone.id().trim_start_matches("/hostedzone/");
        let answer = dns.list_tags_for_resource().resource_type("hostedzone".into());
        let answer = answer.resource_id(id).send().await.unwrap();
        let set = answer.resource_tag_set().map(|set| set.tags()).unwrap_or_default();
        let told = tags(set.iter().map(|t| (t.key(), t.value())));
        found.add(format!("zone {} {told}", zone.name()));
        let answer = dns.list_resource_record_sets().hosted_zone_id(id).send().await.unwrap();
        for record in answer.resource_record_sets() {
            // Name servers are AWS's choice.
            let own = !matches!(record.r#type().as_str(), "NS" | "SOA");
            let values = record.resource_records().iter().map(|value| value.value());
            let values: Vec<_> = values.filter(|_| own).collect();
            let (name, kind, ttl) = (record.name(), record.r#type().as_str(), record.ttl());
            found.add(format!("record {name} {kind} {ttl:?} {values:?}"));
        }
    }
    let checks = dns.list_health_checks().send().await.unwrap();
    (0..checks.health_checks().len()).for_each(|_| found.add("health check"));
}

pub async fn buckets(aws: &Aws, found: &mut Found) {
    let s3 = aws.s3();
    for bucket in s3.list_buckets().send().await.unwrap().buckets() {
        let name = bucket.name().unwrap_or_default();
        if name.starts_with("ferrocrete-state-") {
            found.add(format!("bucket {name}"));
            continue;
        }
        let versioning = s3.get_bucket_versioning().bucket(name).send().await.unwrap();
        let encryption = s3.get_bucket_encryption().bucket(name).send().await.unwrap();
        let rules = encryption.server_side_encryption_configuration().map(|c| c.rules());
        let kind = rules.unwrap_or_default().iter().find_map(|rule| {
            Some(rule.apply_server_side_encryption_by_default()?.sse_algorithm().as_str())
        });
        let access = s3.get_public_access_block().bucket(name).send().await.unwrap();
        let closed = access.public_access_block_configuration().is_some_and(|block| {
            block.block_public_acls() == Some(true) && block.block_public_policy() == Some(true)
        });
        let set = s3.get_bucket_tagging().bucket(name).send().await.unwrap();
        let told = tags(set.tag_set().iter().map(|t| (Some(t.key()), Some(t.value()))));
        let objects = s3.list_objects_v2().bucket(name).send().await.unwrap();
        found.add(format!(
            "bucket {name} versioning={:?} encryption={kind:?} closed={closed} objects={:?} {told}",
            versioning.status(),
            objects.key_count(),
        ));
    }
}

pub async fn secrets(aws: &Aws, found: &mut Found) {
    let client = aws.secretsmanager();
    let answer = client.list_secrets().include_planned_deletion(true).send().await.unwrap();
    for secret in answer.secret_list() {
        let value = client.get_secret_value().secret_id(secret.arn().unwrap_or_default());
        let length = value.send().await.map_or(0, |v| v.secret_string().map_or(0, str::len));
        found.add(format!(
            "secret {:?} {:?} deleted={} value of {length} {}",
            secret.name(),
            secret.description(),
            secret.deleted_date().is_some(),
            tags(secret.tags().iter().map(|t| (t.key(), t.value()))),
        ));
    }
}
