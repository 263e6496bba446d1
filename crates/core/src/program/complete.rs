//! [`Complete`]: what can be declared.

use crate::value::Input;

/// A resource or lookup with everything set that must be set: a builder, an input, a value.
///
/// The derives implement it for their builders and nothing implements it for all types: with
/// one candidate only, the compiler goes on to say which property the builder lacks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a resource nor a lookup",
    label = "this cannot be declared",
    note = "possible are builders, such as `Vpc::builder()`, and inputs"
)]
pub trait Complete<T> {
    /// As an input.
    fn into_input(self) -> Input<T>;
}

impl<T> Complete<T> for Input<T> {
    fn into_input(self) -> Input<T> {
        self
    }
}

impl<T> Complete<T> for &Input<T> {
    fn into_input(self) -> Input<T> {
        self.clone()
    }
}
