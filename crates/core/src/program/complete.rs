//! [`Complete`]: what can be declared.

use crate::value::Input;

/// A resource or lookup with everything set that must be set: a builder, an input, a value.
///
/// Every `Into<Input<T>>` is one. Asking for this instead lets the compiler say what an
/// incomplete builder lacks, rather than which conversions there are.
#[diagnostic::on_unimplemented(
    message = "not a complete resource or lookup: a property that must be set is missing",
    label = "this is not complete",
    note = "`{Self}` names what is set; append `.build()` to read what is missing"
)]
pub trait Complete<T> {
    /// As an input.
    fn into_input(self) -> Input<T>;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<Input<T>>> Complete<T> for V {
    fn into_input(self) -> Input<T> {
        self.into()
    }
}
