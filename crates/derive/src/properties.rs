//! `#[derive(Properties)]`: the field list, a redacting `Debug` and the builder.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, DeriveInput, Error, Ident, Lit, Result, Type, Visibility};

use crate::attrs::{FieldAttrs, Kind, Moves, secret_if};
use crate::support::{
    collect, core_path, debug_field, doc_attrs, field_name, impl_debug, known_field, named_fields,
    option_inner, shape, snake_case, summary, type_text,
};

/// A struct of properties, parsed.
pub struct Properties {
    pub core: TokenStream,
    pub ident: Ident,
    vis: Visibility,
    pub fields: Vec<Property>,
}

/// One property, parsed.
pub struct Property {
    ident: Ident,
    pub name: String,
    /// The type without its `Option`.
    ty: Type,
    optional: bool,
    docs: Vec<Attribute>,
    doc: String,
    pub attrs: FieldAttrs,
}

/// Entry point of `#[derive(Properties)]`.
pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let properties = Properties::parse(input, "Properties")?;
    properties.refuse_resource_attrs("a nested struct")?;
    Ok(properties.expand())
}

impl Properties {
    pub fn parse(input: &DeriveInput, derive: &str) -> Result<Self> {
        let fields = collect(named_fields(input, derive)?, |field| {
            let ident = field.ident.clone().expect("the field is named");
            let inner = option_inner(&field.ty);
            let attrs = FieldAttrs::parse(&field.attrs)?;
            let property = Property {
                name: field_name(&ident),
                ident,
                optional: inner.is_some(),
                ty: inner.unwrap_or(&field.ty).clone(),
                docs: doc_attrs(&field.attrs).into_iter().cloned().collect(),
                doc: summary(&field.attrs),
                attrs,
            };
            property.check()?;
            Ok(property)
        })?;
        let conditions = fields.iter().filter_map(|f: &Property| f.attrs.secret_if.as_ref());
        collect(conditions, |(other, _)| known_field(other, fields.iter().map(|f| &*f.name)))?;
        Ok(Self { core: core_path()?, ident: input.ident.clone(), vis: input.vis.clone(), fields })
    }

    /// Refuses attributes that mean something only for a resource's own properties.
    pub fn refuse_resource_attrs(&self, place: &str) -> Result<()> {
        collect(&self.fields, |field| {
            let found = match &field.attrs.kind {
                Some((span, Kind::Tags)) => Some((*span, "tags")),
                Some((span, Kind::Name { .. })) => Some((*span, "name")),
                _ => field.attrs.affects.first().map(|lit| (lit.span(), "affects")),
            };
            match found {
                Some((span, name)) => Err(Error::new(
                    span,
                    format!("`{name}` has no meaning in {place}, only in a resource"),
                )),
                None => Ok(()),
            }
        })
        .map(drop)
    }

    pub fn expand(&self) -> TokenStream {
        let fields = self.impl_properties();
        let hidden = |f: &Property| f.attrs.secret || f.attrs.secret_if.is_some();
        let shown: Vec<_> = self.fields.iter().map(|f| debug_field(&f.ident, hidden(f))).collect();
        let debug = impl_debug(&self.ident, &shown);
        let builder = self.builder();
        let conversions = self.conversions();
        quote!(#fields #debug #builder #conversions)
    }

    /// What a program may declare: builder, arguments and plain value.
    pub fn complete(&self) -> TokenStream {
        let Self { core, ident, .. } = self;
        let (args, builder, state) = (self.args(), self.builder_type(), self.state_mod());
        let body = quote! {
            fn into_input(self) -> #core::value::Input<#ident> {
                ::core::convert::From::from(self)
            }
        };
        quote! {
            #[automatically_derived]
            impl<S: #state::IsComplete> #core::program::Complete<#ident> for #builder<S> {
                #body
            }

            #[automatically_derived]
            impl #core::program::Complete<#ident> for #args {
                #body
            }

