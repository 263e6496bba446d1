//! [`PlanError`].

use std::collections::BTreeSet;

use crate::schema::Finding;
use crate::urn::Urn;
use crate::value::{EvalError, Secrets};

/// A stack that reads exports which would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillRead {
    /// Project and stack.
    pub stack: String,
    /// The exports.
    pub exports: BTreeSet<String>,
    /// Why nobody knows which it reads, when its state cannot be read.
    pub unreadable: Option<String>,
}

/// Why no plan can be made.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// The plan would delete or replace protected resources.
    #[error(
        "these are protected, but would be deleted or replaced:\n  {}\n  what to do: undo the change that causes it, or remove `protect` from them and run `up` first",
        .urns.iter().map(|(urn, why)| format!("`{}` ({why})", urn.short())).collect::<Vec<_>>().join("\n  ")
    )]
    Protected {
        /// Which, and why they would go.
        urns: Vec<(Urn, String)>,
    },
    /// The plan was made from another state than there is now.
    #[error(
        "the plan was made from state {}.{} of stack `{stack}`, which is now at {}.{}\n  what to do: make the plan again",
        .made_from.0, .made_from.1, .now.0, .now.1
    )]
    Stale {
        /// Of which stack the plan is.
        stack: String,
        /// Serial and sequence of the state that it was made from.
        made_from: (u64, u64),
        /// Those of the state that there is now.
        now: (u64, u64),
    },
    /// The plan is of another stack than the one that is open.
    #[error(
        "the plan is of stack `{planned}`, but `{open}` is open\n  what to do: apply it to the stack that it was made for"
    )]
    OtherStack {
        /// Project and stack that the plan is of.
        planned: String,
        /// Project and stack that are open.
        open: String,
    },
    /// Exports would go that other stacks read.
    #[error("{}", still_read(.stack, *.destroy, .readers))]
    Read {
        /// Project and stack that has the exports.
        stack: String,
        /// Whether the whole stack would go.
        destroy: bool,
        /// Who reads them.
        readers: Vec<StillRead>,
    },
    /// AWS would refuse values that are known.
    #[error("{}", refused(.findings))]
    Refused {
        /// Whose, and what is wrong.
        findings: Vec<(Urn, Finding)>,
    },
    /// Two resources are declared that cannot both exist.
    #[error(
        "`{}` and `{}` ({}) have the same {}, {}\n  what to do: {}",
        .urns[0].short(), .urns[1].short(), .urns[0].type_name(), quoted(.properties),
        if *.identity { "so in AWS they are one thing" } else { "which only one can have" },
        if *.identity { "declare it once" } else { "give them different ones" }
    )]
    OnlyOne {
        /// Which.
        urns: [Urn; 2],
        /// What they have in common.
        properties: Vec<String>,
        /// Whether they are one thing in AWS.
        identity: bool,
    },
    /// Two resources are declared that can both exist only if they agree on something.
    #[error(
        "`{}` and `{}` ({}) have the same {}, but not the same {}, which AWS refuses\n  what to do: give both the same {}",
        .urns[0].short(), .urns[1].short(), .urns[0].type_name(), quoted(.properties), .on, .on
    )]
    Disagree {
        /// Which.
        urns: [Urn; 2],
        /// What they have in common.
        properties: Vec<String>,
        /// What they have to agree on, in words.
        on: String,
    },
    /// A replacement has to delete first what AWS does not delete while others use it.
    #[error(
        "`{}` ({}) would have to be deleted before its replacement is created{}, but AWS refuses that while it is in use by {}\n  what to do: {}",
        .urn.short(), .urn.type_name(), because_of(.properties),
        .users.iter().map(|u| format!("`{}`", u.short())).collect::<Vec<_>>().join(", "),
        way_out(.properties)
    )]
    HeldByUsers {
        /// What is replaced.
        urn: Urn,
        /// What old and new both have.
        properties: Vec<String>,
        /// Who uses it, and is updated at most.
        users: Vec<Urn>,
    },
    /// An input cannot be computed.
    #[error("`{}`: {}{source}", .urn.short(), of_property(.property))]
    Eval {
        /// Whose input.
        urn: Urn,
        /// Which one, where it is one.
        property: Option<String>,
        /// Why.
        source: EvalError,
    },
    /// An export cannot be computed.
    #[error("export `{name}`: {source}")]
    Export {
        /// Which.
        name: String,
        /// Why.
        source: EvalError,
    },
    /// A property is missing or has the wrong shape.
    #[error("`{}` ({}): {why}", .urn.short(), .urn.type_name())]
    BadProperty {
        /// Whose.
        urn: Urn,
        /// What is wrong.
        why: String,
    },
    /// State has a resource under several of its names.
    #[error(
        "state has both `{}` and `{}`, but by its aliases both are `{}`, which can be only one of them\n  what to do: remove the alias that is not meant; `up` then deletes what is there, unless it is declared, too",
        .places[0].short(), .places[1].short(), .urn.short()
    )]
    SeveralPlaces {
        /// Whose aliases.
        urn: Urn,
        /// What state has.
        places: [Urn; 2],
    },
    /// A type that the registry does not know is declared.
    #[error(
        "`{}` is of type {}, which is not in the registry\n  what to do: enable the cargo feature of its service, or register the type",
        .urn.short(), .urn.type_name()
    )]
    UnknownType {
        /// Which.
        urn: Urn,
    },
    /// State holds resources of types that the registry does not know, so that nothing can be said
    /// or done about them.
    #[error(
        "this program does not know the types of what state holds: {}\n  what to do: enable the cargo feature of their service, or register the types again; `state forget NAME` removes the record of what you will look after by yourself, and leaves the resource where it is",
        .urns.iter().map(|urn| format!("`{}` ({})", urn.short(), urn.type_name())).collect::<Vec<_>>().join(", ")
    )]
    UnknownRecords {
        /// Which.
        urns: Vec<Urn>,
    },
}

