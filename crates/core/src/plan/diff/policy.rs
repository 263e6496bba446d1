//! Policy documents of IAM and of resources, compared by what they mean.
//!
//! AWS stores many policies in another form than it was given (TF#11801, TF#22314): each document
//! becomes one normal form, and two documents mean the same when their normal forms are equal.
//! The rules are those of hashicorp/awspolicyequivalence and of the IAM user guide ("IAM JSON
//! policy elements"):
//!
//! - The order of statements, and of what is listed in them, means nothing; one value is a list
//!   of one; what is listed twice is there once. A policy with one statement needs no list.
//! - Names of elements, the effect, actions, and operators and keys of conditions have no case:
//!   IAM refuses, or takes as the same, what differs in case only. Resources, principals, and
//!   values of conditions have case.
//! - Without `Version` a document is of version `2008-10-17`. An empty `Sid`, `Id`, list of
//!   principals, or condition is none (hashicorp/terraform#4278).
//! - An account as principal is its root user: AWS writes the account id as
//!   `arn:PARTITION:iam::ID:root` (TF PR#1546).
//! - Numbers and booleans are the texts that they are written with.
//!
//! What differs although it looks alike:
//! - `"*"` and `{"AWS": "*"}` as principal: in trust policies they are not the same, and AWS
//!   returns each as it was given.
//! - A principal that is declared as ARN and comes back as an id such as `AROA…` or `AIDA…`: what
//!   was trusted has been deleted, and what has its name now is not trusted, until the policy is
//!   set again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

type Texts = BTreeSet<String>;

/// A policy in its normal form.
#[derive(Debug, PartialEq, Eq, Default)]
struct Document {
    version: String,
    id: String,
    statements: BTreeSet<Statement>,
    /// Elements that IAM does not have.
    rest: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Statement {
    sid: String,
    effect: String,
    /// Actions and resources, by the name of the element.
    lists: BTreeMap<String, Texts>,
    /// Who, by `principal` or `notprincipal` and by the kind of principal.
    principals: BTreeMap<(String, String), Texts>,
    /// Values by operator and key.
    conditions: BTreeMap<(String, String), Texts>,
    rest: BTreeMap<String, String>,
}

/// Whether two policy documents mean the same. What is no policy is compared as JSON, else as
/// text.
pub fn same_policy(a: &str, b: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<Json>(text).ok();
    compared(a, b).unwrap_or_else(|| match (json(a), json(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    })
}

/// `None` when one of them is no policy.
fn compared(a: &str, b: &str) -> Option<bool> {
    Some(document(a)? == document(b)?)
}

fn document(text: &str) -> Option<Document> {
    if text.trim().is_empty() {
        return document("{}");
    }
    let elements = match serde_json::from_str(text).ok()? {
        Json::Object(elements) => elements,
        // A trust policy may be a list of one.
        Json::Array(list) => match <[Json; 1]>::try_from(list).ok()? {
            [Json::Object(elements)] => elements,
            _ => return None,
        },
        _ => return None,
    };
    let mut document = Document { version: "2008-10-17".to_owned(), ..Document::default() };
    for (name, value) in elements_of(elements)? {
        match name.as_str() {
            "version" if !value.is_null() => document.version = value.as_str()?.to_owned(),
            "id" if !value.is_null() => document.id = value.as_str()?.to_owned(),
            "statement" => {
                let statements = match value {
                    Json::Array(list) => list,
                    Json::Null => Vec::new(),
                    one => vec![one],
                };
                document.statements =
                    statements.into_iter().map(statement).collect::<Option<_>>()?;
            }
            _ if value.is_null() => {}
            _ => {
                document.rest.insert(name, value.to_string());
            }
        }
    }
    Some(document)
}

fn statement(json: Json) -> Option<Statement> {
    let Json::Object(elements) = json else { return None };
    let mut statement = Statement::default();
    for (name, value) in elements_of(elements)? {
        match name.as_str() {
            "sid" if !value.is_null() => statement.sid = value.as_str()?.to_owned(),
            "effect" if !value.is_null() => statement.effect = value.as_str()?.to_lowercase(),
            "action" | "notaction" => {
                let actions = texts(value)?.into_iter().map(|a| a.to_lowercase()).collect();
                insert(&mut statement.lists, name, actions);
            }
            "resource" | "notresource" => insert(&mut statement.lists, name, texts(value)?),
            "principal" | "notprincipal" => principals(&mut statement.principals, name, value)?,
            "condition" => statement.conditions = conditions(value)?,
            _ if value.is_null() => {}
            _ => {
                statement.rest.insert(name, value.to_string());
            }
        }
    }
    Some(statement)
}

/// Elements by their names in small letters; `None` when one is there twice.
fn elements_of(elements: Map<String, Json>) -> Option<BTreeMap<String, Json>> {
    let count = elements.len();
    let all: BTreeMap<_, _> =
        elements.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    (all.len() == count).then_some(all)
}

/// An empty list says as much as none.
fn insert<K: Ord>(lists: &mut BTreeMap<K, Texts>, key: K, texts: Texts) {
    if !texts.is_empty() {
        lists.insert(key, texts);
    }
}

/// One value or a list of them, as texts.
fn texts(json: Json) -> Option<Texts> {
    let one = |json: Json| match json {
        Json::String(text) => Some(text),
        Json::Bool(value) => Some(value.to_string()),
        Json::Number(number) => Some(match number.as_f64() {
            // `5.0` is `5`; larger numbers have no fraction to speak of.
            Some(f) if number.is_f64() && f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
            _ => number.to_string(),
        }),
        _ => None,
    };
    match json {
        Json::Null => Some(Texts::new()),
        Json::Array(list) => list.into_iter().map(one).collect(),
        json => Some(Texts::from([one(json)?])),
    }
}

fn principals(
    into: &mut BTreeMap<(String, String), Texts>,
    name: String,
    json: Json,
) -> Option<()> {
    let Json::Object(kinds) = json else {
        // `*`, which is of no kind.
        insert(into, (name, String::new()), texts(json)?);
        return Some(());
    };
    for (kind, who) in kinds {
        let who = texts(who)?.into_iter().map(|who| match account(&who) {
            Some(account) => account.to_owned(),
            None => who,
        });
        insert(into, (name.clone(), kind), who.collect());
    }
    Some(())
}

/// The account in `arn:PARTITION:iam::ACCOUNT:root`.
fn account(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let is_root = (scheme, service, region, resource) == ("arn", "iam", "", "root");
    (is_account && is_root).then_some(account)
}

fn conditions(json: Json) -> Option<BTreeMap<(String, String), Texts>> {
    let mut all = BTreeMap::new();
    let operators = match json {
        Json::Object(operators) => operators,
        Json::Null => return Some(all),
        _ => return None,
    };
    for (operator, keys) in operators {
        let keys = match keys {
            Json::Object(keys) => keys,
            Json::Null => continue,
            _ => return None,
        };
        for (key, values) in keys {
            // A condition without values stays: it is one that never holds.
            let name = (operator.to_lowercase(), key.to_lowercase());
            if all.insert(name, texts(values)?).is_some() {
                return None;
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests;
