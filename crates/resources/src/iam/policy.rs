//! [`PolicyDocument`]: a policy written in Rust instead of JSON text.
//!
//! ```
//! use ferrocrete_resources::iam::{PolicyDocument, Statement};
//! let assume = PolicyDocument::new().allow(
//!     Statement::new().action("sts:AssumeRole").principal_service("ec2.amazonaws.com"),
//! );
//! ```
//!
//! Outputs of other resources stand wherever text does, and a deny may be about everything but a
//! few things:
//!
//! ```
//! use ferrocrete_core::Output;
//! use ferrocrete_resources::iam::{PolicyDocument, Statement};
//! fn only_over_tls(bucket_arn: &Output<String>) -> PolicyDocument {
//!     PolicyDocument::new()
//!         .deny(
//!             Statement::new()
//!                 .sid("OnlyTls")
//!                 .principal_everyone()
//!                 .action("s3:*")
//!                 .resource(bucket_arn)
//!                 .resource(bucket_arn.map(|arn| format!("{arn}/*")))
//!                 .condition("Bool", "aws:SecureTransport", ["false"]),
//!         )
//!         .deny(
//!             Statement::new()
//!                 .principal_everyone()
//!                 .not_actions(["s3:GetObject", "s3:ListBucket"])
//!                 .resource(bucket_arn),
//!         )
//! }
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrocrete_core::value::Expr;
use ferrocrete_core::{Input, Output, Value};

/// A policy document; outputs of other resources may stand anywhere in it.
///
/// It is accepted wherever a property takes a policy as JSON text. The same program makes
/// the same text, byte for byte.
#[derive(Clone, Debug)]
pub struct PolicyDocument {
    id: Option<String>,
    statements: Vec<Expr>,
}

impl Default for PolicyDocument {
    fn default() -> Self {
        Self::new()
    }
}

impl PolicyDocument {
    /// A document of version `2012-10-17` without statements.
    pub fn new() -> Self {
        Self { id: None, statements: Vec::new() }
    }

    /// Sets the `Id` of the document.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds a statement that allows.
    #[must_use]
    pub fn allow(self, statement: Statement) -> Self {
        self.add("Allow", statement)
    }

    /// Adds a statement that denies; a deny wins over every allow.
    #[must_use]
    pub fn deny(self, statement: Statement) -> Self {
        self.add("Deny", statement)
    }

    fn add(mut self, effect: &str, statement: Statement) -> Self {
        self.statements.push(statement.into_expr(effect));
        self
    }

    /// The document as JSON text.
    pub fn to_json(&self) -> Output<String> {
        let mut map = BTreeMap::from([
            ("Version".to_owned(), text("2012-10-17")),
            ("Statement".to_owned(), Expr::List(self.statements.clone())),
        ]);
        if let Some(id) = &self.id {
            map.insert("Id".to_owned(), text(id));
        }
        // Values are revealed here; the engine taints the result when one was secret.
        Output::from_expr(Expr::Apply {
            args: Arc::new([Expr::Map(map)]),
            f: Arc::new(|args| {
                let json = args.first().map(Value::redacted).unwrap_or_default();
                Ok(Value::String(json.to_string()))
            }),
        })
    }
}

impl From<PolicyDocument> for Input<String> {
    fn from(document: PolicyDocument) -> Self {
        document.to_json().into()
    }
}

impl From<&PolicyDocument> for Input<String> {
    fn from(document: &PolicyDocument) -> Self {
        document.to_json().into()
    }
}

/// One statement of a [`PolicyDocument`]; the document decides whether it allows or denies.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    sid: Option<String>,
    lists: BTreeMap<&'static str, Vec<Expr>>,
    principals: BTreeMap<&'static str, Vec<Expr>>,
    not_principals: BTreeMap<&'static str, Vec<Expr>>,
    everyone: bool,
    conditions: BTreeMap<String, BTreeMap<String, Vec<Expr>>>,
}

impl Statement {
    /// A statement that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the statement's id: letters and digits.
    #[must_use]
    pub fn sid(mut self, sid: impl Into<String>) -> Self {
        self.sid = Some(sid.into());
        self
    }

    /// Adds actions, such as `s3:GetObject`; `*` and `?` are wildcards.
    #[must_use]
    pub fn actions<X: Into<Input<String>>>(self, items: impl IntoIterator<Item = X>) -> Self {
        self.list("Action", items)
    }

    /// Adds one action.
    #[must_use]
    pub fn action(self, item: impl Into<Input<String>>) -> Self {
        self.list("Action", [item])
    }

    /// Every action but these.
    #[must_use]
    pub fn not_actions<X: Into<Input<String>>>(self, items: impl IntoIterator<Item = X>) -> Self {
        self.list("NotAction", items)
    }

