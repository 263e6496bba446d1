//! Every resource type and lookup, by the cargo features that are on.

use std::sync::Arc;

use ferrocrete_core::resource::Registry;

use crate::aws::{AwsConnector, AwsInventory};
use crate::sts;

/// All types, connected by `connector`; each service's `register` lists its own, a line each.
pub fn registry(connector: AwsConnector) -> Registry {
    let inventory = Arc::new(AwsInventory::new(connector.clone()));
    let builder = Registry::builder(connector);
    let builder = sts::register(builder);
    #[cfg(feature = "ec2")]
    let builder = crate::ec2::register(builder);
    #[cfg(feature = "iam")]
    let builder = crate::iam::register(builder);
    #[cfg(feature = "rds")]
    let builder = crate::rds::register(builder);
    #[cfg(feature = "route53")]
    let builder = crate::route53::register(builder);
    #[cfg(feature = "s3")]
    let builder = crate::s3::register(builder);
    #[cfg(feature = "secretsmanager")]
    let builder = crate::secretsmanager::register(builder);
    builder.build().with_inventory(inventory)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use ferrocrete_core::schema::{Field, OutputField};

    use super::*;
    use crate::aws::AwsSettings;

    fn all() -> Registry {
        registry(AwsConnector::new(AwsSettings::default()))
    }

    /// Every type name that a source file declares: `type = "AWS::…"`, or the name alone on a
    /// line where a macro takes it.
    fn declared(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                declared(&path, found);
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines().map(str::trim) {
                let name = line.split_once("type = \"").map_or_else(
                    || line.strip_prefix('"').and_then(|l| l.strip_suffix("\",")),
                    |(_, rest)| rest.split('"').next(),
                );
                found.extend(name.filter(|n| n.starts_with("AWS::")).map(str::to_owned));
            }
        }
    }

    #[test]
    #[cfg(all(
        feature = "ec2",
        feature = "iam",
        feature = "rds",
        feature = "route53",
        feature = "s3",
        feature = "secretsmanager"
    ))]
    fn every_type_is_registered() {
        let mut written = BTreeSet::new();
        for folder in ["ec2", "iam", "rds", "route53", "s3", "secretsmanager", "sts"] {
            declared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut written);
        }
        let registry = all();
        let types = registry.types().map(|h| h.schema().type_name);
        let lookups = registry.lookups().map(|l| l.type_name());
        let registered: BTreeSet<String> = types.chain(lookups).map(str::to_owned).collect();
        let missing: Vec<_> = written.difference(&registered).collect();
        assert!(missing.is_empty(), "not in the registry: {missing:?}");
        assert!(registered.contains("AWS::EC2::VPC") && registered.contains("AWS::EC2::Ami"));
    }

    #[test]
    fn every_type_is_documented() {
        let mut problems = Vec::new();
        for handler in all().types() {
            let schema = handler.schema();
            let name = schema.type_name;
            if schema.doc.is_empty() || !schema.link.starts_with("https://docs.aws.amazon.com/") {
                problems.push(format!("{name}: no documentation or link"));
            }
            for operation in ["create", "read", "delete"] {
                if !schema.iam.iter().any(|(op, actions)| *op == operation && !actions.is_empty()) {
                    problems.push(format!("{name}: no IAM actions for {operation}"));
                }
            }
            problems.extend(undocumented(name, schema.fields, schema.outputs));
            for field in schema.fields {
                if field.replaces != field.doc.contains("Replaces.") {
                    problems.push(format!("{name}.{}: `replaces` and its text differ", field.name));
                }
            }
        }
        for lookup in all().lookups() {
            problems.extend(undocumented(lookup.type_name(), lookup.fields(), lookup.outputs()));
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    fn undocumented(name: &str, fields: &[Field], outputs: &[OutputField]) -> Vec<String> {
        let fields = fields.iter().filter(|f| f.doc.is_empty()).map(|f| f.name);
        let outputs = outputs.iter().filter(|o| o.doc.is_empty()).map(|o| o.name);
        fields.chain(outputs).map(|f| format!("{name}.{f}: not documented")).collect()
    }
}
