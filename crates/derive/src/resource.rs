//! `#[derive(Resource)]`: properties and the schema of a resource type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Error, LitInt, Result};

use crate::attrs::{Kind, ResourceAttrs, codes};
use crate::properties::Properties;
use crate::support::summary;

/// Entry point of `#[derive(Resource)]`.
pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let properties = Properties::parse(input, "Resource")?;
    let attrs = ResourceAttrs::parse(&input.attrs, &input.ident)?;
    check(&properties, &attrs)?;

    let Properties { core, ident, .. } = &properties;
    let ResourceAttrs { type_name, outputs, delete_before_replace, identity, .. } = &attrs;
    let ResourceAttrs { global, together, held_by_users, name_lingers, .. } = &attrs;
    let unique = attrs.unique.iter().map(|names| quote!(&[#(#names),*]));
    let [claims, known, mentions] =
        [&attrs.claims, &attrs.check, &attrs.mentions].map(|path| match path {
            Some(path) => quote!(::core::option::Option::Some(#path)),
            None => quote!(::core::option::Option::None),
        });
    let [eventual, passing, busy] =
        [&attrs.eventual, &attrs.passing, &attrs.busy].map(|answers| codes(answers, core));
    let number = |given: &Option<LitInt>, default: u64| match given {
        Some(number) => quote!(#number),
        None => quote!(#default),
    };
    let (busy_for, settles) = (number(&attrs.busy_for, 300), number(&attrs.settles, 0));
    let (rust_name, doc) = (ident.to_string(), summary(&input.attrs));
    let update_anytime = attrs.update_anytime;
    let link = attrs.link.as_ref().map_or_else(String::new, |l| l.value());
    let deleted_with = match &attrs.deleted_with {
        Some(field) => quote!(::core::option::Option::Some(#field)),
        None => quote!(::core::option::Option::None),
    };
    let iam = attrs.iam.iter().map(|(op, actions)| {
        let op = op.to_string();
        quote!((#op, &[#(#actions),*]))
    });
    let (base, complete) = (properties.expand(), properties.complete());
    let asserts = asserts(&properties, &attrs);
    Ok(quote! {
        #base
        #complete

        #[automatically_derived]
        impl #core::resource::ResourceType for #ident {
            type Outputs = #outputs;
            const SCHEMA: #core::schema::Schema = #core::schema::Schema {
                type_name: #type_name,
                rust_name: #rust_name,
                doc: #doc,
                fields: <#ident as #core::resource::Properties>::FIELDS,
                outputs: <#outputs as #core::resource::Outputs>::FIELDS,
                delete_before_replace: #delete_before_replace,
                update_anytime: #update_anytime,
                identity: &[#(#identity),*],
                unique: &[#(#unique),*],
                claims: #claims,
                check: #known,
                mentions: #mentions,
                global: #global,
                together: #together,
                held_by_users: #held_by_users,
                deleted_with: #deleted_with,
                eventual_codes: &[#(#eventual),*],
                passing_codes: &[#(#passing),*],
                busy_codes: &[#(#busy),*],
                busy_for: #busy_for,
                name_lingers: #name_lingers,
                settles: #settles,
                iam: &[#(#iam),*],
                link: #link,
            };
        }

        #asserts
    })
}

/// Rules about the properties as a whole.
fn check(properties: &Properties, attrs: &ResourceAttrs) -> Result<()> {
    let named = attrs.deleted_with.iter().chain(&attrs.identity);
    let named = named.chain(attrs.unique.iter().flatten());
    let mut unknown = named.filter(|n| !properties.fields.iter().any(|f| f.name == n.value()));
    if let Some(field) = unknown.next() {
        return Err(Error::new(
            field.span(),
            format!("`{}` has no property `{}`", properties.ident, field.value()),
        ));
    }
    let (mut tags, mut names) = (None, None);
    for field in &properties.fields {
        let (span, first, what) = match &field.attrs.kind {
            Some((span, Kind::Tags)) => (span, &mut tags, "tags"),
            Some((span, Kind::Name { .. })) => (span, &mut names, "name"),
            _ => continue,
        };
        if let Some(first) = first.replace(&field.name) {
            return Err(Error::new(
                *span,
                format!("a resource has one `{what}` property, and `{first}` is it already"),
            ));
        }
    }
    Ok(())
}

/// Rules that need the outputs, which another derive knows: checked by the compiler as
/// constants.
fn asserts(properties: &Properties, attrs: &ResourceAttrs) -> TokenStream {
    let Properties { core, ident, fields, .. } = properties;
    let outputs = &attrs.outputs;
    let title = quote!(#outputs).to_string();
    let affects = fields.iter().flat_map(|f| &f.attrs.affects).map(|name| {
        let why = format!("`affects({:?})`: `{title}` has no output of this name", name.value());
        quote_spanned! {name.span()=>
            const _: () = ::core::assert!(
                #core::resource::check::has_output(
                    <#outputs as #core::resource::Outputs>::FIELDS,
                    #name,
                ),
                #why
            );
        }
    });
    let why = format!(
        "an output of `{title}` is marked `from_input`, but `{ident}` has no property of its name"
    );
    let from_input = quote_spanned! {outputs.span()=>
        const _: () = ::core::assert!(
            #core::resource::check::inputs_exist(
                <#outputs as #core::resource::Outputs>::FIELDS,
                <#ident as #core::resource::Properties>::FIELDS,
            ),
            #why
        );
    };
    let why = format!(
        "an output of `{title}` repeats a property of `{ident}` that is secret: mark it \
         `#[output(secret, from_input)]`"
    );
    let secret = quote_spanned! {outputs.span()=>
        const _: () = ::core::assert!(
            #core::resource::check::secrets_kept(
                <#outputs as #core::resource::Outputs>::FIELDS,
                <#ident as #core::resource::Properties>::FIELDS,
            ),
            #why
        );
    };
    quote!(#(#affects)* #from_input #secret)
}
