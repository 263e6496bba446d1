//! [`Input`]: what a property is set to, a literal or an output.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;

use super::{Expr, Output, Secret, Value, to_value};

/// The value of a property: a literal, another resource's [`Output`], or a mix of both.
///
/// Setters take `impl Into<Input<T>>`, so `"text"`, `42`, `&other.id` and, for lists,
/// `[&a.id, &b.id]` all work without ceremony.
pub struct Input<T> {
    expr: Expr,
    marker: PhantomData<fn() -> T>,
}

impl<T> Clone for Input<T> {
    fn clone(&self) -> Self {
        Self::from_expr(self.expr.clone())
    }
}

impl<T> std::fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Input({:?})", self.expr)
    }
}

impl<T> Input<T> {
    /// A typed view of an expression.
    pub fn from_expr(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }

    /// The expression behind this input.
    pub fn into_expr(self) -> Expr {
        self.expr
    }

    /// The same value as an output, to `map` or combine.
    pub fn to_output(&self) -> Output<T> {
        Output::from_expr(self.expr.clone())
    }
}

impl<T: Serialize> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Output::of(value).into()
    }
}

impl<T> From<Output<T>> for Input<T> {
    fn from(output: Output<T>) -> Self {
        Self::from_expr(output.expr)
    }
}

impl<T> From<&Output<T>> for Input<T> {
    fn from(output: &Output<T>) -> Self {
        Self::from_expr(output.expr.clone())
    }
}

impl<T> From<&Input<T>> for Input<T> {
    fn from(input: &Input<T>) -> Self {
        input.clone()
    }
}

impl From<&str> for Input<String> {
    fn from(text: &str) -> Self {
        Self::from_expr(Expr::Literal(Value::from(text)))
    }
}

impl From<&String> for Input<String> {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl<T: Serialize> From<Secret<T>> for Input<T> {
    fn from(secret: Secret<T>) -> Self {
        (&secret).into()
    }
}

impl<T: Serialize> From<&Secret<T>> for Input<T> {
    fn from(secret: &Secret<T>) -> Self {
        let value = to_value(secret.expose()).unwrap_or_else(|e| panic!("{e}"));
        Self::from_expr(Expr::Literal(Value::secret(value)))
    }
}

impl<T, X: Into<Input<T>>, const N: usize> From<[X; N]> for Input<Vec<T>> {
    fn from(items: [X; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T, X: Into<Input<T>> + Clone> From<&[X]> for Input<Vec<T>> {
    fn from(items: &[X]) -> Self {
        items.iter().cloned().collect()
    }
}

impl<T, X: Into<Input<T>>> FromIterator<X> for Input<Vec<T>> {
    fn from_iter<I: IntoIterator<Item = X>>(items: I) -> Self {
        Self::from_expr(Expr::List(items.into_iter().map(|i| i.into().into_expr()).collect()))
    }
}

impl<T, K: Into<String>, X: Into<Input<T>>, const N: usize> From<[(K, X); N]>
    for Input<BTreeMap<String, T>>
{
    fn from(items: [(K, X); N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T, K: Into<String>, X: Into<Input<T>>> FromIterator<(K, X)> for Input<BTreeMap<String, T>> {
    fn from_iter<I: IntoIterator<Item = (K, X)>>(items: I) -> Self {
        Self::from_expr(Expr::Map(
            items.into_iter().map(|(k, v)| (k.into(), v.into().into_expr())).collect(),
        ))
    }
}
