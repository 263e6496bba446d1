//! [`Component`]: a named group of resources with outputs of its own.

use super::stack::Stack;

/// A group of resources that is used like one.
///
/// Resources declared through `scope` are named below the component and inherit its
/// options `provider`, `protect`, `retain_on_delete` and `depends_on`.
pub trait Component {
    /// Type name, such as `shop:Network`.
    const TYPE: &'static str;
    /// What users of the component see, usually a struct of [`crate::Output`]s.
    type Outputs;
    /// Declares the resources.
    fn build(self, scope: &Stack) -> Self::Outputs;
}
