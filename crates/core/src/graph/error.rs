//! [`GraphError`].

use crate::urn::{Urn, UrnError};

/// What is impossible about a program's declarations.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphError {
    /// Two declarations with one urn.
    #[error(
        "`{}` ({}) is declared twice\n  what to do: give one of them another name, or put them into different components",
        .urn.short(), .urn.type_name()
    )]
    Duplicate {
        /// The urn.
        urn: Urn,
    },
    /// Two components of different types with one name in one place.
    #[error(
        "two components are called `{}`, a {} and a {}, so what is in one could not be told from what is in the other\n  what to do: give one of them another name",
        .urns[0].short(), .urns[0].type_name(), .urns[1].type_name()
    )]
    SharedPlace {
        /// The components.
        urns: [Urn; 2],
    },
    /// Two exports with one name.
    #[error("export `{name}` is declared twice\n  what to do: give one of them another name")]
    DuplicateExport {
        /// The name.
        name: String,
    },
    /// A stack that reads exports of its own.
    #[error(
        "stack reference `{stack}` is this stack itself\n  what to do: use the value that is exported, or name another stack"
    )]
    OwnReference {
        /// As the program names it.
        stack: String,
    },
    /// An alias that is another declared resource.
    #[error(
        "`{}` has the alias `{}`, but that is declared, too, so both would be one\n  what to do: remove the alias, or what is declared there", .urn.short(), .alias.short()
    )]
    AliasDeclared {
        /// Who has the alias.
        urn: Urn,
        /// The alias.
        alias: Urn,
    },
    /// Two resources with one alias.
    #[error(
        "`{}` and `{}` both have the alias `{}`, but only one can have been that\n  what to do: remove the alias from one of them", .urns[0].short(), .urns[1].short(), .alias.short()
    )]
    AliasTwice {
        /// Who has it.
        urns: [Urn; 2],
        /// The alias.
        alias: Urn,
    },
    /// An alias of something that a component does not declare.
    #[error(
        "`{}` is given an alias of `{path}`, but declares nothing of that name\n  what to do: name what is in it by its path there, such as `vpc` or `zone-a/public`", .component.short()
    )]
    NotInside {
        /// The component.
        component: Urn,
        /// Path and name.
        path: String,
    },
    /// An alias in another stack.
    #[error(
        "`{}` has the alias {alias}, which is in another stack: what one stack's state records, no other takes over\n  what to do: use an alias of this stack", .urn.short()
    )]
    ForeignAlias {
        /// Who has the alias.
        urn: Urn,
        /// The alias.
        alias: Urn,
    },
    /// A name with characters that are not allowed.
    #[error(transparent)]
    Name(#[from] UrnError),
    /// Nodes that wait for each other.
    #[error(
        "these wait for each other, so none can be first:\n  {}\n  what to do: remove one of the dependencies; between security groups, make the rules resources of their own",
        .cycle.iter().chain(.cycle.first()).map(Urn::short).collect::<Vec<_>>().join("\n  -> ")
    )]
    Cycle {
        /// The cycle; each waits for the next, the last for the first.
        cycle: Vec<Urn>,
    },
    /// A dependency on something that is not declared.
    #[error("`{}` depends on `{}`, which is not declared in this program", .from.short(), .to.short())]
    Dangling {
        /// Who depends.
        from: Urn,
        /// On what.
        to: Urn,
    },
    /// A type that the registry does not know.
    #[error(
        "`{}` has type {type_name}, which is not in the registry\n  what to do: enable the cargo feature of its service, or register the type",
        .urn.short()
    )]
    UnknownType {
        /// Whose type.
        urn: Urn,
        /// The type.
        type_name: String,
    },
    /// An option names a property that the type does not have.
    #[error("option `{option}` of `{}` names `{property}`, but {} has no such property; it has: {known}", .urn.short(), .urn.type_name())]
    UnknownProperty {
        /// Whose option.
        urn: Urn,
        /// Which option.
        option: &'static str,
        /// The wrong name.
        property: String,
        /// The right names.
        known: String,
    },
    /// An option names a part of a property that there is not.
    #[error("option `{option}` of `{}` names `{path}`, but {why}", .urn.short())]
    BadPath {
        /// Whose option.
        urn: Urn,
        /// Which option.
        option: &'static str,
        /// The path.
        path: String,
        /// Why it names nothing.
        why: String,
    },
    /// A component cannot be made from what it was given.
    #[error("{at}: {why}")]
    Refused {
        /// Which component.
        at: String,
        /// Why, and what to do.
        why: String,
    },
    /// Several of the above.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<GraphError>),
}
