//! What the engine knows about a resource type: its properties and how they behave.

mod answer;
mod check;
mod claim;
mod limit;
mod secret;
mod shape;

pub use answer::Code;
pub use check::{Finding, Known};
pub(crate) use check::{Sources, check};
pub use claim::{Claim, Share};
pub(crate) use claim::{claims, conflict};
pub use limit::{Limit, Limits, Pattern};
pub(crate) use secret::{mark_expr, mark_inputs, mark_outputs};
pub use shape::Shape;
#[doc(hidden)]
pub use shape::{HasShape, NoShape, ShapeOf};

use crate::value::{PropertyMap, Value};

/// How the values of a property compare and where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Compared as it is; lists in order, maps and structs only where declared.
    #[default]
    Plain,
    /// A list whose order and repetitions mean nothing.
    Set,
    /// A list of things with names: members belong together by the value of this property, and
    /// their order means nothing.
    By(&'static str),
    /// A map of which AWS drops the entries that are empty texts.
    DropsEmpty,
    /// A JSON document in a string, compared as JSON: the order of texts in a list means nothing,
    /// and one text is a list of one.
    Json,
    /// A JSON document in a string, compared as JSON: the order of lists counts.
    OrderedJson,
    /// A JSON document in a string that AWS completes: only what is declared in it is compared.
    PartialJson,
    /// A policy document of IAM or of a resource in a string, compared by what it means.
    Policy,
    /// Text with other spellings of some values: (spelling, what it means). Compared without regard
    /// to case.
    Aliases(&'static [(&'static str, &'static str)]),
    /// Text compared without regard to case.
    CaseInsensitive,
    /// A domain name, compared without regard to case and to a final dot; of a list, the order means
    /// nothing.
    DnsName,
    /// A block of IP addresses in CIDR notation, compared as the network that it is; of a list, the
    /// order means nothing.
    Cidr,
    /// Text, or a list of texts whose order means nothing; of these, blocks of IP addresses are
    /// compared as the networks that they are.
    MaybeCidr,
    /// A public key for SSH, compared by its type and key material; a comment and white space mean
    /// nothing.
    PublicKey,
    /// Tags: default and ownership tags are merged in; foreign tags are left alone.
    Tags,
    /// The physical name: derived from urn and generation unless the program sets one.
    Name(NameRule),
}

/// How AWS may move a value by itself after it was set. What has moved is neither drift nor moved
/// back; an update that is about something else is told AWS's value as the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Moves {
    /// Not at all.
    #[default]
    Never,
    /// A version, to later ones of the same major version: `16.4` and `16` are satisfied by
    /// `16.6`. AWS takes no version back.
    Version,
    /// A number, upwards: 20 is satisfied by 40. AWS takes nothing back, so a program that declares
    /// less than before, and less than there is, is refused in the plan.
    Up,
    /// Anywhere: where the program declares what was last applied, the value is not compared. Such
    /// a property goes with the create call itself.
    Anywhere,
    /// The same where the program has something that steers this resource ([`Field::steers`]),
    /// such as a scaling policy or a deployment.
    Steered,
}

/// How a derived physical name must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameRule {
    /// Most characters AWS accepts.
    pub max: usize,
    /// Whether names are in small letters: capitals are refused, or written as small ones.
    pub lowercase: bool,
    /// Characters allowed besides letters and digits, such as `-_`; others become `-`.
    pub extra: &'static str,
}

/// A documented default ([`Field::default`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'static str),
}

impl Given {
    /// As a property's value.
    pub fn value(self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Text(value) => Value::String(value.to_owned()),
        }
    }
}

/// One input property, of a resource, a lookup or a nested struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name: CloudFormation's noun in SDK snake_case.
    pub name: &'static str,
    /// Its documentation, first line first.
    pub doc: &'static str,
    /// Its Rust type, without the `Option` of one that may be left out.
    pub rust_type: &'static str,
    /// Whether it must be set.
    pub required: bool,
    /// A change replaces the resource.
    pub replaces: bool,
    /// Its value is secret whatever the program gives.
    pub secret: bool,
    /// Its value is secret where another property of the same struct has this value: (name, value).
    pub secret_if: Option<(&'static str, &'static str)>,
    /// AWS never returns it, so live state says nothing about it.
    pub write_only: bool,
    /// AWS fills it in when not declared; un-declaring it changes nothing.
    pub server_default: bool,
    /// What it is in AWS where nothing is declared: taking it out of the program sets this again,
    /// and another value is drift.
    pub default: Option<Given>,
    /// How values compare.
    pub kind: Kind,
    /// How AWS may move the value by itself.
    pub moves: Moves,
    /// On this resource's behalf, AWS moves what is marked [`Moves::Steered`] in the resource
    /// whose output stands here.
    pub steers: bool,
    /// A property of the resource whose output stands here, and the value that it has where the
    /// program declares none for it: declaring this resource says so.
    pub implies: Option<(&'static str, Given)>,
    /// Where other properties are nested in its value.
    pub shape: Shape,
    /// Outputs that a change of this property may change.
    pub affects: &'static [&'static str],
}

