//! [`Shape`]: where other properties are nested in a property's value.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;

use super::Field;

/// What the value of a property is made of, as far as properties are nested in it.
#[derive(Clone, Copy, Default)]
pub enum Shape {
    /// Nothing that has properties of its own.
    #[default]
    Plain,
    /// A struct with these properties; a function, because a struct may contain itself.
    Struct(fn() -> &'static [Field]),
    /// A list of such values.
    List(&'static Shape),
    /// A map from names to such values.
    Map(&'static Shape),
}

/// Deeper structs are taken to hold nothing more: one that contains itself never ends.
const DEPTH: usize = 8;

impl Shape {
    /// Whether a property somewhere inside is like this.
    pub(crate) fn holds(self, like: fn(&Field) -> bool) -> bool {
        fn within(shape: Shape, like: fn(&Field) -> bool, depth: usize) -> bool {
            match shape {
                Shape::Plain => false,
                Shape::List(of) | Shape::Map(of) => within(*of, like, depth),
                Shape::Struct(fields) => {
                    depth > 0
                        && fields().iter().any(|f| like(f) || within(f.shape, like, depth - 1))
                }
            }
        }
        within(self, like, DEPTH)
    }
}

/// Structs are told apart by the names of their properties, one level deep.
impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Shape::Plain, Shape::Plain) => true,
            (Shape::List(a), Shape::List(b)) | (Shape::Map(a), Shape::Map(b)) => a == b,
            (Shape::Struct(a), Shape::Struct(b)) => {
                a().iter().map(|f| f.name).eq(b().iter().map(|f| f.name))
            }
            _ => false,
        }
    }
}

impl Eq for Shape {}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Plain => f.write_str("Plain"),
            Shape::List(of) => f.debug_tuple("List").field(of).finish(),
            Shape::Map(of) => f.debug_tuple("Map").field(of).finish(),
            Shape::Struct(fields) => {
                f.debug_set().entries(fields().iter().map(|f| f.name)).finish()
            }
        }
    }
}

/// Types in which properties are nested; the derive macros implement it for structs.
#[doc(hidden)]
pub trait HasShape {
    /// Where.
    const SHAPE: Shape;
}

impl<T: HasShape> HasShape for Option<T> {
    const SHAPE: Shape = T::SHAPE;
}

impl<T: HasShape> HasShape for Box<T> {
    const SHAPE: Shape = T::SHAPE;
}

impl<T: HasShape> HasShape for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: HasShape, const N: usize> HasShape for [T; N] {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: HasShape> HasShape for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);
}

impl<T: HasShape, S> HasShape for HashMap<String, T, S> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);
}

/// `ShapeOf::<T>::SHAPE` is `T`'s shape, or with [`NoShape`] in scope `Plain` when `T` has
/// none: an inherent constant wins over a trait's where its bounds hold.
#[doc(hidden)]
pub struct ShapeOf<T>(PhantomData<T>);

impl<T: HasShape> ShapeOf<T> {
    /// Where properties are nested in a `T`.
    pub const SHAPE: Shape = T::SHAPE;
}

/// See [`ShapeOf`].
#[doc(hidden)]
pub trait NoShape {
    /// Nothing is nested.
    const SHAPE: Shape = Shape::Plain;
}

impl<T> NoShape for ShapeOf<T> {}
