//! Properties that are secret whatever the program gives, in values and expressions.

use std::sync::Arc;

use super::{Field, OutputField, Shape};
use crate::value::{Expr, PropertyMap, Value};

impl Field {
    /// The value with everything marked that this property says is secret.
    pub(crate) fn marked(&self, value: Value) -> Value {
        if self.secret { Value::secret(value) } else { self.shape.marked(value) }
    }
}

impl OutputField {
    /// The value with everything marked that this output says is secret.
    pub(crate) fn marked(&self, value: Value) -> Value {
        if self.secret { Value::secret(value) } else { self.shape.marked(value) }
    }
}

impl Shape {
    fn marked(self, value: Value) -> Value {
        match (self, value) {
            (Shape::Struct(fields), Value::Map(map)) => Value::Map(mark_inputs(fields(), map)),
            (Shape::List(of), Value::List(items)) => {
                Value::List(items.into_iter().map(|v| of.marked(v)).collect())
            }
            (Shape::Map(of), Value::Map(map)) => {
                Value::Map(map.into_iter().map(|(k, v)| (k, of.marked(v))).collect())
            }
            (_, value) => value,
        }
    }

    fn marked_expr(self, expr: Expr) -> Expr {
        match (self, expr) {
            (shape, Expr::Literal(value)) => Expr::Literal(shape.marked(value)),
            (Shape::Struct(fields), expr) => mark_expr(fields(), expr),
            (Shape::List(of), Expr::List(items)) => {
                Expr::List(items.into_iter().map(|e| of.marked_expr(e)).collect())
            }
            (Shape::Map(of), Expr::Map(map)) => {
                Expr::Map(map.into_iter().map(|(k, e)| (k, of.marked_expr(e))).collect())
            }
            (_, expr) => expr,
        }
    }
}

/// Whether `other`, which `secret_if` names, makes a value secret: also while it is unknown.
fn makes_secret(other: Option<&Value>, value: &str) -> bool {
    match other {
        Some(Value::Secret(inner)) => makes_secret(Some(inner), value),
        Some(Value::String(text)) => text == value,
        Some(Value::Unknown) => true,
        _ => false,
    }
}

type SecretIf = Option<(&'static str, &'static str)>;

fn is_secret_now(secret_if: SecretIf, map: &PropertyMap) -> bool {
    secret_if.is_some_and(|(other, value)| makes_secret(map.get(other), value))
}

/// The properties with what is secret marked.
pub(crate) fn mark_inputs(fields: &[Field], mut map: PropertyMap) -> PropertyMap {
    for field in fields {
        let secret = is_secret_now(field.secret_if, &map);
        if let Some(value) = map.get_mut(field.name) {
            let taken = std::mem::take(value);
            *value = if secret { Value::secret(taken) } else { field.marked(taken) };
        }
    }
    map
}

/// The outputs with what is secret marked.
pub(crate) fn mark_outputs(fields: &[OutputField], mut map: PropertyMap) -> PropertyMap {
    for field in fields {
        let secret = is_secret_now(field.secret_if, &map);
        if let Some(value) = map.get_mut(field.name) {
            let taken = std::mem::take(value);
            *value = if secret { Value::secret(taken) } else { field.marked(taken) };
        }
    }
    map
}

/// A struct of properties as an expression, with what is secret marked as far as the program
/// wrote it down; what outputs bring is marked once they are known.
pub(crate) fn mark_expr(fields: &[Field], expr: Expr) -> Expr {
    match expr {
        Expr::Literal(Value::Map(map)) => Expr::Literal(Value::Map(mark_inputs(fields, map))),
        Expr::Map(mut map) => {
            for field in fields {
                let secret = field.secret
                    || field.secret_if.is_some_and(|(other, value)| match map.get(other) {
                        Some(Expr::Literal(other)) => makes_secret(Some(other), value),
                        // Not known yet, or a text in some other way.
                        other => other.is_some(),
                    });
                if let Some(expr) = map.remove(field.name) {
                    let marked = match expr {
                        Expr::Secret(_) => expr,
                        _ if secret => Expr::Secret(Arc::new(expr)),
                        _ => field.shape.marked_expr(expr),
                    };
                    map.insert(field.name.to_owned(), marked);
                }
            }
            Expr::Map(map)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;
    use crate::urn::Urn;

    const PLAIN: Field = Field {
        name: "kind",
        doc: "",
        rust_type: "",
        required: true,
        replaces: false,
        secret: false,
        secret_if: None,
        write_only: false,
        server_default: false,
        default: None,
        kind: Kind::Plain,
        moves: super::super::Moves::Never,
        steers: false,
        implies: None,
        shape: Shape::Plain,
        affects: &[],
    };
    const FIELDS: [Field; 2] =
        [PLAIN, Field { name: "value", secret_if: Some(("kind", "Sealed")), ..PLAIN }];

    fn is_secret(kind: Value) -> bool {
        let map = [("kind".to_owned(), kind), ("value".to_owned(), "v".into())].into();
        matches!(mark_inputs(&FIELDS, map)["value"], Value::Secret(_))
    }

    #[test]
    fn another_property_decides() {
        assert!(is_secret("Sealed".into()));
        assert!(is_secret(Value::secret("Sealed".into())));
        assert!(is_secret(Value::Unknown), "until it is known");
        assert!(!is_secret("Plain".into()));
        assert!(!is_secret(Value::Null));
    }

    #[test]
    fn another_output_decides() {
        let output = |name, secret_if| OutputField {
            name,
            doc: "",
            rust_type: "",
            secret: false,
            secret_if,
            from_input: false,
            once: false,
            shape: Shape::Plain,
        };
        let outputs = [output("kind", None), output("value", Some(("kind", "Sealed")))];
        for (kind, wanted) in [("Sealed", true), ("Plain", false)] {
            let map = [("kind".to_owned(), kind.into()), ("value".to_owned(), "v".into())].into();
            let marked = mark_outputs(&outputs, map);
            assert_eq!(matches!(marked["value"], Value::Secret(_)), wanted, "{kind}");
        }
    }

    #[test]
    fn what_is_written_down_is_marked_before_it_is_known() {
        let urn: Urn = "urn:fc:p:s::T::T:n".parse().unwrap();
        let output = || Expr::Get { urn: urn.clone(), field: "x".into() };
        let is_secret = |kind: Expr| {
            let map = [("kind".to_owned(), kind), ("value".to_owned(), output())].into();
            let Expr::Map(map) = mark_expr(&FIELDS, Expr::Map(map)) else { panic!("a map") };
            matches!(map["value"], Expr::Secret(_))
        };
        assert!(is_secret(Expr::Literal("Sealed".into())));
        assert!(is_secret(output()));
        assert!(!is_secret(Expr::Literal("Plain".into())));
    }
}
