//! The table at the head of a type's file against its code and its IAM actions.

use std::collections::BTreeSet;

use ferrocrete_core::schema::Schema;

use crate::source::{self, Source};
use crate::{none, registry};

/// What the engine does with a resource, in the order of a table.
pub const OPERATIONS: [&str; 5] = ["create", "read", "find", "update", "delete"];

/// S3's actions and the calls that they allow, where the names differ.
const S3: [(&str, &[&str]); 12] = [
    ("DeleteObject", &["DeleteObjects"]),
    ("DeleteObjectVersion", &["DeleteObjects"]),
    ("GetBucketPublicAccessBlock", &["GetPublicAccessBlock"]),
    ("GetEncryptionConfiguration", &["GetBucketEncryption"]),
    ("GetLifecycleConfiguration", &["GetBucketLifecycleConfiguration"]),
    ("ListBucketMultipartUploads", &["ListMultipartUploads"]),
    ("ListBucketVersions", &["ListObjectVersions"]),
    ("PutBucketCORS", &["PutBucketCors", "DeleteBucketCors"]),
    (
        "PutBucketOwnershipControls",
        &["PutBucketOwnershipControls", "DeleteBucketOwnershipControls"],
    ),
    ("PutBucketPublicAccessBlock", &["PutPublicAccessBlock", "DeletePublicAccessBlock"]),
    ("PutEncryptionConfiguration", &["PutBucketEncryption", "DeleteBucketEncryption"]),
    ("PutLifecycleConfiguration", &["PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"]),
];

/// Whether an IAM action allows a call of the SDK.
fn allows(action: &str, call: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    match S3.iter().find(|(of, _)| service == "s3" && *of == name) {
        Some((_, calls)) => calls.contains(&call),
        None => name.eq_ignore_ascii_case(call),
    }
}

/// The actions that a type says it needs for an operation; a `find` may use what reads, too.
pub fn actions(schema: &Schema, operation: &str) -> Vec<&'static str> {
    let also = if operation == "find" { "read" } else { operation };
    let of = schema.iam.iter().filter(|(name, _)| *name == operation || *name == also);
    let mut all: Vec<_> = of.flat_map(|(_, actions)| actions.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The same of all types of a file.
fn allowed(schemas: &[&'static Schema], operation: &str) -> BTreeSet<&'static str> {
    schemas.iter().flat_map(|schema| actions(schema, operation)).collect()
}

#[test]
fn the_table_of_calls_is_what_the_code_calls() {
    let mut problems = Vec::new();
    for source in source::all() {
        let path = source.path.display();
        let named: BTreeSet<_> = OPERATIONS.iter().flat_map(|op| source.calls(op)).collect();
        for call in named.iter().filter(|call| !source.makes(call)) {
            problems.push(format!("{path}: the table names {call}, which the code does not call"));
        }
        for action in source.actions() {
            if !named.iter().any(|call| allows(action, call)) {
                problems.push(format!("{path}: the code calls {action}, which the table lacks"));
            }
        }
        for op in source.rows.iter().flat_map(|(ops, _)| ops) {
            if !OPERATIONS.contains(&op.as_str()) {
                problems.push(format!("{path}: the table has a row for `{op}`"));
            }
        }
    }
    none(&problems);
}

#[test]
fn what_is_called_is_among_the_iam_actions() {
    let registry = registry();
    let mut problems = Vec::new();
    for source in source::all() {
        let schemas: Vec<_> = registry.types().map(|handler| handler.schema()).collect();
        let schemas: Vec<_> =
            schemas.into_iter().filter(|schema| source.declares(schema.type_name)).collect();
        problems.extend(forbidden(&source, &schemas));
    }
    none(&problems);
}

fn forbidden(source: &Source, schemas: &[&'static Schema]) -> Vec<String> {
    let path = source.path.display();
    let all: BTreeSet<_> = OPERATIONS.iter().flat_map(|op| allowed(schemas, op)).collect();
    let called = source.actions();
    let lacking = called.iter().filter(|action| !all.contains(*action));
    let mut problems: Vec<_> = lacking
        .map(|action| format!("{path}: the code calls {action}, which `iam` lacks"))
        .collect();
    for operation in ["create", "read", "delete"] {
        let lacks = schemas.iter().any(|schema| actions(schema, operation).is_empty());
        if lacks && source.cell(operation) != Some("none") {
            problems.push(format!("{path}: neither iam({operation}(…)) nor a row that says none"));
        }
    }
    for operation in OPERATIONS {
        let allowed = allowed(schemas, operation);
        let said = schemas.iter().any(|s| s.iam.iter().any(|(op, _)| *op == operation));
        if said && source.cell(operation).is_none() {
            problems.push(format!("{path}: iam({operation}(…)), but no such row in the table"));
        }
        for call in source.calls(operation) {
            if !allowed.iter().any(|action| allows(action, &call)) {
                problems.push(format!("{path}: {call} has no action in iam({operation}(…))"));
            }
        }
    }
    problems
}
