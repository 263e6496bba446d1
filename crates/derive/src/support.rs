//! What every macro needs: where core is, which structs are accepted, documentation.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, GenericArgument, Ident, Lit,
    Meta, PathArguments, Result, Token, Type,
};

/// The path of `ferrocrete-core` in the crate that uses the macro: its own dependency, or
/// through the façade.
pub fn core_path() -> Result<TokenStream> {
    match crate_name("ferrocrete-core") {
        Ok(FoundCrate::Itself) => return Ok(quote!(::ferrocrete_core)),
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, Span::call_site());
            return Ok(quote!(::#name));
        }
        Err(_) => {}
    }
    match crate_name("ferrocrete") {
        // Its examples and tests; the façade itself declares no resource.
        Ok(FoundCrate::Itself) => Ok(quote!(::ferrocrete::core)),
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, Span::call_site());
            Ok(quote!(::#name::core))
        }
        Err(_) => Err(Error::new(
            Span::call_site(),
            "this macro needs `ferrocrete` or `ferrocrete-core` among the dependencies in Cargo.toml",
        )),
    }
}

/// The fields of a struct with named fields and without generics.
pub fn named_fields<'a>(
    input: &'a DeriveInput,
    derive: &str,
) -> Result<&'a Punctuated<Field, Token![,]>> {
    if !input.generics.params.is_empty() {
        return Err(Error::new(
            input.generics.params.span(),
            format!(
                "`{derive}` cannot be derived for a generic type: the engine needs one fixed list of properties"
            ),
        ));
    }
    let found = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                reject_renames(&input.attrs)?;
                for field in &fields.named {
                    reject_renames(&field.attrs)?;
                }
                return Ok(&fields.named);
            }
            Fields::Unnamed(_) => "a tuple struct",
            Fields::Unit => "a unit struct (write `{}` instead of `;`)",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    Err(Error::new(
        input.ident.span(),
        format!("`{derive}` can be derived only for a struct with named fields; this is {found}"),
    ))
}

/// Refuses serde attributes that would give a property another name than its field.
fn reject_renames(attrs: &[Attribute]) -> Result<()> {
    for attr in attrs.iter().filter(|a| a.path().is_ident("serde")) {
        let Ok(items) = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        else {
            continue; // serde reports it
        };
        for item in items {
            for name in ["rename", "rename_all", "flatten"] {
                if item.path().is_ident(name) {
                    return Err(Error::new(
                        item.span(),
                        format!(
                            "`{name}` is not possible here: builder, diff and state know a property by the name of its field"
                        ),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// The `#[doc]` attributes, to be put on what is generated.
pub fn doc_attrs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|a| a.path().is_ident("doc")).collect()
}

/// The first paragraph of the documentation in one line.
pub fn summary(attrs: &[Attribute]) -> String {
    let mut text = String::new();
    for attr in doc_attrs(attrs) {
        if let Meta::NameValue(pair) = &attr.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value
        {
            text.push_str(&line.value());
            text.push('\n');
        }
    }
    let paragraph = text
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}

/// The `T` of an `Option<T>`, judged by its name as serde does.
pub fn option_inner(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return option_inner(&group.elem),
        Type::Paren(paren) => return option_inner(&paren.elem),
        _ => return None,
    };
    let last = path.segments.last()?;
    if last.ident != "Option" {
        return None;
    }
    match &last.arguments {
        PathArguments::AngleBracketed(args) if args.args.len() == 1 => match &args.args[0] {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

/// The type as people write it.
pub fn type_text(ty: &Type) -> String {
    let text = quote!(#ty).to_string();
    text.replace(' ', "").replace(',', ", ").replace(';', "; ")
}

/// The constant expression of where properties are nested in a type.
pub fn shape(ty: &Type, core: &TokenStream) -> TokenStream {
    quote! {{
        #[allow(unused_imports)]
        use #core::schema::NoShape as _;
        #core::schema::ShapeOf::<#ty>::SHAPE
    }}
}

/// How `Debug` shows a field.
pub fn debug_field(ident: &Ident, secret: bool) -> TokenStream {
    let name = field_name(ident);
    if secret {
        quote!(.field(#name, &::core::format_args!("[secret]")))
    } else {
        quote!(.field(#name, &self.#ident))
    }
}

/// `Debug` that shows these fields.
pub fn impl_debug(ident: &Ident, fields: &[TokenStream]) -> TokenStream {
    let title = ident.to_string();
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#title)#(#fields)*.finish()
            }
        }
    }
}

/// The name of a field as serde sees it.
pub fn field_name(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Refuses the name of a field that is not there.
pub fn known_field<'a>(name: &Ident, mut fields: impl Iterator<Item = &'a str>) -> Result<()> {
    let wanted = field_name(name);
    if fields.any(|field| field == wanted) {
        return Ok(());
    }
    Err(Error::new(name.span(), format!("there is no field `{wanted}` beside it")))
}

/// `DbSubnetGroup` to `db_subnet_group`.
pub fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Runs `f` for every item and reports all errors together.
pub fn collect<T, U>(
    items: impl IntoIterator<Item = T>,
    mut f: impl FnMut(T) -> Result<U>,
) -> Result<Vec<U>> {
    let mut out = Vec::new();
    let mut errors: Option<Error> = None;
    for item in items {
        match f(item) {
            Ok(value) => out.push(value),
            Err(e) => match &mut errors {
                Some(all) => all.combine(e),
                None => errors = Some(e),
            },
        }
    }
    errors.map_or(Ok(out), Err)
}
