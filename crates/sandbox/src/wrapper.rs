//! The Python wrapper, embedded.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The version of moto that the wrapper is made for.
pub const MOTO_VERSION: &str = "5.2.5";

/// What pip installs, pinned.
pub(crate) const REQUIREMENTS: &str = include_str!("../wrapper/requirements.txt");

macro_rules! sources {
    ($($path:literal),* $(,)?) => {
        &[$((
            concat!("ferrocrete_sandbox/", $path),
            include_str!(concat!("../wrapper/ferrocrete_sandbox/", $path)),
        )),*]
    };
}

/// Path and text of every source file. A test compares this list with the folder.
pub(crate) const SOURCES: &[(&str, &str)] = sources![
    "__init__.py",
    "__main__.py",
    "cbor.py",
    "clock.py",
    "control.py",
    "env.py",
    "errors.py",
    "events.py",
    "faults.py",
    "hooks.py",
    "late.py",
    "model.py",
    "rate.py",
    "recorder.py",
    "request.py",
    "server.py",
    "services/__init__.py",
    "services/acm.py",
    "services/autoscaling.py",
    "services/cloudwatch.py",
    "services/dynamodb.py",
    "services/ec2_canonical.py",
    "services/ec2_deletes.py",
    "services/ec2_endpoints.py",
    "services/ec2_groups.py",
    "services/ec2_images.py",
    "services/ec2_interfaces.py",
    "services/ec2_late.py",
    "services/ec2_lifecycle.py",
    "services/ec2_network.py",
    "services/ec2_readback.py",
    "services/ec2_tokens.py",
    "services/ec2_use.py",
    "services/ec2_words.py",
    "services/ecr.py",
    "services/ecs.py",
    "services/ecs_definitions.py",
    "services/ecs_deployments.py",
    "services/ecs_late.py",
    "services/ecs_stopped.py",
    "services/elb.py",
    "services/elb_actions.py",
    "services/elb_attributes.py",
    "services/elb_listeners.py",
    "services/elb_rules.py",
    "services/elb_targets.py",
    "services/elb_use.py",
    "services/iam.py",
    "services/iam_answers.py",
    "services/iam_sizes.py",
    "services/kms.py",
    "services/late.py",
    "services/linked_roles.py",
    "services/logs.py",
    "services/memory.py",
    "services/principals.py",
    "services/rds.py",
    "services/rds_classes.py",
    "services/rds_deletes.py",
    "services/rds_engines.py",
    "services/rds_events.py",
    "services/rds_replicas.py",
    "services/rds_restore.py",
    "services/rds_settings.py",
    "services/roles.py",
    "services/route53.py",
    "services/route53_conflicts.py",
    "services/route53_values.py",
    "services/s3.py",
    "services/s3_rules.py",
    "services/secrets.py",
    "services/sns.py",
    "services/speed.py",
    "services/ssm.py",
    "services/sqs.py",
    "services/sts.py",
    "services/tag_limits.py",
    "services/tagging.py",
    "services/tokens.py",
    "services/young.py",
    "settings.py",
    "unkind.py",
];

/// The version of the emulator: moto's, and a digest of our wrapper. A server of another version
/// is replaced when a sandbox is started.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> =
        LazyLock::new(|| format!("{MOTO_VERSION}-{}", wrapper_digest()));
    &VERSION
}

/// Digest of the wrapper's sources and requirements.
pub(crate) fn wrapper_digest() -> String {
    digest_with("")
}

/// The same, and of something else.
pub(crate) fn digest_with(more: &str) -> String {
    let parts = SOURCES.iter().flat_map(|(path, text)| [*path, *text]);
    digest(parts.chain([REQUIREMENTS, more]))
}

/// Digest of what pip installs.
pub(crate) fn requirements_digest() -> String {
    digest([REQUIREMENTS])
}

fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    let mut hex = String::new();
    for byte in &hasher.finalize()[..6] {
        write!(hex, "{byte:02x}").expect("writing to a string");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn python_files(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                python_files(&entry.path(), &format!("{prefix}{name}/"), found);
            } else if name.ends_with(".py") {
                found.insert(format!("{prefix}{name}"));
            }
        }
    }

    #[test]
    fn every_source_file_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("wrapper/ferrocrete_sandbox");
        let mut files = BTreeSet::new();
        python_files(&root, "ferrocrete_sandbox/", &mut files);
        let embedded = SOURCES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn moto_is_pinned_to_our_version() {
        let pin = format!("moto=={MOTO_VERSION}");
        assert!(REQUIREMENTS.lines().any(|line| line == pin));
    }
}
