//! Nested properties to and from the SDK's types: ECS has dozens of them, and all are said with
//! one line per property.

use std::collections::{BTreeMap, HashMap};

/// The same thing as an SDK type.
pub(super) trait Sdk<S>: Sized {
    /// As the SDK says it.
    fn to_sdk(&self) -> S;
    /// As a program says it.
    fn from_sdk(sdk: &S) -> Self;
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Sdk<$type> for $type {
            fn to_sdk(&self) -> $type {
                self.clone()
            }
            fn from_sdk(sdk: &$type) -> Self {
                sdk.clone()
            }
        }
    )*};
}
plain!(String, i32, f64, bool);

impl<A: Sdk<B>, B> Sdk<Option<B>> for Option<A> {
    fn to_sdk(&self) -> Option<B> {
        self.as_ref().map(Sdk::to_sdk)
    }
    fn from_sdk(sdk: &Option<B>) -> Self {
        sdk.as_ref().map(Sdk::from_sdk)
    }
}

impl<A: Sdk<B>, B> Sdk<Vec<B>> for Vec<A> {
    fn to_sdk(&self) -> Vec<B> {
        self.iter().map(Sdk::to_sdk).collect()
    }
    fn from_sdk(sdk: &Vec<B>) -> Self {
        sdk.iter().map(Sdk::from_sdk).collect()
    }
}

impl Sdk<HashMap<String, String>> for BTreeMap<String, String> {
    fn to_sdk(&self) -> HashMap<String, String> {
        self.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }
    fn from_sdk(sdk: &HashMap<String, String>) -> Self {
        sdk.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }
}

/// Words of fixed lists, which programs write as text.
macro_rules! words {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::ecs::sdk::Sdk<$type> for String {
            fn to_sdk(&self) -> $type {
                self.as_str().into()
            }
            fn from_sdk(sdk: &$type) -> Self {
                sdk.as_str().to_owned()
            }
        }
    )*};
}
pub(super) use words;

/// [`Sdk`] of a struct, one line per property: `property setter_of_the_builder`, and a word where
/// the two sides do not have the same opinion about what may be left out:
/// `needed` (only here it must be set), `always` (on both sides), `zero` (the SDK has 0 or false
/// for what is not set). Another name on the SDK's side is given behind `=`.
macro_rules! sdk {
    ($ours:ident = $sdk:ty $([$finish:ident])?; $($field:ident $set:ident $(= $theirs:ident)? $($how:ident)?;)*) => {
        impl $crate::ecs::sdk::Sdk<$sdk> for $ours {
            fn to_sdk(&self) -> $sdk {
                let builder = <$sdk>::builder();
                $(let builder = builder.$set($crate::ecs::sdk::to!(self.$field $(, $how)?));)*
                let made = builder.build();
                $(let made = made.$finish("what the SDK asks for must be set here, too");)?
                made
            }
            fn from_sdk(sdk: &$sdk) -> Self {
                Self {
                    $($field: $crate::ecs::sdk::from!(
                        $crate::ecs::sdk::theirs!(sdk, $field $(, $theirs)?) $(, $how)?
                    ),)*
                }
            }
        }
    };
}
pub(super) use sdk;

macro_rules! theirs {
    ($sdk:ident, $field:ident) => {
        &$sdk.$field
    };
    ($sdk:ident, $field:ident, $theirs:ident) => {
        &$sdk.$theirs
    };
}
pub(super) use theirs;

macro_rules! to {
    ($field:expr, needed) => {
        Some($crate::ecs::sdk::Sdk::to_sdk(&$field))
    };
    ($field:expr, always) => {
        Some($crate::ecs::sdk::Sdk::to_sdk(&$field))
    };
    ($field:expr, zero) => {
        $field.clone()
    };
    ($field:expr) => {
        $crate::ecs::sdk::Sdk::to_sdk(&$field)
    };
}
pub(super) use to;

macro_rules! from {
    ($sdk:expr, needed) => {
        ($sdk).as_ref().map($crate::ecs::sdk::Sdk::from_sdk).unwrap_or_default()
    };
    ($sdk:expr, always) => {
        $crate::ecs::sdk::Sdk::from_sdk($sdk)
    };
    ($sdk:expr, zero) => {
        Some(($sdk).clone())
    };
    ($sdk:expr) => {
        $crate::ecs::sdk::Sdk::from_sdk($sdk)
    };
}
pub(super) use from;
