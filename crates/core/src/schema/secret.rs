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

/// The properties with what is secret marked.
pub(crate) fn mark_inputs(fields: &[Field], mut map: PropertyMap) -> PropertyMap {
    for field in fields {
        if let Some(value) = map.get_mut(field.name) {
            *value = field.marked(std::mem::take(value));
        }
    }
    map
}

/// The outputs with what is secret marked.
pub(crate) fn mark_outputs(fields: &[OutputField], mut map: PropertyMap) -> PropertyMap {
    for field in fields {
        if let Some(value) = map.get_mut(field.name) {
            *value = field.marked(std::mem::take(value));
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
                if let Some(expr) = map.remove(field.name) {
                    let marked = match expr {
                        Expr::Secret(_) => expr,
                        _ if field.secret => Expr::Secret(Arc::new(expr)),
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
