//! From evaluated inputs to what is sent: tags, derived name, secrets, ignored changes.

use std::collections::BTreeMap;

use crate::resource::{Namespace, name_digest, owner_tag};
use crate::schema::{NameRule, Schema};
use crate::urn::Urn;
use crate::value::{PropertyMap, Secrets, Value, tainted};

use super::PlanError;
use super::diff::named_twice;
use super::ignore::keep_parts;
use super::steered::Implication;

/// What preparation needs to know besides the program's inputs.
pub struct Preparation<'a> {
    /// The resource type.
    pub schema: &'a Schema,
    /// Whose inputs.
    pub urn: &'a Urn,
    /// What its physical name and ownership tag are derived from.
    pub identity: &'a Urn,
    /// Which generation they are for.
    pub generation: u64,
    /// Tags of the stack.
    pub default_tags: &'a BTreeMap<String, String>,
    /// Account and region, so that derived names differ between accounts.
    pub namespace: Option<&'a Namespace>,
    /// Inputs last applied.
    pub prior: Option<&'a PropertyMap>,
    /// Whether `prior` is of this same generation, so that the derived name stays.
    pub same_generation: bool,
    /// Properties, and parts of them, that keep what was applied.
    pub ignore_changes: &'a [String],
    /// What other resources say of it by being declared.
    pub implied: &'a [Implication],
}

/// Completes the inputs of one resource.
///
/// # Errors
/// [`PlanError::BadProperty`] when a required property has no value, or two members of a list
/// have one name.
pub fn prepare_inputs(raw: Value, p: &Preparation<'_>) -> Result<PropertyMap, PlanError> {
    let bad = |why: String| PlanError::BadProperty { urn: p.urn.clone(), why };
    let mut inputs = match raw {
        Value::Map(map) => map,
        Value::Secret(inner) => match *inner {
            Value::Map(map) => map.into_iter().map(|(k, v)| (k, Value::secret(v))).collect(),
            _ => {
                return Err(bad("its properties as a whole are not known before the apply".into()));
            }
        },
        _ => return Err(bad("its properties as a whole are not known before the apply".into())),
    };
    inputs.retain(|_, v| !v.is_null());
    for implication in p.implied {
        let value = implication.value.value();
        inputs.entry(implication.property.to_owned()).or_insert(value);
    }
    let whole = |name: &&String| p.schema.field(name).is_some();
    for name in p.ignore_changes.iter().filter(whole) {
        if let Some(prior) = p.prior {
            match prior.get(name) {
                // It keeps its value, but what the program says to be secret is.
                Some(value) => {
                    let value = match inputs.get(name) {
                        Some(now) => tainted(value.clone(), now),
                        None => value.clone(),
                    };
                    inputs.insert(name.clone(), value)
                }
                None => inputs.remove(name),
            };
        }
    }
    if let Some((field, rule)) = p.schema.name_field()
        && !inputs.contains_key(field.name)
    {
        // The same generation keeps its name even if the naming rule changes one day.
        let kept = p.prior.filter(|_| p.same_generation).and_then(|prior| prior.get(field.name));
        let name = match kept {
            Some(name) => name.clone(),
            None => Value::String(derive_name(rule, p.identity, p.generation, p.namespace)),
        };
        inputs.insert(field.name.to_owned(), name);
    }
    if let Some(field) = p.schema.tags_field() {
        let own = inputs.remove(field.name);
        inputs.insert(field.name.to_owned(), merge_tags(own, p));
    }
    if let Some(prior) = p.prior {
        keep_parts(p.schema, &mut inputs, prior, p.ignore_changes);
    }
    for field in p.schema.fields {
        match inputs.get_mut(field.name) {
            Some(value) => *value = field.marked(std::mem::take(value)),
            None if field.required => {
                return Err(bad(format!("required property `{}` has no value", field.name)));
            }
            None => {}
        }
    }
    if let Some(why) = named_twice(p.schema.fields, &inputs) {
        let secrets = Secrets::default();
        secrets.learn_map(&inputs);
        return Err(bad(secrets.scrub(&why)));
    }
    Ok(inputs)
}

/// Name prefix of the tags that mark what is ours.
pub(crate) const OWNER_PREFIX: &str = "ferrocrete:";

fn merge_tags(own: Option<Value>, p: &Preparation<'_>) -> Value {
    let own = match own {
        Some(Value::Map(map)) => map,
        Some(Value::Unknown) => return Value::Unknown,
        // Tags are readable by everybody in the account: the taint ends here by necessity.
        Some(Value::Secret(inner)) => match *inner {
            Value::Map(map) => map.into_iter().map(|(k, v)| (k, Value::secret(v))).collect(),
            other => return Value::secret(other),
        },
        _ => PropertyMap::new(),
    };
    let mut tags: PropertyMap =
        p.default_tags.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect();
    tags.extend(own);
    tags.insert(format!("{OWNER_PREFIX}project"), p.urn.project().into());
    tags.insert(format!("{OWNER_PREFIX}stack"), p.urn.stack().into());
    tags.insert(format!("{OWNER_PREFIX}urn"), owner_tag(p.identity, p.generation).into());
    Value::Map(tags)
}

/// A physical name that is the same at every run, and differs by generation and account.
pub(crate) fn derive_name(
    rule: NameRule,
    urn: &Urn,
    generation: u64,
    namespace: Option<&Namespace>,
) -> String {
    let hash = name_digest(urn, generation, namespace);
    let wanted = format!("{}-{}-{}", urn.project(), urn.stack(), urn.short());
    let mut name = String::new();
    for c in wanted.chars() {
        let c = if c.is_ascii_alphanumeric() || rule.extra.contains(c) { c } else { '-' };
        let c = if rule.lowercase { c.to_ascii_lowercase() } else { c };
        // Several services refuse two hyphens in a row.
        if !(c == '-' && name.ends_with('-')) {
            name.push(c);
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert_str(0, "fc-");
    }
    let room = rule.max.saturating_sub(hash.len() + 1);
    name.truncate(room);
    format!("{}-{hash}", name.trim_end_matches(['-', '.', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: NameRule = NameRule { max: 30, lowercase: true, extra: "-" };

    fn urn(name: &str) -> Urn {
        Urn::new("Shop", "dev", &["net"], "AWS::S3::Bucket", name).unwrap()
    }

    #[test]
    fn names_fit_the_rule_and_differ() {
        let one = derive_name(RULE, &urn("A_very.long-name-that-does-not-fit"), 1, None);
        let two = derive_name(RULE, &urn("A_very.long-name-that-does-not-fit"), 2, None);
        assert!(one.len() <= 30 && two.len() <= 30);
        assert_ne!(one, two);
        assert!(
            one.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{one}"
        );
        let here = Namespace { account: "1".into(), region: "a".into() };
        assert_ne!(
            derive_name(RULE, &urn("x"), 1, Some(&here)),
            derive_name(RULE, &urn("x"), 1, None)
        );
    }
}
