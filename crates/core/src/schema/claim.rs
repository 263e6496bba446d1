//! [`Claim`]: what only one resource at a time can be or have in AWS.
//!
//! The engine's graph knows which resource uses which. It does not know that two resources can
//! be one thing in AWS, or want one name, range, port or priority. A type says so by
//! `identity(…)`, `unique(…)`, its physical name, and for what those cannot say by a function.

use ipnet::IpNet;

use crate::plan::network;
use crate::resource::Namespace;
use crate::value::{PropertyMap, Value};

use super::{Kind, Schema};

/// Something that only one resource at a time can be or have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What kind of thing is claimed, such as `AWS::EC2::Subnet vpc_id cidr_block`. Types that
    /// compete for one thing use the same text.
    pub what: String,
    /// The properties that claim it, for messages.
    pub properties: Vec<String>,
    /// What those that share it have to agree on, in words for messages: a property in backquotes,
    /// or more. Empty where it says nothing that [`Claim::properties`] do not.
    pub agree: String,
    /// Which one: claims of the same kind and key compete.
    pub key: Vec<String>,
    /// A range of addresses that belongs to the key: such claims compete where ranges overlap.
    pub range: Option<IpNet>,
    /// With whom it may be shared.
    pub share: Share,
    /// Whether it is the resource itself that is claimed: who claims the same is the same
    /// thing in AWS.
    pub identity: bool,
    /// Whether one gives it up before the other takes it also where AWS takes several changes of
    /// the type at once ([`Schema::together`]).
    pub apart: bool,
}

/// With whom something may be shared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Share {
    /// With nobody.
    #[default]
    Nobody,
    /// With those that say the same, such as the target groups of one load balancer.
    With(String),
    /// Not known before the apply: taken for something that nobody else says.
    Unknown,
}

impl Share {
    fn allows(&self, other: &Share) -> bool {
        matches!((self, other), (Share::With(a), Share::With(b)) if a == b)
    }
}

impl Claim {
    /// A claim of this kind that is shared with nobody.
    pub fn new<S: Into<String>>(
        what: impl Into<String>,
        properties: &[&str],
        key: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            what: what.into(),
            properties: properties.iter().map(ToString::to_string).collect(),
            agree: String::new(),
            key: key.into_iter().map(Into::into).collect(),
            range: None,
            share: Share::Nobody,
            identity: false,
            apart: false,
        }
    }

    /// The same, shared with those that say the same.
    #[must_use]
    pub fn shared(mut self, share: Share) -> Self {
        self.share = share;
        self
    }

    /// The same, with what those that share it have to agree on.
    #[must_use]
    pub fn agreed(mut self, on: impl Into<String>) -> Self {
        self.agree = on.into();
        self
    }

    /// The same, as what the resource is known by.
    #[must_use]
    pub fn as_identity(mut self) -> Self {
        self.identity = true;
        self
    }

    /// The same, as what AWS does not take over in one call with the rest that a type sends
    /// together.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// What has to be equal before two claims can compete.
    pub(crate) fn place(&self) -> (&str, &[String]) {
        (&self.what, &self.key)
    }
}

/// Whether two resources cannot both have this.
pub(crate) fn conflict(a: &Claim, b: &Claim) -> bool {
    let overlap = match (&a.range, &b.range) {
        (Some(a), Some(b)) => a.contains(b) || b.contains(a),
        (None, None) => true,
        _ => false,
    };
    a.place() == b.place() && overlap && !a.share.allows(&b.share)
}

/// What a resource with these inputs claims in this account and region. What is not known yet
/// is not claimed: it is the id of something new, which nobody can have.
pub(crate) fn claims(
    schema: &Schema,
    inputs: &PropertyMap,
    namespace: Option<&Namespace>,
) -> Vec<Claim> {
    let mut all = Vec::new();
    if !schema.identity.is_empty() {
        all.extend(group(schema, schema.identity, inputs, true).map(Claim::as_identity));
    }
    for names in schema.unique {
        all.extend(group(schema, names, inputs, false));
    }
    // A name is somebody's own, unless the type says within what.
    if let Some((field, _)) = schema.name_field() {
        let mut groups = [schema.identity].into_iter().chain(schema.unique.iter().copied());
        if !groups.any(|names| names.contains(&field.name)) {
            all.extend(group(schema, &[field.name], inputs, false));
        }
    }
    all.extend(schema.claims.into_iter().flat_map(|claims| claims(inputs)));
    let place = namespace.map_or_else(String::new, |n| match schema.global {
        true => n.account.clone(),
        false => format!("{}/{}", n.account, n.region),
    });
    for claim in &mut all {
        claim.key.push(place.clone());
    }
    all
}

/// The claim of some properties together. Of an identity, a property that is not set is a part
/// like any other; of what is unique, it means that nothing is claimed.
fn group(schema: &Schema, names: &[&str], inputs: &PropertyMap, identity: bool) -> Option<Claim> {
    let (mut key, mut range) = (Vec::new(), None);
    for name in names {
        let kind = schema.field(name).map_or(Kind::Plain, |f| f.kind);
        let value = inputs.get(*name).filter(|v| !v.is_null());
        match value.map(Value::reveal) {
            None if identity => key.push(String::new()),
            None => return None,
            Some(value) if value.has_unknown() => return None,
            Some(value) => match as_range(&value).filter(|_| !identity) {
                Some(net) => range = Some(net),
                None => key.push(canonical(kind, &value)),
            },
        }
    }
    let what = format!("{} {}", schema.type_name, names.join(" "));
    Some(Claim { range, ..Claim::new(what, names, key) })
}

