//! What only one resource at a time can have, where types of several services compete for it.
//!
//! A type's `claims` function sees its properties untyped: what is secret is as good as known,
//! and what is not known before the apply claims nothing, because nobody can have what is new.

use ferrocrete_core::Value;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

/// A property that is text and known.
pub fn known(properties: &PropertyMap, name: &str) -> Option<String> {
    of_value(properties.get(name)?)
}

/// A text that is known.
pub fn of_value(value: &Value) -> Option<String> {
    value.reveal().as_str().map(str::to_owned)
}

/// The members of a list of structs that is known.
pub fn members(properties: &PropertyMap, name: &str) -> Vec<PropertyMap> {
    let Some(Value::List(items)) = properties.get(name).map(Value::reveal) else { return vec![] };
    let structs = items.into_iter().filter_map(|item| match item {
        Value::Map(map) => Some(map),
        _ => None,
    });
    structs.collect()
}

/// An Elastic IP is in one place: at an interface, a NAT gateway or a load balancer.
pub fn elastic_ip(property: &str, allocation_id: Option<String>) -> Option<Claim> {
    Some(Claim::new("Elastic IP", &[property], [allocation_id?]))
}

/// A private address of a subnet belongs to one interface, whatever that is for.
pub fn private_address(
    properties: &[&str],
    subnet_id: Option<String>,
    address: Option<String>,
) -> Option<Claim> {
    Some(Claim::new("private address", properties, [subnet_id?, address?]))
}

/// Properties for tests.
#[cfg(test)]
pub(crate) fn properties(json: &serde_json::Value) -> PropertyMap {
    match ferrocrete_core::value::to_value(json) {
        Ok(Value::Map(map)) => map,
        other => panic!("no properties: {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_claims_nothing() {
        let mut properties = PropertyMap::new();
        properties.insert("a".into(), Value::secret("x".into()));
        properties.insert("b".into(), Value::Unknown);
        assert_eq!(known(&properties, "a").as_deref(), Some("x"));
        assert_eq!(known(&properties, "b"), None);
        assert_eq!(elastic_ip("b", known(&properties, "b")), None);
        let both = private_address(&["b", "a"], known(&properties, "b"), known(&properties, "a"));
        assert_eq!(both, None);
    }

    #[test]
    fn an_address_is_the_same_wherever_it_is() {
        let gateway = elastic_ip("allocation_id", Some("eipalloc-1".into())).unwrap();
        let balancer = elastic_ip("subnet_mappings", Some("eipalloc-1".into())).unwrap();
        assert_eq!((&gateway.what, &gateway.key), (&balancer.what, &balancer.key));
        let address = |subnet: &str| {
            private_address(&["s", "a"], Some(subnet.into()), Some("10.0.0.9".into())).unwrap()
        };
        assert_eq!(address("subnet-1"), address("subnet-1"));
        assert_ne!(address("subnet-1").key, address("subnet-2").key);
    }

    #[test]
    fn members_are_those_of_a_list_of_structs() {
        let one = PropertyMap::from([("id".to_owned(), Value::from("x"))]);
        let list = Value::List(vec![Value::Map(one.clone()), Value::Unknown]);
        let properties = PropertyMap::from([("list".to_owned(), list)]);
        assert_eq!(members(&properties, "list"), [one]);
        assert!(members(&properties, "none").is_empty());
    }
}
