//! The attribute as written: shape only.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Ident, LitStr, Path, Token};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;

const OPTIONS: &[&str] = &["name", "kind", "as", "side", "encoding", "crate"];

/// The options of the attribute, none of them looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) kind: Option<LitStr>,
    pub(super) identity: Option<Ident>,
    pub(super) side: Option<LitStr>,
    pub(super) encoding: Option<LitStr>,
    pub(super) runtime: Option<Path>,
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        let parsed = (|input: ParseStream<'_>| {
            while !input.is_empty() {
                args.option(input, diagnostics)?;
                separator(input, diagnostics)?;
            }
            Ok(())
        })
        .parse2(tokens);
        diagnostics.ok(parsed);
        args
    }

    fn option(&mut self, input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            let stray = up_to_comma(input)?;
            let help = match syn::parse2::<LitStr>(stray.clone()) {
                Ok(name) => format!("say what it is: `name = \"{}\"`", name.value()),
                Err(_) => known_options(),
            };
            diagnostics.error(stray, "expected an option", help);
            return Ok(());
        }
        let key = input.call(Ident::parse_any)?;
        match key.to_string().as_str() {
            "name" => set(
                &mut self.name,
                &key,
                "\"my-plugin:get-data\"",
                input,
                diagnostics,
            ),
            "kind" => set(&mut self.kind, &key, "\"query\"", input, diagnostics),
            "as" => set(&mut self.identity, &key, "GetData", input, diagnostics),
            "side" => set(&mut self.side, &key, "\"client\"", input, diagnostics),
            "encoding" => set(&mut self.encoding, &key, "\"json\"", input, diagnostics),
            "crate" => set(
                &mut self.runtime,
                &key,
                "devtools_runtime",
                input,
                diagnostics,
            ),
            unknown => {
                let help = match nearest(unknown, OPTIONS) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => known_options(),
                };
                diagnostics.error(&key, format!("unknown option `{unknown}`"), help);
                up_to_comma(input).map(drop)
            }
        }
    }
}

/// What stands behind the `=` of an option.
trait Value: Sized {
    /// Reads one, if there is one.
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>>;

    /// What is wrong with something else, and how it is written instead.
    fn correct(written: &str, example: &str) -> (&'static str, String);
}

impl Value for LitStr {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        input.peek(LitStr).then(|| input.parse())
    }

    fn correct(written: &str, _example: &str) -> (&'static str, String) {
        ("expected a string", format!("\"{written}\""))
    }
}

impl Value for Ident {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        input.peek(Ident).then(|| input.parse())
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let quoted = written.trim_matches('"');
        let is_name = syn::parse_str::<Self>(quoted).is_ok();
        (
            "expected the name of a type",
            if is_name { quoted } else { example }.to_owned(),
        )
    }
}

impl Value for Path {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        let is_path = input.peek(Ident::peek_any) || input.peek(Token![::]);
        is_path.then(|| input.call(Path::parse_mod_style))
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let quoted = written.trim_matches('"');
        let is_path = Path::parse_mod_style.parse_str(quoted).is_ok();
        (
            "expected a path",
            if is_path { quoted } else { example }.to_owned(),
        )
    }
}

/// Reads `= value` into the option's slot.
fn set<T: Value>(
    slot: &mut Option<T>,
    key: &Ident,
    example: &str,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        up_to_comma(input)?;
        let help = format!("write `{key} = {example}`");
        diagnostics.error(key, format!("`{key}` needs a value"), help);
        return Ok(());
    }
    input.parse::<Token![=]>()?;
    let Some(value) = T::read(input) else {
        let written = up_to_comma(input)?;
        let text: String = written.to_string().split_whitespace().collect();
        if text.is_empty() {
            let help = format!("write `{key} = {example}`");
            diagnostics.error(key, format!("`{key}` needs a value"), help);
        } else {
            let (problem, right) = T::correct(&text, example);
            diagnostics.error(written, problem, format!("write `{key} = {right}`"));
        }
        return Ok(());
    };
    if slot.is_some() {
        diagnostics.error(
            key,
            format!("`{key}` is given twice"),
            "remove one of the two",
        );
    }
    *slot = Some(value?);
    Ok(())
}

/// Reads the comma between two options.
fn separator(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    let next: TokenTree = input.fork().parse()?;
    diagnostics.error(
        &next,
        "expected a comma",
        format!("write `,` before `{next}`"),
    );
    // What follows is an option as a rule. If it is not, that is no second mistake.
    if input.peek(Ident::peek_any) {
        Ok(())
    } else {
        up_to_comma(input).map(drop)
    }
}

fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([TokenTree::parse(input)?]);
    }
    Ok(skipped)
}

fn known_options() -> String {
    format!("the options are `{}`", OPTIONS.join("`, `"))
}
