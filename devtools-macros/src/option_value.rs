//! The values of options: strings, names, paths, numbers.

use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::token::Bracket;
use syn::{Ident, LitInt, LitStr, Path, Token};

use crate::names::{kebab_case, pascal_case};

/// A type of values, which stand behind the `=` of an option.
pub(crate) trait Value: Sized {
    /// Reads a value. Returns `None`, and reads nothing, if something else stands there.
    fn read(input: ParseStream<'_>) -> Option<syn::Result<Self>>;

    /// Returns the problem with something else that was written, and the value to write in its place.
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

/// A length of time that is not parsed yet.
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
