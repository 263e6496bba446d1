//! [`TextPart`]: what can stand in [`crate::interpolate!`].

use serde::Serialize;

use super::{Expr, Input, Output, Secret, Value};

/// A value that [`crate::interpolate!`] can put into text.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in `interpolate!`",
    note = "possible are outputs, inputs, secrets, text, whole numbers and booleans; turn others into text first"
)]
pub trait TextPart {
    /// The value as an expression.
    fn text_expr(&self) -> Expr;
}

impl<P: TextPart + ?Sized> TextPart for &P {
    fn text_expr(&self) -> Expr {
        (**self).text_expr()
    }
}

impl<T> TextPart for Output<T> {
    fn text_expr(&self) -> Expr {
        self.expr.clone()
    }
}

impl<T> TextPart for Input<T> {
    fn text_expr(&self) -> Expr {
        self.clone().into_expr()
    }
}

impl<T: Serialize> TextPart for Secret<T> {
    fn text_expr(&self) -> Expr {
        Input::from(self).into_expr()
    }
}

macro_rules! as_text {
    ($($ty:ty)*) => {$(
        impl TextPart for $ty {
            fn text_expr(&self) -> Expr {
                Expr::Literal(Value::String(self.to_string()))
            }
        }
    )*};
}

as_text!(str String char bool u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
