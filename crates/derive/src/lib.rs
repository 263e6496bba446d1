//! Derive macros of Ferrocrete: Resource, Properties, Outputs, Lookup; and `interpolate!`.

mod attrs;
mod interpolate;
mod lookup;
mod outputs;
mod properties;
mod resource;
mod support;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Properties of a nested struct.
#[proc_macro_derive(Properties, attributes(field))]
pub fn derive_properties(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(properties::derive(&input))
}

/// Outputs of a resource or lookup.
#[proc_macro_derive(Outputs, attributes(output))]
pub fn derive_outputs(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(outputs::derive(&input))
}

/// A resource type.
#[proc_macro_derive(Resource, attributes(resource, field))]
pub fn derive_resource(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(resource::derive(&input))
}

/// A lookup.
#[proc_macro_derive(Lookup, attributes(lookup, field))]
pub fn derive_lookup(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(lookup::derive(&input))
}

/// `format!` over outputs.
#[proc_macro]
pub fn interpolate(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as interpolate::Input);
    finish(interpolate::expand(&input))
}

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|e| e.to_compile_error()).into()
}
