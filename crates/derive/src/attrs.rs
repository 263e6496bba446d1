//! The attributes `#[field]`, `#[output]`, `#[resource]` and `#[lookup]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, Lit, LitInt, LitStr, Path, Result, Token, Type};

use crate::support::field_name;

/// What `#[field(…)]` says.
#[derive(Default)]
pub struct FieldAttrs {
    pub replaces: bool,
    pub secret: bool,
    pub secret_if: Option<SecretIf>,
    pub write_only: bool,
    pub server_default: Option<Span>,
    pub default: Option<(Span, Lit)>,
    pub kind: Option<(Span, Kind)>,
    pub moves: Option<Moves>,
    pub steers: bool,
    pub implies: Option<(Ident, Lit)>,
    pub affects: Vec<LitStr>,
}

/// `secret_if(kind = "Secret")`: another property of the struct and its value.
pub type SecretIf = (Ident, LitStr);

/// Mirrors `ferrocrete_core::schema::Kind`, without the default.
pub enum Kind {
    Set,
    By(LitStr),
    DropsEmpty,
    Json,
    OrderedJson,
    PartialJson,
    Policy,
    Aliases(Vec<(LitStr, LitStr)>),
    CaseInsensitive,
    DnsName,
    Cidr,
    MaybeCidr,
    PublicKey,
    Tags,
    Name { max: LitInt, lowercase: bool, extra: String },
}

/// Mirrors `ferrocrete_core::schema::Moves`, without the default.
pub enum Moves {
    Version,
    Up,
    Anywhere,
    Steered,
}

/// Attributes that say how values compare, of which a property has one.
const KINDS: &str = "`set`, `by(…)`, `drops_empty`, `json`, `ordered_json`, `partial_json`, \
                     `policy`, `aliases(…)`, `case_insensitive`, `dns_name`, `cidr`, `maybe_cidr`, `public_key`, \
                     `tags`, `name(…)`";

/// The other attributes.
const FIELD: &str = "`replaces`, `secret`, `secret_if(…)`, `write_only`, `server_default`, \
                     `default = …`, `moves(…)`, `steers`, `implies(…)`, `affects(…)`";

impl FieldAttrs {
    pub fn parse(attrs: &[Attribute]) -> Result<Self> {
        let mut out = Self::default();
        let mut seen = Seen::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("field")) {
            attr.parse_nested_meta(|meta| {
                let span = seen.once(&meta)?;
                let kind = match name_of(&meta).as_str() {
                    "replaces" => return flag(&meta, &mut out.replaces),
                    "secret" => return flag(&meta, &mut out.secret),
                    "secret_if" => {
                        out.secret_if = Some(property_value(&meta)?);
                        return Ok(());
                    }
                    "write_only" => return flag(&meta, &mut out.write_only),
                    "server_default" => {
                        out.server_default = Some(span);
                        return no_value(&meta);
                    }
                    "default" => {
                        out.default = Some((span, meta.value()?.parse()?));
                        return Ok(());
                    }
                    "affects" => {
                        out.affects = strings(&meta)?;
                        return Ok(());
                    }
                    "moves" => {
                        out.moves = Some(moves(&meta)?);
                        return Ok(());
                    }
                    "steers" => return flag(&meta, &mut out.steers),
                    "implies" => {
                        out.implies = Some(implied(&meta)?);
                        return Ok(());
                    }
                    "set" => Kind::Set,
                    "by" => Kind::By(string(&meta)?),
                    "drops_empty" => Kind::DropsEmpty,
                    "json" => Kind::Json,
                    "ordered_json" => Kind::OrderedJson,
                    "partial_json" => Kind::PartialJson,
                    "policy" => Kind::Policy,
                    "aliases" => Kind::Aliases(pairs(&meta)?),
                    "case_insensitive" => Kind::CaseInsensitive,
                    "dns_name" => Kind::DnsName,
                    "cidr" => Kind::Cidr,
                    "maybe_cidr" => Kind::MaybeCidr,
                    "public_key" => Kind::PublicKey,
                    "tags" => Kind::Tags,
                    "name" => name_rule(&meta)?,
                    other => return Err(unknown(&meta, other, &format!("{FIELD}, {KINDS}"))),
                };
                if !matches!(kind, Kind::Name { .. } | Kind::Aliases(_) | Kind::By(_)) {
                    no_value(&meta)?;
                }
                if out.kind.is_some() {
                    return Err(meta.error(format!("only one of {KINDS} per property")));
                }
                out.kind = Some((span, kind));
                Ok(())
            })?;
        }
        Ok(out)
    }
}

