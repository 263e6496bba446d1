//! [`Exported`]: what can be an export.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::value::{Expr, Input, Output, Secret, Value};

/// A value that a stack can export: an output or a literal.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be exported",
    note = "possible are outputs, inputs, secrets, text, numbers, booleans, and lists and maps of these; for other values take `Output::of(value)`"
)]
pub trait Exported {
    /// As an expression.
    fn into_expr(self) -> Expr;
}

impl<T> Exported for Output<T> {
    fn into_expr(self) -> Expr {
        Input::from(self).into_expr()
    }
}

impl<T> Exported for &Output<T> {
    fn into_expr(self) -> Expr {
        Input::from(self).into_expr()
    }
}

impl<T> Exported for Input<T> {
    fn into_expr(self) -> Expr {
        Input::into_expr(self)
    }
}

impl<T> Exported for &Input<T> {
    fn into_expr(self) -> Expr {
        Input::into_expr(self.clone())
    }
}

impl<T: Serialize> Exported for Secret<T> {
    fn into_expr(self) -> Expr {
        Input::from(self).into_expr()
    }
}

impl<T: Serialize> Exported for &Secret<T> {
    fn into_expr(self) -> Expr {
        Input::from(self).into_expr()
    }
}

impl Exported for &str {
    fn into_expr(self) -> Expr {
        Expr::Literal(Value::from(self))
    }
}

impl Exported for &String {
    fn into_expr(self) -> Expr {
        self.as_str().into_expr()
    }
}

macro_rules! literal {
    ($($ty:ty)*) => {$(
        impl Exported for $ty {
            fn into_expr(self) -> Expr {
                Input::<$ty>::from(self).into_expr()
            }
        }
    )*};
}

literal!(String bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64);

impl<X: Exported> Exported for Vec<X> {
    fn into_expr(self) -> Expr {
        Expr::List(self.into_iter().map(X::into_expr).collect())
    }
}

impl<X: Exported, const N: usize> Exported for [X; N] {
    fn into_expr(self) -> Expr {
        Vec::from(self).into_expr()
    }
}

impl<X: Exported + Clone> Exported for &[X] {
    fn into_expr(self) -> Expr {
        self.to_vec().into_expr()
    }
}

impl<K: Into<String>, X: Exported> Exported for BTreeMap<K, X> {
    fn into_expr(self) -> Expr {
        Expr::Map(self.into_iter().map(|(k, x)| (k.into(), x.into_expr())).collect())
    }
}