    /// Adds ARNs of resources; `*` and `?` are wildcards.
    #[must_use]
    pub fn resources<X: Into<Input<String>>>(self, items: impl IntoIterator<Item = X>) -> Self {
        self.list("Resource", items)
    }

    /// Adds one resource; for a mix of texts and outputs.
    #[must_use]
    pub fn resource(self, item: impl Into<Input<String>>) -> Self {
        self.list("Resource", [item])
    }

    /// Every resource but these.
    #[must_use]
    pub fn not_resources<X: Into<Input<String>>>(self, items: impl IntoIterator<Item = X>) -> Self {
        self.list("NotResource", items)
    }

    /// Lets an AWS service act, such as `ec2.amazonaws.com`.
    #[must_use]
    pub fn principal_service(self, service: impl Into<Input<String>>) -> Self {
        self.principal("Service", service)
    }

    /// Lets an account, role or user act, by account id or ARN.
    #[must_use]
    pub fn principal_aws(self, principal: impl Into<Input<String>>) -> Self {
        self.principal("AWS", principal)
    }

    /// Lets users of an identity provider act, by its ARN or host name.
    #[must_use]
    pub fn principal_federated(self, provider: impl Into<Input<String>>) -> Self {
        self.principal("Federated", provider)
    }

    /// Lets an account act by its canonical id, which only S3 knows.
    #[must_use]
    pub fn principal_canonical_user(self, id: impl Into<Input<String>>) -> Self {
        self.principal("CanonicalUser", id)
    }

    /// Means everyone, signed in or not.
    #[must_use]
    pub fn principal_everyone(mut self) -> Self {
        self.everyone = true;
        self
    }

    /// Everyone but this account, role or user; for denials.
    #[must_use]
    pub fn not_principal_aws(mut self, principal: impl Into<Input<String>>) -> Self {
        self.not_principals.entry("AWS").or_default().push(principal.into().into_expr());
        self
    }

    /// Everyone but this AWS service; for denials.
    #[must_use]
    pub fn not_principal_service(mut self, service: impl Into<Input<String>>) -> Self {
        self.not_principals.entry("Service").or_default().push(service.into().into_expr());
        self
    }

    /// Adds a condition: operator such as `StringEquals`, key such as `aws:SourceArn`, and
    /// the values of which one must match. Every condition of a statement must hold; the same
    /// operator and key again add to the values.
    #[must_use]
    pub fn condition<X: Into<Input<String>>>(
        mut self,
        operator: impl Into<String>,
        key: impl Into<String>,
        values: impl IntoIterator<Item = X>,
    ) -> Self {
        let keys = self.conditions.entry(operator.into()).or_default();
        let values = values.into_iter().map(|v| v.into().into_expr());
        keys.entry(key.into()).or_default().extend(values);
        self
    }

    fn list<X: Into<Input<String>>>(
        mut self,
        key: &'static str,
        items: impl IntoIterator<Item = X>,
    ) -> Self {
        let items = items.into_iter().map(|i| i.into().into_expr());
        self.lists.entry(key).or_default().extend(items);
        self
    }

    fn principal(mut self, kind: &'static str, who: impl Into<Input<String>>) -> Self {
        self.principals.entry(kind).or_default().push(who.into().into_expr());
        self
    }

    fn into_expr(self, effect: &str) -> Expr {
        let mut map = BTreeMap::from([("Effect".to_owned(), text(effect))]);
        if let Some(sid) = &self.sid {
            map.insert("Sid".to_owned(), text(sid));
        }
        for (key, items) in self.lists {
            map.insert(key.to_owned(), Expr::List(items));
        }
        if self.everyone {
            map.insert("Principal".to_owned(), text("*"));
        } else if !self.principals.is_empty() {
            map.insert("Principal".to_owned(), lists(self.principals));
        }
        if !self.not_principals.is_empty() {
            map.insert("NotPrincipal".to_owned(), lists(self.not_principals));
        }
        if !self.conditions.is_empty() {
            let lists = |keys: BTreeMap<String, Vec<Expr>>| {
                Expr::Map(keys.into_iter().map(|(key, list)| (key, Expr::List(list))).collect())
            };
            let conditions = self.conditions.into_iter().map(|(op, keys)| (op, lists(keys)));
            map.insert("Condition".to_owned(), Expr::Map(conditions.collect()));
        }
        Expr::Map(map)
    }
}

fn text(value: &str) -> Expr {
    Expr::Literal(Value::from(value))
}

