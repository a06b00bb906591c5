//! The one reader of options, which all attributes share: `name = "…", flag, as = Name`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::token::{Bracket, Paren};
use syn::{Ident, LitInt, LitStr, Path, Token};

use crate::diagnostics::Diagnostics;
use crate::names::{kebab_case, nearest, pascal_case};

/// What a list of options is read into.
pub(crate) trait Options {
    /// Returns the names of the options.
    fn known(&self) -> &'static [&'static str];

    /// Says where options are given that are not in the list of the known ones, behind that list.
    const ELSEWHERE: &'static str = "";

    /// Reads what stands behind `key`. Returns `false`, and reads nothing, if no option has that name.
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool>;

    /// Returns the problem with an option that [`read`](Self::read) does not know, and what to write in its place.
    fn unknown(&self, key: &str) -> (String, String) {
        let help = match nearest(key, self.known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => known_options(self),
        };
        (format!("unknown option `{key}`"), help)
    }
}

/// Reads what stands in the parentheses of an attribute.
pub(crate) fn parse<O: Options + Default>(tokens: TokenStream, diagnostics: &mut Diagnostics) -> O {
    let mut options = O::default();
    let read = |input: ParseStream<'_>| read_options(&mut options, input, diagnostics);
    let read = read.parse2(tokens);
    diagnostics.ok(read);
    options
}

/// Reads every option it can, and reports those it can't.
pub(crate) fn read_options<O: Options>(
    options: &mut O,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    while !input.is_empty() {
        read_option(options, input, diagnostics)?;
        separator(input, diagnostics)?;
    }
    Ok(())
}

fn read_option<O: Options>(
    options: &mut O,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        let stray = up_to_comma(input)?;
        let help = match syn::parse2::<LitStr>(stray.clone()) {
            Ok(value) => match options.known().first() {
                Some(first) => format!("say what it is: `{first} = \"{}\"`", value.value()),
                None => known_options(options),
            },
            Err(_) => known_options(options),
        };
        diagnostics.error(stray, "expected an option", help);
        return Ok(());
    }
    let key = input.call(Ident::parse_any)?;
    if options.read(&key, input, diagnostics)? {
        return Ok(());
    }
    let (problem, help) = options.unknown(&key.to_string());
    diagnostics.error(&key, problem, help);
    up_to_comma(input).map(drop)
}

/// What stands behind the `=` of an option.
pub(crate) trait Value: Sized {
    /// Reads one, if there is one.
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>>;

    /// What is wrong with something else, and how it is written instead.
    fn correct(written: &str, example: &str) -> (&'static str, String);
}

impl Value for LitStr {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        input.peek(LitStr).then(|| input.parse())
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let last = written.rsplit("::").next().unwrap_or(written);
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_:".contains(letter);
        let right = if !last.chars().all(is_word) || !last.contains(|l: char| l.is_lowercase()) {
            example.to_owned()
        } else if last.starts_with(|letter: char| letter.is_uppercase()) {
            format!("\"{}\"", kebab_case(last))
        } else {
            format!("\"{last}\"")
        };
        ("expected a string", right)
    }
}

impl Value for Ident {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        let is_name = input.peek(Ident) && !input.peek2(Token![::]);
        is_name.then(|| input.parse())
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let quoted = written.trim_matches('"').rsplit("::").next().unwrap_or("");
        let words = kebab_case(quoted).replace('-', "_");
        let names = [quoted.to_owned(), pascal_case(&words)];
        let is_name = |name: &String| syn::parse_str::<Self>(name).is_ok();
        let right = names.into_iter().find(is_name);
        (
            "expected the name of a type",
            right.unwrap_or_else(|| example.to_owned()),
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

impl Value for LitInt {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        input.peek(LitInt).then(|| input.parse())
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let quoted = written.trim_matches('"').to_owned();
        let is_number = quoted.parse::<u64>().is_ok();
        (
            "expected a number",
            if is_number {
                quoted
            } else {
                example.to_owned()
            },
        )
    }
}

/// A length of time, not looked into.
pub(crate) struct Time(pub(crate) LitStr);

impl Value for Time {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        LitStr::read(input).map(|read| read.map(Self))
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let is_number = written.parse::<u64>().is_ok();
        (
            "expected a string",
            if is_number {
                format!("\"{written}s\"")
            } else {
                example.to_owned()
            },
        )
    }
}

/// A list of strings.
pub(crate) struct Strings(pub(crate) Vec<LitStr>);

impl Value for Strings {
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>> {
        let list = || {
            let inner;
            syn::bracketed!(inner in input);
            let strings = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
            Ok(Self(strings.into_iter().collect()))
        };
        input.peek(Bracket).then(list)
    }

    fn correct(written: &str, example: &str) -> (&'static str, String) {
        let is_string = syn::parse_str::<LitStr>(written).is_ok();
        (
            "expected a list of strings",
            if is_string {
                format!("[{written}]")
            } else {
                example.to_owned()
            },
        )
    }
}

/// Reads `= value` into the option's slot.
pub(crate) fn set<T: Value>(
    slot: &mut Option<T>,
    key: &Ident,
    example: &str,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        let value = match up_to_comma(input)?.into_iter().last() {
            Some(TokenTree::Literal(value)) => value.to_string(),
            _ => example.to_owned(),
        };
        let help = format!("write `{key} = {value}`");
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
        report_twice(key, diagnostics);
    }
    *slot = Some(value?);
    Ok(())
}

/// Reads an option that has no value: the word itself goes into the slot.
pub(crate) fn flag(
    slot: &mut Option<Ident>,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(Paren) {
        up_to_comma(input)?;
        let help = format!("write `{key}` alone, or leave it out");
        diagnostics.error(key, format!("`{key}` takes no value"), help);
    }
    if slot.is_some() {
        report_twice(key, diagnostics);
    }
    *slot = Some(key.clone());
    Ok(())
}

pub(crate) fn report_twice(key: &Ident, diagnostics: &mut Diagnostics) {
    diagnostics.error(
        key,
        format!("`{key}` is given twice"),
        "remove one of the two",
    );
}

/// Reads the comma between two options.
fn separator(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    let next: TokenTree = input.fork().parse()?;
    let place = match next {
        TokenTree::Punct(_) => "in place of",
        _ => "before",
    };
    diagnostics.error(
        &next,
        "expected a comma",
        format!("write `,` {place} `{next}`"),
    );
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(());
    }
    // What follows is an option as a rule. If it is not, that is no second mistake.
    if input.peek(Ident::peek_any) {
        Ok(())
    } else {
        up_to_comma(input).map(drop)
    }
}

pub(crate) fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([TokenTree::parse(input)?]);
    }
    Ok(skipped)
}

fn known_options<O: Options + ?Sized>(options: &O) -> String {
    let known = match options.known() {
        [] => "there are no options here".to_owned(),
        [only] => format!("the only option is `{only}`"),
        known => format!("the options are `{}`", known.join("`, `")),
    };
    known + O::ELSEWHERE
}