/// One output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputField {
    /// Its name.
    pub name: &'static str,
    /// Its documentation, first line first.
    pub doc: &'static str,
    /// Its Rust type.
    pub rust_type: &'static str,
    /// Its value is secret.
    pub secret: bool,
    /// Its value is secret where another output has this value: (name, value).
    pub secret_if: Option<(&'static str, &'static str)>,
    /// Equals the input of this name, so that a plan knows it before the create.
    pub from_input: bool,
    /// The cloud tells it only when the resource is made, and never again.
    pub once: bool,
    /// Where properties are nested in its value; of those, only `secret` counts.
    pub shape: Shape,
}

/// A resource that another one names in plain text, instead of using its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its type.
    pub type_name: &'static str,
    /// The property of it that is named.
    pub property: &'static str,
    /// The name.
    pub value: String,
}

/// A resource type as the engine sees it; `#[derive(Resource)]` writes it.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// CloudFormation's type name, such as `AWS::EC2::Subnet`.
    pub type_name: &'static str,
    /// The struct's name in Rust.
    pub rust_name: &'static str,
    /// Documentation of the type.
    pub doc: &'static str,
    /// Input properties in order of declaration.
    pub fields: &'static [Field],
    /// Outputs in order of declaration.
    pub outputs: &'static [OutputField],
    /// A replacement deletes first, because old and new cannot exist side by side.
    pub delete_before_replace: bool,
    /// AWS takes an update at any time: one is not put off until what AWS works on is ready, and
    /// what failed is updated, not replaced.
    pub update_anytime: bool,
    /// Properties whose values together are what AWS knows this resource by: another resource of
    /// the type with the same values is the same thing in AWS. Empty where AWS makes an id.
    pub identity: &'static [&'static str],
    /// Groups of properties whose values together only one resource at a time may have.
    pub unique: &'static [&'static [&'static str]],
    /// What else only one resource at a time may have or be, where `unique` and `identity` cannot
    /// say it.
    pub claims: Option<fn(&PropertyMap) -> Vec<Claim>>,
    /// What AWS would refuse of known values, beyond what each value says by itself.
    pub check: Option<fn(Known<'_>) -> Vec<Finding>>,
    /// Resources that it names in plain text, such as the alarms in the rule of another alarm.
    pub mentions: Option<fn(Known<'_>) -> Vec<Mention>>,
    /// Identity and unique values count in all regions of an account together.
    pub global: bool,
    /// AWS takes changes of several resources of this type at once, and the type sends together
    /// what falls together: an exchange of unique values is one call.
    pub together: bool,
    /// AWS refuses to delete it while another resource uses it, also one that is about to be
    /// updated: then it cannot be deleted before its replacement is there.
    pub held_by_users: bool,
    /// The property that holds the id of the resource with which AWS deletes this one,
    /// so that no call is needed when both go.
    pub deleted_with: Option<&'static str>,
    /// Answers to creates and updates that mean "something made or changed moments ago is not
    /// visible yet"; retried while it, or what it is made from, is young.
    pub eventual_codes: &'static [Code],
    /// Answers that always mean "in a moment", whatever is young: AWS makes something by itself
    /// at first use, such as a service-linked role; retried for five minutes.
    pub passing_codes: &'static [Code],
    /// Answers to deletes, creates and updates that mean "something is still going on": a
    /// dependent or what had the name is still going away, or AWS carries out another change;
    /// retried as long as [`Schema::busy_for`] says.
    pub busy_codes: &'static [Code],
    /// How long `busy_codes` are borne, in seconds; a timeout that the program sets wins.
    /// Default: 300.
    pub busy_for: u64,
    /// AWS keeps the names of what was deleted for a while: what comes back gets another name.
    pub name_lingers: bool,
    /// How long AWS may go on showing a resource as ready after it accepted an update, in
    /// seconds. Default: 0.
    pub settles: u64,
    /// IAM actions per operation, for documentation: ("create", &["ec2:CreateVpc"]).
    pub iam: &'static [(&'static str, &'static [&'static str])],
    /// Documentation page, where it is not the one that the type name tells.
    pub link: &'static str,
}

impl Schema {
    /// A type without properties and without anything that is special about it.
    pub const PLAIN: Schema = Schema {
        type_name: "",
        rust_name: "",
        doc: "",
        fields: &[],
        outputs: &[],
        delete_before_replace: false,
        update_anytime: false,
        identity: &[],
        unique: &[],
        claims: None,
        check: None,
        mentions: None,
        global: false,
        together: false,
        held_by_users: false,
        deleted_with: None,
        eventual_codes: &[],
        passing_codes: &[],
        busy_codes: &[],
        busy_for: 300,
        name_lingers: false,
        settles: 0,
        iam: &[],
        link: "",
    };

    /// Whether AWS may know a resource of this type by its properties, so that two urns can be
    /// one thing.
    pub(crate) fn may_be_one(&self) -> bool {
        !self.identity.is_empty() || self.claims.is_some()
    }

    /// The input property `name`.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The output `name`.
    pub fn output(&self, name: &str) -> Option<&'static OutputField> {
        self.outputs.iter().find(|f| f.name == name)
    }

    /// The property that holds tags, if the type has one.
    pub fn tags_field(&self) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.kind == Kind::Tags)
    }

    /// The property that holds the physical name, with its rule.
    pub fn name_field(&self) -> Option<(&'static Field, NameRule)> {
        self.fields.iter().find_map(|f| match f.kind {
            Kind::Name(rule) => Some((f, rule)),
            _ => None,
        })
    }
}