fn lists(map: BTreeMap<&'static str, Vec<Expr>>) -> Expr {
    Expr::Map(map.into_iter().map(|(k, v)| (k.to_owned(), Expr::List(v))).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ferrocrete_core::Urn;
    use ferrocrete_core::value::Scope;

    use super::*;

    struct Known(Value);

    impl Scope for Known {
        fn output(&self, _: &Urn, _: &str) -> Value {
            self.0.clone()
        }
    }

    fn bucket() -> (Urn, Output<String>) {
        let urn = Urn::new("p", "s", &[], "AWS::S3::Bucket", "b").expect("a valid urn");
        let arn = Output::of_node(&urn, "arn");
        (urn, arn)
    }

    fn sample(arn: &Output<String>) -> Expr {
        let document = PolicyDocument::new()
            .allow(
                Statement::new()
                    .sid("Read")
                    .actions(["s3:GetObject", "s3:ListBucket"])
                    .resources([arn, &arn.map(|a| format!("{a}/*"))])
                    .principal_service("ec2.amazonaws.com")
                    .condition("StringEquals", "aws:SourceAccount", ["1"]),
            )
            .deny(Statement::new().actions(["*"]).resource("*").principal_everyone());
        Input::<String>::from(document).into_expr()
    }

    #[test]
    fn a_document_is_deterministic_json() {
        let (_, arn) = bucket();
        let value = sample(&arn).eval(&Known("arn:x".into())).expect("it evaluates");
        assert_eq!(
            value.as_str(),
            Some(concat!(
                r#"{"Statement":[{"Action":["s3:GetObject","s3:ListBucket"],"#,
                r#""Condition":{"StringEquals":{"aws:SourceAccount":["1"]}},"Effect":"Allow","#,
                r#""Principal":{"Service":["ec2.amazonaws.com"]},"Resource":["arn:x","arn:x/*"],"#,
                r#""Sid":"Read"},{"Action":["*"],"Effect":"Deny","Principal":"*","#,
                r#""Resource":["*"]}],"Version":"2012-10-17"}"#,
            ))
        );
    }

    #[test]
    fn what_is_not_meant_and_what_must_hold() {
        let document = PolicyDocument::new().id("own").deny(
            Statement::new()
                .not_actions(["s3:GetObject"])
                .not_resources(["arn:x"])
                .not_principal_aws("arn:r")
                .not_principal_service("ec2.amazonaws.com")
                .condition("StringLike", "aws:PrincipalTag/team", ["a*"])
                .condition("StringLike", "aws:PrincipalTag/team", ["b*"])
                .condition("StringLike", "s3:prefix", ["c/"])
                .condition("Null", "aws:TokenIssueTime", ["true"]),
        );
        let expr = Input::<String>::from(&document).into_expr();
        let value = expr.eval(&Known(Value::Unknown)).expect("it evaluates");
        let found: serde_json::Value =
            serde_json::from_str(value.as_str().expect("text")).expect("JSON");
        let expected = serde_json::json!({
            "Version": "2012-10-17",
            "Id": "own",
            "Statement": [{
                "Effect": "Deny",
                "NotAction": ["s3:GetObject"],
                "NotResource": ["arn:x"],
                "NotPrincipal": {"AWS": ["arn:r"], "Service": ["ec2.amazonaws.com"]},
                "Condition": {
                    "StringLike": {"aws:PrincipalTag/team": ["a*", "b*"], "s3:prefix": ["c/"]},
                    "Null": {"aws:TokenIssueTime": ["true"]},
                },
            }],
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn principals_of_every_kind() {
        let statement = Statement::new()
            .action("s3:GetObject")
            .principal_aws("arn:one")
            .principal_aws("arn:two")
            .principal_federated("token.example.com")
            .principal_canonical_user("abc");
        let expr = Input::<String>::from(PolicyDocument::new().allow(statement)).into_expr();
        let value = expr.eval(&Known(Value::Unknown)).expect("it evaluates");
        let found: serde_json::Value =
            serde_json::from_str(value.as_str().expect("text")).expect("JSON");
        assert_eq!(
            found["Statement"][0]["Principal"],
            serde_json::json!({
                "AWS": ["arn:one", "arn:two"],
                "Federated": ["token.example.com"],
                "CanonicalUser": ["abc"],
            })
        );
    }

    #[test]
    fn outputs_inside_are_dependencies_and_may_be_unknown_or_secret() {
        let (urn, arn) = bucket();
        let expr = sample(&arn);
        let mut found = BTreeSet::new();
        expr.dependencies(&mut found);
        assert_eq!(found, BTreeSet::from([urn]));
        assert_eq!(expr.eval(&Known(Value::Unknown)).expect("it evaluates"), Value::Unknown);
        let secret = expr.eval(&Known(Value::secret("arn:x".into()))).expect("it evaluates");
        assert!(secret.has_secret());
        assert_eq!(secret.reveal(), expr.eval(&Known("arn:x".into())).expect("it evaluates"));
    }
}
