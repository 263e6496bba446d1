//! [`Output`]: a value that exists once its resource does.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{EvalError, Expr, Input, Value, from_value, to_value};
use crate::urn::Urn;

/// A value that may be known only during the apply, such as an id that AWS hands out.
///
/// Using one as an input makes a dependency; there is nothing else to declare.
///
/// ```
/// use ferrocrete_core::{Input, Output};
/// let port = Output::of(8000);
/// let url: Output<String> = port.map(|p| format!("http://localhost:{p}"));
/// let input: Input<String> = (&url).into();
/// ```
pub struct Output<T> {
    pub(crate) expr: Expr,
    marker: PhantomData<fn() -> T>,
}

impl<T> Clone for Output<T> {
    fn clone(&self) -> Self {
        Self::from_expr(self.expr.clone())
    }
}

impl<T> std::fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Output({:?})", self.expr)
    }
}

impl<T> Output<T> {
    /// A typed view of an expression.
    pub fn from_expr(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }

    /// The expression behind this output.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The output `field` of the node `urn`; the derive macros call this.
    pub fn of_node(urn: &Urn, field: &str) -> Self {
        Self::from_expr(Expr::Get { urn: urn.clone(), field: field.into() })
    }

    /// Marks the value as secret: it is never shown, and state holds it encrypted.
    #[must_use]
    pub fn secret(&self) -> Self {
        Self::from_expr(Expr::Secret(Arc::new(self.expr.clone())))
    }

    /// Both values as a pair.
    pub fn zip<U>(&self, other: &Output<U>) -> Output<(T, U)> {
        Output::from_expr(Expr::List(vec![self.expr.clone(), other.expr.clone()]))
    }

    /// All values as one list.
    pub fn all<I>(items: impl IntoIterator<Item = I>) -> Output<Vec<T>>
    where
        I: Into<Input<T>>,
    {
        Output::from_expr(Expr::List(items.into_iter().map(|i| i.into().into_expr()).collect()))
    }
}

impl<T: Serialize> Output<T> {
    /// A value that is known already.
    ///
    /// # Panics
    /// When `T` cannot be written as JSON (a map with non-text keys).
    pub fn of(value: T) -> Self {
        Self::from_expr(Expr::Literal(to_value(&value).unwrap_or_else(|e| panic!("{e}"))))
    }
}

impl<T: DeserializeOwned + 'static> Output<T> {
    /// Computes another value from this one. The closure runs once the value is known, and
    /// runs again at every plan, so it must be pure. What comes from a secret is secret.
    pub fn map<U: Serialize + 'static>(
        &self,
        f: impl Fn(T) -> U + Send + Sync + 'static,
    ) -> Output<U> {
        self.apply(move |value| to_value(&f(value)))
    }

    /// Like [`Output::map`], for a closure that may refuse; the plan or the step then fails
    /// with its message.
    pub fn try_map<U: Serialize + 'static, E: std::fmt::Display>(
        &self,
        f: impl Fn(T) -> Result<U, E> + Send + Sync + 'static,
    ) -> Output<U> {
        self.apply(move |value| match f(value) {
            Ok(out) => to_value(&out),
            Err(e) => Err(EvalError::Refused(e.to_string())),
        })
    }

    fn apply<U>(
        &self,
        f: impl Fn(T) -> Result<Value, EvalError> + Send + Sync + 'static,
    ) -> Output<U> {
        let args: Arc<[Expr]> = Arc::new([self.expr.clone()]);
        Output::from_expr(Expr::Apply { args, f: Arc::new(move |args| f(from_value(&args[0])?)) })
    }
}

/// Joins the parts of [`crate::interpolate!`]; text stands between the values.
#[doc(hidden)]
pub fn join_text(parts: &'static [&'static str], args: Vec<Expr>) -> Output<String> {
    let named = |(at, arg): (usize, &Expr)| match arg {
        Expr::Get { urn, field } => format!("output `{field}` of `{}`", urn.short()),
        _ => format!("value {} of the text", at + 1),
    };
    let names: Vec<String> = args.iter().enumerate().map(named).collect();
    Output::from_expr(Expr::Apply {
        args: args.into(),
        f: Arc::new(move |args| {
            let mut out = String::from(parts[0]);
            for ((value, name), text) in args.iter().zip(&names).zip(&parts[1..]) {
                match value {
                    Value::String(s) => out.push_str(s),
                    Value::Null => return Err(EvalError::Absent { what: name.clone() }),
                    other => out.push_str(&other.redacted().to_string()),
                }
                out.push_str(text);
            }
            Ok(Value::String(out))
        }),
    })
}
