//! Names that AWS tells apart in a spelling of its own, which `identity` and `unique` cannot say.
//!
//! For the `claims` functions of types, which see properties untyped: what is secret is as good
//! as known, and what is not known before the apply claims nothing, because nobody can have what
//! is new.

use ferrocrete_core::Value;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

/// A property that is text, and known.
pub fn known(properties: &PropertyMap, name: &str) -> Option<String> {
    properties.get(name)?.reveal().as_str().map(str::to_owned)
}

/// Whether a property is set to true; `None` where that is not known yet.
pub fn is_on(properties: &PropertyMap, name: &str) -> Option<bool> {
    match properties.get(name).map(Value::reveal) {
        Some(value) if value.has_unknown() => None,
        value => Some(value == Some(Value::Bool(true))),
    }
}

/// A claim on the name that `property` says, as AWS spells it.
pub fn name(
    properties: &PropertyMap,
    what: &str,
    property: &str,
    spell: impl FnOnce(&str) -> String,
) -> Option<Claim> {
    Some(Claim::new(what, &[property], [spell(&known(properties, property)?)]))
}

/// A claim on a name that AWS tells apart without regard to case.
pub fn any_case(properties: &PropertyMap, what: &str, property: &str) -> Vec<Claim> {
    name(properties, what, property, str::to_ascii_lowercase).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(name: Value) -> PropertyMap {
        PropertyMap::from([("name".to_owned(), name)])
    }

    #[test]
    fn a_name_is_claimed_as_aws_spells_it() {
        let claim = |text: &str| {
            name(&properties(Value::from(text)), "name", "name", |n| n.trim_end_matches('.').into())
        };
        assert_eq!(claim("a.b."), claim("a.b"));
        assert_ne!(claim("a.b"), claim("A.b"));
        let secret = properties(Value::secret("a.b".into()));
        assert_eq!(name(&secret, "name", "name", str::to_owned), claim("a.b"));
    }

    #[test]
    fn what_is_not_known_claims_nothing() {
        assert_eq!(name(&properties(Value::Unknown), "name", "name", str::to_owned), None);
        assert_eq!(name(&PropertyMap::new(), "name", "name", str::to_owned), None);
        assert_eq!(is_on(&properties(Value::Unknown), "name"), None);
        assert_eq!(is_on(&PropertyMap::new(), "name"), Some(false));
        assert_eq!(is_on(&properties(true.into()), "name"), Some(true));
    }
}