fn as_range(value: &Value) -> Option<IpNet> {
    Some(value.as_str()?.parse::<IpNet>().ok()?.trunc())
}

/// The same text for all spellings of a value.
fn canonical(kind: Kind, value: &Value) -> String {
    let Some(text) = value.as_str() else { return value.redacted().to_string() };
    match kind {
        Kind::Aliases(all) => {
            let meant = all.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(text));
            meant.map_or(text, |(_, meant)| meant).to_ascii_lowercase()
        }
        Kind::Cidr | Kind::MaybeCidr => {
            network(text).map_or_else(|| text.to_owned(), |net| net.to_string())
        }
        Kind::CaseInsensitive => text.to_ascii_lowercase(),
        Kind::Name(rule) if rule.lowercase => text.to_ascii_lowercase(),
        Kind::DnsName => text.trim_end_matches('.').to_ascii_lowercase(),
        _ => as_range(value).map_or_else(|| text.to_owned(), |net| net.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Moves, NameRule, Shape};

    const fn field(name: &'static str, kind: Kind) -> Field {
        Field {
            name,
            doc: "",
            rust_type: "String",
            required: false,
            replaces: false,
            secret: false,
            secret_if: None,
            write_only: false,
            server_default: false,
            default: None,
            kind,
            moves: Moves::Never,
            steers: false,
            implies: None,
            shape: Shape::Plain,
            affects: &[],
        }
    }

    const NAME: Kind = Kind::Name(NameRule { max: 60, lowercase: true, extra: "-" });

    static SUBNET: Schema = Schema {
        type_name: "Test::Subnet",
        fields: &[
            field("vpc_id", Kind::Plain),
            field("cidr_block", Kind::Plain),
            field("name", NAME),
        ],
        unique: &[&["vpc_id", "cidr_block"]],
        ..Schema::PLAIN
    };
    static ATTACHMENT: Schema = Schema {
        type_name: "Test::Attachment",
        fields: &[field("role", Kind::Plain), field("policy", Kind::Plain)],
        identity: &["role", "policy"],
        global: true,
        ..Schema::PLAIN
    };

    fn of(schema: &Schema, inputs: &[(&str, Value)], region: &str) -> Vec<Claim> {
        let inputs = inputs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        claims(schema, &inputs, Some(&Namespace { account: "1".into(), region: region.into() }))
    }

    fn meet(schema: &Schema, a: &[(&str, Value)], b: &[(&str, Value)]) -> bool {
        let (a, b) = (of(schema, a, "x"), of(schema, b, "x"));
        a.iter().any(|a| b.iter().any(|b| conflict(a, b)))
    }

    #[test]
    fn ranges_compete_where_they_overlap_in_one_network() {
        let subnet = |vpc: &str, range: &str| {
            [("vpc_id", Value::from(vpc)), ("cidr_block", Value::from(range))]
        };
        let wide = subnet("vpc-1", "10.0.0.0/23");
        assert!(meet(&SUBNET, &wide, &subnet("vpc-1", "10.0.1.0/24")));
        assert!(meet(&SUBNET, &subnet("vpc-1", "10.0.1.0/24"), &wide));
        assert!(!meet(&SUBNET, &wide, &subnet("vpc-1", "10.0.2.0/24")));
        assert!(!meet(&SUBNET, &wide, &subnet("vpc-2", "10.0.1.0/24")));
        let unknown = [("vpc_id", Value::Unknown), ("cidr_block", "10.0.1.0/24".into())];
        assert!(of(&SUBNET, &unknown, "x").is_empty(), "nobody has what is new");
    }

    #[test]
    fn a_name_is_claimed_in_all_spellings() {
        let name = |name: &str| [("name", Value::from(name))];
        assert!(meet(&SUBNET, &name("Web"), &name("web")));
        assert!(!meet(&SUBNET, &name("web"), &name("web-2")));
    }

    #[test]
    fn an_identity_counts_where_aws_counts_it() {
        let one = [("role", Value::from("r")), ("policy", Value::secret("p".into()))];
        assert_eq!(of(&ATTACHMENT, &one, "here"), of(&ATTACHMENT, &one, "there"));
        assert!(of(&ATTACHMENT, &one, "here")[0].identity);
        let bare = [("role", Value::from("r"))];
        assert!(!meet(&ATTACHMENT, &one, &bare) && meet(&ATTACHMENT, &bare, &bare));
    }

    #[test]
    fn what_is_shared_competes_with_others_only() {
        let group = |share| Claim::new("target group", &["arn"], ["tg-1"]).shared(share);
        let (one, other) = (Share::With("lb-1".into()), Share::With("lb-2".into()));
        assert!(!conflict(&group(one.clone()), &group(one.clone())));
        assert!(conflict(&group(one.clone()), &group(other)));
        assert!(conflict(&group(one.clone()), &group(Share::Unknown)));
        assert!(conflict(&group(one), &group(Share::Nobody)));
    }
}
