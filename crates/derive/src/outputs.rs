//! `#[derive(Outputs)]`: the output list, a redacting `Debug` and the struct of references.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Result};

use crate::attrs::{OutputAttrs, secret_if};
use crate::support::{
    collect, core_path, debug_field, doc_attrs, field_name, impl_debug, known_field, named_fields,
    shape, summary, type_text,
};

/// Entry point of `#[derive(Outputs)]`.
pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input, "Outputs")?;
    let attrs = collect(fields, |f| OutputAttrs::parse(&f.attrs))?;
    let core = core_path()?;
    let (ident, vis) = (&input.ident, &input.vis);
    let refs = format_ident!("{ident}Ref");
    let about = format!("The outputs of one node, each an `Output`: what [`{ident}`] will hold.");

    let (mut declared, mut made, mut schema) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown = Vec::new();
    let names: Vec<String> =
        fields.iter().filter_map(|f| f.ident.as_ref().map(field_name)).collect();
    let conditions = attrs.iter().filter_map(|a| a.secret_if.as_ref());
    collect(conditions, |(other, _)| known_field(other, names.iter().map(String::as_str)))?;
    for (field, OutputAttrs { secret, secret_if: condition, from_input, once }) in
        fields.iter().zip(attrs)
    {
        let field_ident = field.ident.as_ref().expect("the field is named");
        let (name, doc, ty) = (field_name(field_ident), summary(&field.attrs), &field.ty);
        let (docs, vis) = (doc_attrs(&field.attrs), &field.vis);
        declared.push(quote!(#(#docs)* #vis #field_ident: #core::value::Output<#ty>));
        shown.push(debug_field(field_ident, secret || condition.is_some()));
        let condition = secret_if(condition.as_ref());
        let (shape, rust_type) = (shape(ty, &core), type_text(ty));
        let taint = secret.then(|| quote!(.secret()));
        made.push(quote!(#field_ident: #core::value::Output::of_node(urn, #name) #taint));
        schema.push(quote! {
            #core::schema::OutputField {
                name: #name,
                doc: #doc,
                rust_type: #rust_type,
                secret: #secret,
                secret_if: #condition,
                from_input: #from_input,
                once: #once,
                shape: #shape,
            }
        });
    }
    let debug = impl_debug(ident, &shown);
    let urn = if made.is_empty() { quote!(_) } else { quote!(urn) };

    Ok(quote! {
        #[doc = #about]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #vis struct #refs { #(#declared),* }

        #debug

        #[automatically_derived]
        impl #core::resource::Outputs for #ident {
            type Refs = #refs;
            const FIELDS: &'static [#core::schema::OutputField] = &[#(#schema),*];
            fn refs(#urn: &#core::urn::Urn) -> Self::Refs {
                #refs { #(#made),* }
            }
        }
    })
}