fn still_read(stack: &str, destroy: bool, readers: &[StillRead]) -> String {
    let mut text = match destroy {
        true => format!("stack `{stack}` would be destroyed, but other stacks read its exports:"),
        false => format!(
            "exports of stack `{stack}` are declared no longer, but other stacks read them:"
        ),
    };
    for StillRead { stack, exports, unreadable } in readers {
        text += &match unreadable {
            None => {
                let exports: Vec<String> = exports.iter().map(|e| format!("`{e}`")).collect();
                format!("\n  `{stack}` reads {}", exports.join(", "))
            }
            Some(why) => format!("\n  `{stack}` may read them, but its state is unreadable: {why}"),
        };
    }
    text + match destroy {
        true => {
            "\n  what to do: destroy those stacks first, or change their programs so that they read \
             nothing from here and run `up` for them; `--force` destroys it all the same"
        }
        false => {
            "\n  what to do: declare the exports again, or change those programs so that they do \
             not read them and run `up` for them first; `--force` removes them all the same"
        }
    }
}

fn refused(findings: &[(Urn, Finding)]) -> String {
    let each = findings.iter().map(|(urn, found)| {
        let (short, of) = (urn.short(), urn.type_name());
        format!("  `{short}` ({of}), `{}`: {}", found.property, found.why)
    });
    format!(
        "AWS would refuse this:\n{}\n  what to do: correct it; where AWS takes a value that this version does not know yet, give the resource the option `unchecked`",
        each.collect::<Vec<_>>().join("\n")
    )
}

impl PlanError {
    /// Without the secrets that its words may quote.
    pub(crate) fn scrubbed(self, secrets: &Secrets) -> Self {
        match self {
            PlanError::Protected { urns } => {
                let one = |(urn, why): (Urn, String)| (urn, secrets.scrub(&why));
                PlanError::Protected { urns: urns.into_iter().map(one).collect() }
            }
            PlanError::Eval { urn, property, source } => {
                PlanError::Eval { urn, property, source: source.scrubbed(secrets) }
            }
            PlanError::Export { name, source } => {
                PlanError::Export { name, source: source.scrubbed(secrets) }
            }
            PlanError::BadProperty { urn, why } => {
                PlanError::BadProperty { urn, why: secrets.scrub(&why) }
            }
            PlanError::Refused { findings } => {
                let one = |(urn, found): (Urn, Finding)| {
                    (urn, Finding { why: secrets.scrub(&found.why), ..found })
                };
                PlanError::Refused { findings: findings.into_iter().map(one).collect() }
            }
            other => other,
        }
    }
}

fn of_property(property: &Option<String>) -> String {
    property.as_ref().map(|name| format!("property `{name}`: ")).unwrap_or_default()
}

fn quoted(properties: &[String]) -> String {
    properties.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(" and ")
}

fn because_of(properties: &[String]) -> String {
    match properties {
        [] => String::new(),
        some => format!(", because both have the same {}", quoted(some)),
    }
}

fn way_out(properties: &[String]) -> String {
    match properties {
        [] => "leave out `delete_before_replace`, or let its users go first".to_owned(),
        some => format!(
            "change {} in the same edit, or leave it out so that a name is derived; or let its users go first",
            quoted(some)
        ),
    }
}