            #[automatically_derived]
            impl #core::program::Complete<#ident> for #ident {
                #body
            }
        }
    }

    fn impl_properties(&self) -> TokenStream {
        let Self { core, ident, fields, .. } = self;
        let fields = fields.iter().map(|f| f.schema(core));
        quote! {
            #[automatically_derived]
            impl #core::resource::Properties for #ident {
                const FIELDS: &'static [#core::schema::Field] = &[#(#fields),*];
            }

            #[automatically_derived]
            impl #core::schema::HasShape for #ident {
                const SHAPE: #core::schema::Shape = #core::schema::Shape::Struct(
                    || <Self as #core::resource::Properties>::FIELDS
                );
            }
        }
    }

    fn args(&self) -> Ident {
        format_ident!("{}Args", self.ident)
    }

    fn builder_type(&self) -> Ident {
        format_ident!("{}Builder", self.ident)
    }

    fn state_mod(&self) -> Ident {
        let name = snake_case(&self.builder_type().to_string());
        Ident::new(&name, self.ident.span())
    }

    fn builder(&self) -> TokenStream {
        let Self { core, ident, vis, fields } = self;
        let (args, builder, state) = (self.args(), self.builder_type(), self.state_mod());
        let fields = fields.iter().map(|f| {
            let Property { ident, ty, docs, .. } = f;
            let ty = quote!(#core::value::Input<#ty>);
            let ty = if f.optional { quote!(::core::option::Option<#ty>) } else { ty };
            quote!(#(#docs)* #ident: #ty)
        });
        let start = format!("Starts a [`{ident}`]; every setter takes a literal or an output.");
        let about = format!(
            "Sets the properties of a [`{ident}`]. It is used as it is: nothing needs to be called at the end."
        );
        let finish = "Checks that every required property is set; rarely needed, because the \
                      builder itself is accepted.";
        quote! {
            #[doc(hidden)]
            #[derive(#core::__private::bon::Builder)]
            #[builder(
                crate = #core::__private::bon,
                on(_, into),
                builder_type(name = #builder, doc { #[doc = #about] }),
                state_mod(name = #state),
                start_fn(name = builder),
                finish_fn(name = build, doc { #[doc = #finish] }),
            )]
            // A property may be called `add` or `not`.
            #[allow(clippy::should_implement_trait)]
            #vis struct #args { #(#fields),* }

            #[automatically_derived]
            impl #ident {
                #[doc = #start]
                #vis fn builder() -> #builder {
                    #args::builder()
                }
            }
        }
    }

    fn conversions(&self) -> TokenStream {
        let Self { core, ident, fields, .. } = self;
        let (args, builder, state) = (self.args(), self.builder_type(), self.state_mod());
        let inserts = fields.iter().map(|f| {
            let (name, ident) = (&f.name, &f.ident);
            let expr = quote!(#core::value::Input::into_expr(value));
            let expr = if f.attrs.secret {
                quote!(#core::value::Expr::Secret(::std::sync::Arc::new(#expr)))
            } else {
                expr
            };
            let insert = quote! {
                map.insert(::std::string::String::from(#name), #expr);
            };
            if f.optional {
                quote!(if let ::core::option::Option::Some(value) = args.#ident { #insert })
            } else {
                quote!(let value = args.#ident; #insert)
            }
        });
        let (arg, mutable) =
            if fields.is_empty() { (quote!(_), quote!()) } else { (quote!(args), quote!(mut)) };
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<#args> for #core::value::Input<#ident> {
                fn from(#arg: #args) -> Self {
                    let #mutable map = ::std::collections::BTreeMap::new();
                    #(#inserts)*
                    Self::from_expr(#core::value::Expr::Map(map))
                }
            }

            #[automatically_derived]
            impl<S: #state::IsComplete> ::core::convert::From<#builder<S>>
                for #core::value::Input<#ident>
            {
                fn from(builder: #builder<S>) -> Self {
                    ::core::convert::From::from(builder.build())
                }
            }
        }
    }
}

impl Property {
    /// Attributes that do not fit the type.
    fn check(&self) -> Result<()> {
        let refuse = |span, why: &str| Err(Error::new(span, why));
        if let (true, Some((other, _))) = (self.attrs.secret, &self.attrs.secret_if) {
            return refuse(other.span(), "`secret` says that it always is; leave `secret_if` out");
        }
        if let (Some(span), false) = (self.attrs.server_default, self.optional) {
            return refuse(
                span,
                "`server_default` needs an `Option<…>`: what must be set has no default",
            );
        }
        if let Some((span, value)) = &self.attrs.default {
            if self.attrs.server_default.is_some() {
                return refuse(
                    *span,
                    "`server_default` leaves what `default` sets: use one of them",
                );
            }
            if !self.optional {
                return refuse(*span, "`default` needs an `Option<…>`: what must be set has none");
            }
            if !matches!(value, Lit::Bool(_) | Lit::Int(_) | Lit::Str(_)) {
                return refuse(*span, "`default` is true, false, a whole number or a text");
            }
        }
        match &self.attrs.kind {
            Some((span, Kind::Tags)) if !self.optional => {
                refuse(*span, "`tags` needs the type `Option<Tags>`: a program may set none")
            }
            Some((span, Kind::By(_))) if !is_list(&self.ty) => {
                refuse(*span, "`by` needs a `Vec<…>` of a struct with properties")
            }
            Some((span, Kind::Name { .. })) if !self.optional => refuse(
                *span,
                "`name` needs the type `Option<String>`: it is derived when the program sets none",
            ),
            _ => Ok(()),
        }
    }

    fn schema(&self, core: &TokenStream) -> TokenStream {
        let Self { name, doc, ty, optional, attrs, .. } = self;
        let FieldAttrs { replaces, secret, write_only, steers, affects, .. } = attrs;
        let (required, server_default) = (!optional, attrs.server_default.is_some());
        let kind = Kind::tokens(attrs.kind.as_ref().map(|(_, kind)| kind), core);
        let moves = Moves::tokens(attrs.moves.as_ref(), core);
        let (shape, rust_type) = (shape(ty, core), type_text(ty));
        let secret_if = secret_if(attrs.secret_if.as_ref());
        let given = |value: &Lit| match value {
            Lit::Bool(_) => quote!(#core::schema::Given::Bool(#value)),
            Lit::Int(_) => quote!(#core::schema::Given::Int(#value)),
            _ => quote!(#core::schema::Given::Text(#value)),
        };
        let default = match attrs.default.as_ref().map(|(_, value)| given(value)) {
            Some(value) => quote!(::core::option::Option::Some(#value)),
            None => quote!(::core::option::Option::None),
        };
        let implies = match &attrs.implies {
            Some((other, value)) => {
                let (other, value) = (field_name(other), given(value));
                quote!(::core::option::Option::Some((#other, #value)))
            }
            None => quote!(::core::option::Option::None),
        };
        quote! {
            #core::schema::Field {
                name: #name,
                doc: #doc,
                rust_type: #rust_type,
                required: #required,
                replaces: #replaces,
                secret: #secret,
                secret_if: #secret_if,
                write_only: #write_only,
                server_default: #server_default,
                default: #default,
                kind: #kind,
                moves: #moves,
                steers: #steers,
                implies: #implies,
                shape: #shape,
                affects: &[#(#affects),*],
            }
        }
    }
}

fn is_list(ty: &Type) -> bool {
    match ty {
        Type::Array(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Vec"),
        _ => false,
    }
}