impl Kind {
    /// The constant expression of this kind.
    pub fn tokens(kind: Option<&Self>, core: &TokenStream) -> TokenStream {
        let variant = match kind {
            None => quote!(Plain),
            Some(Self::Set) => quote!(Set),
            Some(Self::By(name)) => quote!(By(#name)),
            Some(Self::DropsEmpty) => quote!(DropsEmpty),
            Some(Self::Json) => quote!(Json),
            Some(Self::OrderedJson) => quote!(OrderedJson),
            Some(Self::PartialJson) => quote!(PartialJson),
            Some(Self::Policy) => quote!(Policy),
            Some(Self::Aliases(all)) => {
                let all = all.iter().map(|(spelling, meant)| quote!((#spelling, #meant)));
                quote!(Aliases(&[#(#all),*]))
            }
            Some(Self::CaseInsensitive) => quote!(CaseInsensitive),
            Some(Self::DnsName) => quote!(DnsName),
            Some(Self::Cidr) => quote!(Cidr),
            Some(Self::MaybeCidr) => quote!(MaybeCidr),
            Some(Self::PublicKey) => quote!(PublicKey),
            Some(Self::Tags) => quote!(Tags),
            Some(Self::Name { max, lowercase, extra }) => quote! {
                Name(#core::schema::NameRule { max: #max, lowercase: #lowercase, extra: #extra })
            },
        };
        quote!(#core::schema::Kind::#variant)
    }
}

impl Moves {
    /// The constant expression of this rule.
    pub fn tokens(moves: Option<&Self>, core: &TokenStream) -> TokenStream {
        let variant = match moves {
            None => quote!(Never),
            Some(Self::Version) => quote!(Version),
            Some(Self::Up) => quote!(Up),
            Some(Self::Anywhere) => quote!(Anywhere),
            Some(Self::Steered) => quote!(Steered),
        };
        quote!(#core::schema::Moves::#variant)
    }
}

/// `(property = value)` of another resource
fn implied(meta: &ParseNestedMeta<'_>) -> Result<(Ident, Lit)> {
    let content;
    syn::parenthesized!(content in meta.input);
    let name: Ident = content.parse()?;
    content.parse::<Token![=]>()?;
    let value: Lit = content.parse()?;
    if !content.is_empty() {
        return Err(content.error("expected one property and its value"));
    }
    if !matches!(value, Lit::Bool(_) | Lit::Int(_) | Lit::Str(_)) {
        return Err(Error::new(value.span(), "expected true, false, a whole number or a text"));
    }
    Ok((name, value))
}

/// `(version)`
fn moves(meta: &ParseNestedMeta<'_>) -> Result<Moves> {
    let content;
    syn::parenthesized!(content in meta.input);
    let word: Ident = content.parse()?;
    if !content.is_empty() {
        return Err(content.error("expected one word"));
    }
    match word.to_string().as_str() {
        "version" => Ok(Moves::Version),
        "up" => Ok(Moves::Up),
        "anywhere" => Ok(Moves::Anywhere),
        "steered" => Ok(Moves::Steered),
        other => Err(Error::new(
            word.span(),
            format!("`{other}` is no rule; expected `version`, `up`, `anywhere` or `steered`"),
        )),
    }
}

fn name_rule(meta: &ParseNestedMeta<'_>) -> Result<Kind> {
    let (mut max, mut lowercase, mut extra) = (None, false, String::new());
    if meta.input.peek(syn::token::Paren) {
        let mut seen = Seen::default();
        meta.parse_nested_meta(|meta| {
            seen.once(&meta)?;
            match name_of(&meta).as_str() {
                "max" => max = Some(meta.value()?.parse::<LitInt>()?),
                "lowercase" => flag(&meta, &mut lowercase)?,
                "extra" => extra = meta.value()?.parse::<LitStr>()?.value(),
                other => {
                    return Err(unknown(&meta, other, "`max = 63`, `lowercase`, `extra = \"-_\"`"));
                }
            }
            Ok(())
        })?;
    }
    let max = max.ok_or_else(|| meta.error("say how long the name may be: `name(max = 63)`"))?;
    Ok(Kind::Name { max, lowercase, extra })
}

/// What `#[output(…)]` says.
#[derive(Default)]
pub struct OutputAttrs {
    pub secret: bool,
    pub secret_if: Option<SecretIf>,
    pub from_input: bool,
    pub once: bool,
}

impl OutputAttrs {
    pub fn parse(attrs: &[Attribute]) -> Result<Self> {
        let mut out = Self::default();
        let mut seen = Seen::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("output")) {
            attr.parse_nested_meta(|meta| {
                seen.once(&meta)?;
                match name_of(&meta).as_str() {
                    "secret" => flag(&meta, &mut out.secret),
                    "secret_if" => {
                        out.secret_if = Some(property_value(&meta)?);
                        Ok(())
                    }
                    "from_input" => flag(&meta, &mut out.from_input),
                    "once" => flag(&meta, &mut out.once),
                    other => {
                        let known = "`secret`, `secret_if(…)`, `from_input`, `once`";
                        Err(unknown(&meta, other, known))
                    }
                }
            })?;
        }
        Ok(out)
    }
}

/// What `#[resource(…)]` says.
pub struct ResourceAttrs {
    pub type_name: LitStr,
    pub outputs: Type,
    pub link: Option<LitStr>,
    pub delete_before_replace: bool,
    pub update_anytime: bool,
    pub identity: Vec<LitStr>,
    pub unique: Vec<Vec<LitStr>>,
    pub claims: Option<Path>,
    pub check: Option<Path>,
    pub mentions: Option<Path>,
    pub global: bool,
    pub together: bool,
    pub held_by_users: bool,
    pub deleted_with: Option<LitStr>,
    pub eventual: Vec<Answer>,
    pub passing: Vec<Answer>,
    pub busy: Vec<Answer>,
    pub busy_for: Option<LitInt>,
    pub name_lingers: bool,
    pub settles: Option<LitInt>,
    pub iam: Vec<(Ident, Vec<LitStr>)>,
}

/// An error code, and a piece of the message where one is given.
pub type Answer = (LitStr, Option<LitStr>);

const RESOURCE: &str = "`type = \"…\"`, `outputs = …`, `link = \"…\"`, `delete_before_replace`, \
                        `update_anytime`, `identity(…)`, `unique(…)`, `claims = …`, `check = …`, `mentions = …`, `global`, \
                        `together`, `held_by_users`, `deleted_with = \"…\"`, `eventual(…)`, `passing(…)`, `busy(…)`, \
                        `busy_for = …`, `name_lingers`, `settles = …`, `iam(…)`";

impl ResourceAttrs {
    pub fn parse(attrs: &[Attribute], owner: &Ident) -> Result<Self> {
        let (mut type_name, mut outputs) = (None, None);
        let mut out = Self {
            type_name: LitStr::new("", Span::call_site()),
            outputs: named_after(owner),
            link: None,
            delete_before_replace: false,
            update_anytime: false,
            identity: Vec::new(),
            unique: Vec::new(),
            claims: None,
            check: None,
            mentions: None,
            global: false,
            together: false,
            held_by_users: false,
            deleted_with: None,
            eventual: Vec::new(),
            passing: Vec::new(),
            busy: Vec::new(),
            busy_for: None,
            name_lingers: false,
            settles: None,
            iam: Vec::new(),
        };
        let mut seen = Seen::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("resource")) {
            attr.parse_nested_meta(|meta| {
                let name = name_of(&meta);
                // There may be several things that only one resource can have.
                if name != "unique" {
                    seen.once(&meta)?;
                }
                match name.as_str() {
                    "type" => type_name = Some(value(&meta)?),
                    "outputs" => outputs = Some(value(&meta)?),
                    "link" => out.link = Some(value(&meta)?),
                    "delete_before_replace" => flag(&meta, &mut out.delete_before_replace)?,
                    "update_anytime" => flag(&meta, &mut out.update_anytime)?,
                    "identity" => out.identity = strings(&meta)?,
                    "unique" => out.unique.push(strings(&meta)?),
                    "claims" => out.claims = Some(value(&meta)?),
                    "check" => out.check = Some(value(&meta)?),
                    "mentions" => out.mentions = Some(value(&meta)?),
                    "global" => flag(&meta, &mut out.global)?,
                    "together" => flag(&meta, &mut out.together)?,
                    "held_by_users" => flag(&meta, &mut out.held_by_users)?,
                    "deleted_with" => out.deleted_with = Some(value(&meta)?),
                    "eventual" => out.eventual = answers(&meta)?,
                    "passing" => out.passing = answers(&meta)?,
                    "busy" => out.busy = answers(&meta)?,
                    "busy_for" => out.busy_for = Some(value(&meta)?),
                    "name_lingers" => flag(&meta, &mut out.name_lingers)?,
                    "settles" => out.settles = Some(value(&meta)?),
                    "iam" => out.iam = iam_actions(&meta)?,
                    other => return Err(unknown(&meta, other, RESOURCE)),
                }
                Ok(())
            })?;
        }
        out.type_name = needed(type_name, owner, "resource", "type = \"AWS::Service::Type\"")?;
        out.outputs = outputs.unwrap_or(out.outputs);
        Ok(out)
    }
}

fn iam_actions(meta: &ParseNestedMeta<'_>) -> Result<Vec<(Ident, Vec<LitStr>)>> {
    let mut out = Vec::new();
    let mut seen = Seen::default();
    meta.parse_nested_meta(|meta| {
        seen.once(&meta)?;
        let op = meta.path.require_ident()?.clone();
        if !["create", "read", "find", "update", "delete"].iter().any(|o| op == o) {
            return Err(unknown(
                &meta,
                &op.to_string(),
                "the operations `create`, `read`, `find`, `update`, `delete`",
            ));
        }
        let actions = strings(&meta)?;
        if let Some(bad) = actions.iter().find(|a| !a.value().contains(':')) {
            return Err(Error::new(bad.span(), "an IAM action looks like `ec2:CreateVpc`"));
        }
        out.push((op, actions));
        Ok(())
    })?;
    Ok(out)
}

/// What `#[lookup(…)]` says.
pub struct LookupAttrs {
    pub type_name: LitStr,
    pub outputs: Type,
}

impl LookupAttrs {
    pub fn parse(attrs: &[Attribute], owner: &Ident) -> Result<Self> {
        let (mut type_name, mut outputs) = (None, None);
        let mut seen = Seen::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("lookup")) {
            attr.parse_nested_meta(|meta| {
                seen.once(&meta)?;
                match name_of(&meta).as_str() {
                    "type" => type_name = Some(value(&meta)?),
                    "outputs" => outputs = Some(value(&meta)?),
                    other => {
                        return Err(unknown(&meta, other, "`type = \"…\"`, `outputs = …`"));
                    }
                }
                Ok(())
            })?;
        }
        Ok(Self {
            type_name: needed(type_name, owner, "lookup", "type = \"AWS::Service::Type\"")?,
            outputs: outputs.unwrap_or_else(|| named_after(owner)),
        })
    }
}

/// Refuses an attribute that is given twice.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn once(&mut self, meta: &ParseNestedMeta<'_>) -> Result<Span> {
        let name = name_of(meta);
        if self.0.contains(&name) {
            return Err(meta.error(format!("`{name}` is given twice")));
        }
        self.0.push(name);
        Ok(meta.path.get_ident().map_or_else(Span::call_site, Ident::span))
    }
}

fn name_of(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(ToString::to_string).unwrap_or_default()
}

fn unknown(meta: &ParseNestedMeta<'_>, name: &str, expected: &str) -> Error {
    meta.error(format!("unknown attribute `{name}`; expected one of {expected}"))
}

/// `SubnetOutputs` of `Subnet`.
fn named_after(owner: &Ident) -> Type {
    let name = format_ident!("{owner}Outputs");
    syn::parse_quote!(#name)
}

fn needed<T>(found: Option<T>, owner: &Ident, attr: &str, what: &str) -> Result<T> {
    found.ok_or_else(|| Error::new(owner.span(), format!("`{owner}` needs `#[{attr}({what}, …)]`")))
}

fn no_value(meta: &ParseNestedMeta<'_>) -> Result<()> {
    if meta.input.is_empty() || meta.input.peek(Token![,]) {
        Ok(())
    } else {
        Err(meta.input.error(format!("`{}` takes no value", name_of(meta))))
    }
}

fn flag(meta: &ParseNestedMeta<'_>, into: &mut bool) -> Result<()> {
    *into = true;
    no_value(meta)
}

fn value<T: Parse>(meta: &ParseNestedMeta<'_>) -> Result<T> {
    meta.value()?.parse()
}

/// `("a", "b")`
fn strings(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    let content;
    syn::parenthesized!(content in meta.input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// `("a")`
fn string(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    match <[LitStr; 1]>::try_from(strings(meta)?) {
        Ok([one]) => Ok(one),
        Err(_) => Err(meta.error(format!("`{}` takes one text", name_of(meta)))),
    }
}

/// `(name = "value")`
fn property_value(meta: &ParseNestedMeta<'_>) -> Result<(Ident, LitStr)> {
    let content;
    syn::parenthesized!(content in meta.input);
    let name = content.parse()?;
    content.parse::<Token![=]>()?;
    let value = content.parse()?;
    if content.is_empty() { Ok((name, value)) } else { Err(content.error("expected one value")) }
}

/// The constant expression of a `secret_if`.
pub fn secret_if(attr: Option<&SecretIf>) -> TokenStream {
    match attr {
        Some((name, value)) => {
            let name = field_name(name);
            quote!(::core::option::Option::Some((#name, #value)))
        }
        None => quote!(::core::option::Option::None),
    }
}

/// `("a" = "b", "c" = "d")`
fn pairs(meta: &ParseNestedMeta<'_>) -> Result<Vec<(LitStr, LitStr)>> {
    fn pair(input: ParseStream<'_>) -> Result<(LitStr, LitStr)> {
        let spelling = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok((spelling, input.parse()?))
    }
    let content;
    syn::parenthesized!(content in meta.input);
    Ok(content.parse_terminated(pair, Token![,])?.into_iter().collect())
}

/// `("Code", "Code" = "piece of the message")`
fn answers(meta: &ParseNestedMeta<'_>) -> Result<Vec<Answer>> {
    fn answer(input: ParseStream<'_>) -> Result<Answer> {
        let code = input.parse()?;
        let message = match input.peek(Token![=]) {
            true => {
                input.parse::<Token![=]>()?;
                Some(input.parse()?)
            }
            false => None,
        };
        Ok((code, message))
    }
    let content;
    syn::parenthesized!(content in meta.input);
    Ok(content.parse_terminated(answer, Token![,])?.into_iter().collect())
}

/// The constant expressions of such answers.
pub fn codes(answers: &[Answer], core: &TokenStream) -> Vec<TokenStream> {
    let one = |(code, message): &Answer| {
        let message = message.as_ref().map_or_else(String::new, LitStr::value);
        quote!(#core::schema::Code { code: #code, message: #message })
    };
    answers.iter().map(one).collect()
}
