//! `#[derive(Lookup)]`: arguments and type of a lookup.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::attrs::LookupAttrs;
use crate::properties::Properties;
use crate::support::summary;

/// Entry point of `#[derive(Lookup)]`.
pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let properties = Properties::parse(input, "Lookup")?;
    properties.refuse_resource_attrs("a lookup")?;
    let LookupAttrs { type_name, outputs } = LookupAttrs::parse(&input.attrs, &input.ident)?;
    let Properties { core, ident, .. } = &properties;
    let doc = summary(&input.attrs);
    let (base, complete) = (properties.expand(), properties.complete());
    Ok(quote! {
        #base
        #complete

        #[automatically_derived]
        impl #core::resource::LookupType for #ident {
            type Outputs = #outputs;
            const TYPE: &'static str = #type_name;
            const DOC: &'static str = #doc;
        }
    })
}
