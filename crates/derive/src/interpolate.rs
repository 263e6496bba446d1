//! `interpolate!`: `format!` over values that may be unknown until applied.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, LitStr, Result, Token};

use crate::support::core_path;

/// The macro's input: a format string and the values of its `{}`.
pub struct Input {
    format: LitStr,
    args: Punctuated<Expr, Token![,]>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let format = input.parse().map_err(|e| {
            Error::new(e.span(), "expected a string literal, as in `interpolate!(\"{}/x\", &a.id)`")
        })?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok(Self { format, args: Punctuated::parse_terminated(input)? })
    }
}

/// Text, then one more text after each hole.
#[derive(Debug, PartialEq)]
struct Template {
    texts: Vec<String>,
    holes: Vec<Hole>,
}

#[derive(Debug, PartialEq)]
enum Hole {
    /// `{}`
    Next,
    /// `{name}`
    Named(String),
}

/// Entry point of `interpolate!`.
pub fn expand(input: &Input) -> Result<TokenStream> {
    let span = input.format.span();
    let template = parse(&input.format.value()).map_err(|why| Error::new(span, why))?;
    let wanted = template.holes.iter().filter(|h| **h == Hole::Next).count();
    let given = input.args.len();
    if given < wanted {
        return Err(Error::new(
            span,
            format!("{wanted} `{{}}` in the text, but {given} value(s) given"),
        ));
    }
    if let Some(extra) = input.args.iter().nth(wanted) {
        return Err(Error::new_spanned(
            extra,
            format!("this value has no `{{}}`: {wanted} in the text, {given} value(s) given"),
        ));
    }
    let core = core_path()?;
    let mut positional = input.args.iter();
    let args = template
        .holes
        .iter()
        .map(|hole| {
            // Errors point at the value; lints still know that a macro wrote this.
            let at = |span| Span::call_site().located_at(span);
            let (value, place) = match hole {
                Hole::Next => {
                    let expr = positional.next().expect("counted above");
                    let place = at(expr.span());
                    (quote_spanned!(place=> (#expr)), place)
                }
                Hole::Named(name) => (variable(name, span)?, at(span)),
            };
            Ok(quote_spanned!(place=> #core::value::TextPart::text_expr(&#value)))
        })
        .collect::<Result<Vec<_>>>()?;
    let texts = &template.texts;
    Ok(quote! {
        #core::value::join_text(&[#(#texts),*], ::std::vec![#(#args),*])
    })
}

fn variable(name: &str, span: Span) -> Result<TokenStream> {
    let mut ident = syn::parse_str::<Ident>(name).map_err(|_| {
        Error::new(
            span,
            format!(
                "`{{{name}}}` is not a variable: only `{{}}` and `{{variable}}` are possible here; \
                 pass an expression as an argument, and write `{{{{` for a brace"
            ),
        )
    })?;
    ident.set_span(span);
    Ok(quote!(#ident))
}

fn parse(format: &str) -> std::result::Result<Template, String> {
    let mut texts = vec![String::new()];
    let mut holes = Vec::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                push(&mut texts, c);
            }
            '{' => {
                let mut hole = String::new();
                loop {
                    match chars.next() {
                        Some('}') => break,
                        Some('{') | None => {
                            return Err("`{` without its `}`; write `{{` for a brace".into());
                        }
                        Some(c) => hole.push(c),
                    }
                }
                if let Some((name, spec)) = hole.split_once(':') {
                    return Err(format!(
                        "`{{{name}:{spec}}}`: format specifications are not possible, because the \
                         value may not be known yet; format it with `.map(|v| format!(…))` first"
                    ));
                }
                let name = hole.trim();
                if !name.is_empty() && name.chars().all(|c| c.is_ascii_digit()) {
                    return Err(format!("`{{{name}}}`: write `{{}}`, in the order of the values"));
                }
                holes.push(match name {
                    "" => Hole::Next,
                    name => Hole::Named(name.to_owned()),
                });
                texts.push(String::new());
            }
            '}' => return Err("`}` without its `{`; write `}}` for a brace".into()),
            c => push(&mut texts, c),
        }
    }
    Ok(Template { texts, holes })
}

fn push(texts: &mut [String], c: char) {
    texts.last_mut().expect("never empty").push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Hole {
        Hole::Named(name.into())
    }

    #[test]
    fn text_stands_around_every_hole() {
        let t = parse("http://{}:{port}/x").unwrap();
        assert_eq!(t.texts, ["http://", ":", "/x"]);
        assert_eq!(t.holes, [Hole::Next, named("port")]);
        let t = parse("{a}{ }").unwrap();
        assert_eq!(t.texts, ["", "", ""]);
        assert_eq!(t.holes, [named("a"), Hole::Next]);
    }

    #[test]
    fn doubled_braces_are_text() {
        let t = parse("{{\"id\": \"{}\"}}").unwrap();
        assert_eq!(t.texts, ["{\"id\": \"", "\"}"]);
        assert_eq!(parse("{{}}").unwrap(), Template { texts: vec!["{}".into()], holes: vec![] });
    }

    #[test]
    fn mistakes_are_named() {
        for (format, part) in [
            ("{:?}", "format specifications"),
            ("{x:>4}", "format specifications"),
            ("{0}", "in the order of the values"),
            ("a}", "without its `{`"),
            ("{a", "without its `}`"),
            ("{{{}", ""),
        ] {
            match parse(format) {
                Err(e) => assert!(e.contains(part), "{format}: {e}"),
                Ok(_) => assert_eq!(part, "", "{format}"),
            }
        }
        assert!(variable("a.b", Span::call_site()).is_err());
        assert!(variable("self", Span::call_site()).is_err());
    }
}
