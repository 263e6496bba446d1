//! Expressions: how a property is computed from literals and other resources' outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::Value;
use crate::urn::Urn;

/// Why an expression has no value.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum EvalError {
    /// A part is known only after the apply.
    #[error("the value is not known before the apply")]
    Unknown,
    /// A value does not have the shape that the type asks for.
    #[error("a value does not fit {type_name}: {why}")]
    Convert {
        /// The Rust type.
        type_name: &'static str,
        /// What serde said; hidden when the value is secret.
        why: String,
    },
    /// A closure given to `try_map` refused.
    #[error("{0}")]
    Refused(String),
}

/// Where an expression finds the outputs of other nodes.
pub trait Scope {
    /// The output `field` of `urn`: a value, or [`Value::Unknown`].
    fn output(&self, urn: &Urn, field: &str) -> Value;
}

/// A scope in which nothing is known: literals only.
pub(crate) struct NoOutputs;

impl Scope for NoOutputs {
    fn output(&self, _: &Urn, _: &str) -> Value {
        Value::Unknown
    }
}

type Apply = dyn Fn(&[Value]) -> Result<Value, EvalError> + Send + Sync;

/// An untyped expression; [`super::Input`] and [`super::Output`] are typed views of one.
#[derive(Clone)]
pub enum Expr {
    /// A value given in the program.
    Literal(Value),
    /// An output of another node.
    Get {
        /// Whose output.
        urn: Urn,
        /// Name of the output.
        field: Arc<str>,
    },
    /// A list whose items are expressions.
    List(Vec<Expr>),
    /// A map whose values are expressions; absent entries are left out.
    Map(BTreeMap<String, Expr>),
    /// A function of other expressions, run once all of them are known.
    Apply {
        /// Its arguments.
        args: Arc<[Expr]>,
        /// The function; it sees revealed values.
        f: Arc<Apply>,
    },
    /// Marks the inner value as secret.
    Secret(Arc<Expr>),
}

impl Expr {
    /// Computes the value: unknown where an argument is unknown, secret where one is secret.
    ///
    /// # Errors
    /// [`EvalError`] when a closure refuses or a value has the wrong shape.
    pub fn eval(&self, scope: &dyn Scope) -> Result<Value, EvalError> {
        Ok(match self {
            Expr::Literal(value) => value.clone(),
            Expr::Get { urn, field } => scope.output(urn, field),
            Expr::List(items) => {
                Value::List(items.iter().map(|e| e.eval(scope)).collect::<Result<_, _>>()?)
            }
            Expr::Map(map) => {
                let mut out = BTreeMap::new();
                for (key, expr) in map {
                    let value = expr.eval(scope)?;
                    if !value.is_null() {
                        out.insert(key.clone(), value);
                    }
                }
                Value::Map(out)
            }
            Expr::Apply { args, f } => {
                let args = args.iter().map(|e| e.eval(scope)).collect::<Result<Vec<_>, _>>()?;
                let secret = args.iter().any(Value::has_secret);
                let value = if args.iter().any(Value::has_unknown) {
                    Value::Unknown
                } else {
                    f(&args.iter().map(Value::reveal).collect::<Vec<_>>()).map_err(|e| match e {
                        EvalError::Refused(_) if secret => EvalError::Refused(
                            "a value computed from a secret was refused (details hidden)".into(),
                        ),
                        other => other,
                    })?
                };
                if secret { Value::secret(value) } else { value }
            }
            Expr::Secret(inner) => Value::secret(inner.eval(scope)?),
        })
    }

    /// Adds every output that this expression reads to `into`.
    pub(crate) fn reads(&self, into: &mut BTreeSet<(Urn, Arc<str>)>) {
        match self {
            Expr::Literal(_) => {}
            Expr::Get { urn, field } => {
                into.insert((urn.clone(), field.clone()));
            }
            Expr::List(items) => items.iter().for_each(|e| e.reads(into)),
            Expr::Map(map) => map.values().for_each(|e| e.reads(into)),
            Expr::Apply { args, .. } => args.iter().for_each(|e| e.reads(into)),
            Expr::Secret(inner) => inner.reads(into),
        }
    }

    /// Adds every node that this expression reads to `into`.
    pub fn dependencies(&self, into: &mut BTreeSet<Urn>) {
        match self {
            Expr::Literal(_) => {}
            Expr::Get { urn, .. } => {
                into.insert(urn.clone());
            }
            Expr::List(items) => items.iter().for_each(|e| e.dependencies(into)),
            Expr::Map(map) => map.values().for_each(|e| e.dependencies(into)),
            Expr::Apply { args, .. } => args.iter().for_each(|e| e.dependencies(into)),
            Expr::Secret(inner) => inner.dependencies(into),
        }
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Literal(v) => write!(f, "{v}"),
            Expr::Get { urn, field } => write!(f, "{}.{field}", urn.short()),
            Expr::List(items) => f.debug_list().entries(items).finish(),
            Expr::Map(map) => f.debug_map().entries(map).finish(),
            Expr::Apply { args, .. } => f.debug_tuple("apply").field(args).finish(),
            Expr::Secret(_) => f.write_str("[secret]"),
        }
    }
}
