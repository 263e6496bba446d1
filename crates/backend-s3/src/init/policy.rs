//! The bucket policy that refuses connections without TLS.

use ferrocrete_aws::partition;
use serde_json::{Value, json};

/// Name of our statement.
const SID: &str = "FerrocreteTlsOnly";

/// The policy with a TLS-only statement added to what is there; `None` when it already
/// refuses connections without TLS, or is not a policy that a statement can be added to.
pub(super) fn with_tls_only(current: Option<&str>, bucket: &str, region: &str) -> Option<String> {
    let mut policy = match current {
        None => json!({ "Version": "2012-10-17", "Statement": [] }),
        Some(text) => serde_json::from_str(text).ok()?,
    };
    let statements = policy.as_object_mut()?.entry("Statement").or_insert_with(|| json!([]));
    if statements.is_object() {
        *statements = json!([statements.take()]);
    }
    let statements = statements.as_array_mut()?;
    if statements.iter().any(|statement| refuses_plain(statement, bucket)) {
        return None;
    }
    statements.retain(|statement| statement["Sid"] != SID);
    let arn = format!("arn:{}:s3:::{bucket}", partition(region));
    statements.push(json!({
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    Some(policy.to_string())
}

/// Whether a statement refuses everything without TLS, on bucket and objects.
fn refuses_plain(statement: &Value, bucket: &str) -> bool {
    let is_all = |value: &Value| {
        texts(value).any(|text| text == "*") || texts(&value["AWS"]).any(|text| text == "*")
    };
    let secure = &statement["Condition"]["Bool"]["aws:SecureTransport"];
    let covers = |wanted: &str| {
        texts(&statement["Resource"]).any(|r| r == "*" || r.ends_with(&format!(":::{wanted}")))
    };
    let only = statement["Condition"].as_object().is_some_and(|c| c.len() == 1)
        && statement["Condition"]["Bool"].as_object().is_some_and(|c| c.len() == 1);
    statement["Effect"] == "Deny"
        && is_all(&statement["Principal"])
        && texts(&statement["Action"]).any(|action| matches!(action, "*" | "s3:*"))
        && only
        && (secure == "false" || secure == &json!(["false"]) || secure == &json!(false))
        && covers(bucket)
        && covers(&format!("{bucket}/*"))
}

/// A text, or a list of texts.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value.as_str().into_iter().chain(list.iter().filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(current: Option<&str>) -> Value {
        serde_json::from_str(&with_tls_only(current, "b-1", "eu-west-1").unwrap()).unwrap()
    }

    #[test]
    fn made_once() {
        let policy = added(None);
        assert_eq!(policy["Version"], "2012-10-17");
        let statement = &policy["Statement"][0];
        assert_eq!(statement["Effect"], "Deny");
        assert_eq!(statement["Resource"], json!(["arn:aws:s3:::b-1", "arn:aws:s3:::b-1/*"]));
        assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], "false");
        assert_eq!(with_tls_only(Some(&policy.to_string()), "b-1", "eu-west-1"), None);
    }

    #[test]
    fn other_statements_are_kept() {
        let other = json!({ "Sid": "Other", "Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b-1/*" });
        for statements in [other.clone(), json!([other.clone()])] {
            let current = json!({ "Version": "2012-10-17", "Statement": statements });
            let policy = added(Some(&current.to_string()));
            assert_eq!(policy["Statement"].as_array().unwrap().len(), 2);
            assert_eq!(policy["Statement"][0], other);
        }
    }

    #[test]
    fn an_equivalent_statement_is_enough_and_a_weakened_one_is_replaced() {
        let mut policy = json!({ "Statement": {
            "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::b-1", "arn:aws:s3:::b-1/*"],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        } });
        assert_eq!(with_tls_only(Some(&policy.to_string()), "b-1", "eu-west-1"), None);
        policy["Statement"]["Sid"] = json!(SID);
        policy["Statement"]["Resource"] = json!("arn:aws:s3:::b-1");
        let repaired = added(Some(&policy.to_string()));
        assert_eq!(repaired["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(repaired["Statement"][0]["Resource"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn partitions() {
        let text = with_tls_only(None, "b-1", "us-gov-west-1").unwrap();
        assert!(text.contains("arn:aws-us-gov:s3:::b-1"));
        let text = with_tls_only(None, "b-1", "cn-north-1").unwrap();
        assert!(text.contains("arn:aws-cn:s3:::b-1"));
    }
}
