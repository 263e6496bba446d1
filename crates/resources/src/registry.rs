//! Every resource type and lookup, by the cargo features that are on.

use std::sync::Arc;

use ferrocrete_core::resource::Registry;
use ferrocrete_core::schema::{Limits, Schema};

use crate::aws::{AwsConnector, AwsInventory};
use crate::sts;

/// `registry`, and the services for the tests: each is a folder and a feature of its name.
macro_rules! services {
    ($($name:ident: $feature:literal,)*) => {
        /// All types, connected by `connector`; each service's `register` lists its own, a line
        /// each.
        pub fn registry(connector: AwsConnector) -> Registry {
            let inventory = Arc::new(AwsInventory::new(connector.clone()));
            let builder = sts::register(Registry::builder(connector));
            $(
                #[cfg(feature = $feature)]
                let builder = crate::$name::register(builder);
            )*
            builder.build().with_inventory(inventory).with_limits(limits())
        }

        #[cfg(test)]
        const SERVICES: &[(&str, bool)] =
            &[("sts", true), $((stringify!($name), cfg!(feature = $feature)),)*];
    };
}

services! {
    acm: "acm",
    applicationautoscaling: "applicationautoscaling",
    cloudwatch: "cloudwatch",
    dynamodb: "dynamodb",
    ec2: "ec2",
    ecr: "ecr",
    ecs: "ecs",
    elbv2: "elbv2",
    iam: "iam",
    kms: "kms",
    logs: "logs",
    rds: "rds",
    route53: "route53",
    s3: "s3",
    secretsmanager: "secretsmanager",
    sns: "sns",
    sqs: "sqs",
    ssm: "ssm",
}

/// Which values AWS documents for the properties of its types: from CloudFormation's registry
/// schemas, by `cargo xtask schemas`.
pub fn limits() -> Limits {
    Limits::from_json(include_str!("limits.json")).expect("a test reads it")
}

/// AWS's page about a type.
pub fn page(schema: &Schema) -> String {
    if !schema.link.is_empty() {
        return schema.link.to_owned();
    }
    let name = schema.type_name.trim_start_matches("AWS::").replace("::", "-").to_lowercase();
    format!(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-{name}.html"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use ferrocrete_core::schema::{Field, OutputField, Shape};

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
    fn every_type_is_registered() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut written = BTreeSet::new();
        for (folder, _) in SERVICES.iter().filter(|(_, on)| *on) {
            declared(&source.join(folder), &mut written);
        }
        let registry = all();
        let types = registry.types().map(|h| h.schema().type_name);
        let lookups = registry.lookups().map(|l| l.type_name());
        let registered: BTreeSet<String> = types.chain(lookups).map(str::to_owned).collect();
        let missing: Vec<_> = written.difference(&registered).collect();
        assert!(missing.is_empty(), "not in the registry: {missing:?}");
        assert!(registered.contains("AWS::STS::CallerIdentity"));
    }

    /// Whether a type has a property at a path as limits write it.
    fn has(fields: &[Field], path: &str) -> bool {
        fn below(shape: Shape) -> Option<&'static [Field]> {
            match shape {
                Shape::Plain => None,
                Shape::Struct(fields) => Some(fields()),
                Shape::List(of) | Shape::Map(of) => below(*of),
            }
        }
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let found = fields.iter().find(|f| f.name == name.trim_end_matches("[]"));
        found.is_some_and(|f| rest.is_empty() || below(f.shape).is_some_and(|all| has(all, rest)))
    }

    #[test]
    fn limits_can_be_read_and_mean_properties() {
        let (registry, all) = (all(), limits());
        let (mut meant, mut other) = (0, Vec::new());
        for (of, path, limit) in all.iter() {
            assert_eq!(limit.unreadable(), None, "{of} {path}");
            let Some(handler) = registry.handler(of) else { continue };
            match has(handler.schema().fields, path) {
                true => meant += 1,
                false => other.push(format!("{of} {path}")),
            }
        }
        // What has another name, or is left out, here.
        assert!(other.len() < meant / 3, "{meant} are meant, but not {other:#?}");
    }

    #[test]
    fn every_folder_is_a_service() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let entries = std::fs::read_dir(source).unwrap().map(Result::unwrap);
        let folders = entries.filter(|e| e.path().is_dir());
        let folders: BTreeSet<_> = folders.map(|e| e.file_name().into_string().unwrap()).collect();
        let known = SERVICES.iter().map(|(name, _)| *name).chain(["aws", "components"]);
        let known: BTreeSet<_> = known.map(str::to_owned).collect();
        let missing: Vec<_> = folders.difference(&known).collect();
        assert!(missing.is_empty(), "not in `services!`: {missing:?}");
    }

    #[test]
    fn a_page_follows_from_the_type_unless_the_type_says_otherwise() {
        let types = [("AWS::EC2::VPC", "", "/aws-resource-ec2-vpc.html"), ("A", "own", "own")];
        for (type_name, link, end) in types {
            let schema = Schema { type_name, link, ..Schema::PLAIN };
            assert!(page(&schema).ends_with(end), "{}", page(&schema));
        }
    }

    #[test]
    fn every_type_is_documented() {
        let mut problems = Vec::new();
        for handler in all().types() {
            let schema = handler.schema();
            let name = schema.type_name;
            if schema.doc.is_empty() || !page(schema).starts_with("https://docs.aws.amazon.com/") {
                problems.push(format!("{name}: no documentation or link"));
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
