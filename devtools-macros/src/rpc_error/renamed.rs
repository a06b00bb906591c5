//! The field names of serde, as far as they are supported here.
//!
//! The data of an error does not use serde's derive, but its type may have one as well. Fields then have the same
//! names here. Attributes of serde that would change the data in other ways are refused, not ignored.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path, Token};

const CASES: &[&str] = &[
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

/// Returns serde's attributes on a field, a variant or a type.
fn options(attrs: &[Attribute]) -> impl Iterator<Item = Meta> {
    attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok() // serde reports a malformed attribute
        })
        .flatten()
}

fn text(option: &Meta) -> Option<String> {
    match option {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the case that `option` (`rename_all` or `rename_all_fields`) gives to field names, or the option if it is
/// not supported.
pub(super) fn case(attrs: &[Attribute], option: &str) -> Result<Option<String>, Path> {
    let Some(meta) = options(attrs).find(|meta| meta.path().is_ident(option)) else {
        return Ok(None);
    };
    match text(&meta) {
        Some(case) if CASES.contains(&&*case) => Ok(Some(case)),
        _ => Err(meta.path().clone()),
    }
}

/// Returns the name that a field is renamed to, or the attribute that is not supported.
pub(super) fn rename(attrs: &[Attribute]) -> Result<Option<String>, Path> {
    let mut name = None;
    for option in options(attrs) {
        match text(&option) {
            Some(text) if option.path().is_ident("rename") => name = Some(text),
            _ => return Err(option.path().clone()),
        }
    }
    Ok(name)
}

/// Converts `line_number` to one of serde's cases.
pub(super) fn in_case(name: &str, case: Option<&str>) -> String {
    let pascal = || -> String {
        let mut starts_word = true;
        name.chars()
            .filter_map(|letter| {
                let starts = std::mem::replace(&mut starts_word, letter == '_');
                match letter {
                    '_' => None,
                    letter if starts => Some(letter.to_ascii_uppercase()),
                    letter => Some(letter),
                }
            })
            .collect()
    };
    match case {
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("PascalCase") => pascal(),
        Some("camelCase") => {
            let pascal = pascal();
            let mut letters = pascal.chars();
            let first = letters.next().map(|letter| letter.to_ascii_lowercase());
            first.into_iter().chain(letters).collect()
        }
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::in_case;

    #[test]
    fn fields_are_named_as_serde_names_them() {
        for (case, named) in [
            (None, "line_number"),
            (Some("lowercase"), "line_number"),
            (Some("UPPERCASE"), "LINE_NUMBER"),
            (Some("PascalCase"), "LineNumber"),
            (Some("camelCase"), "lineNumber"),
            (Some("snake_case"), "line_number"),
            (Some("SCREAMING_SNAKE_CASE"), "LINE_NUMBER"),
            (Some("kebab-case"), "line-number"),
            (Some("SCREAMING-KEBAB-CASE"), "LINE-NUMBER"),
        ] {
            assert_eq!(in_case("line_number", case), named);
        }
    }
}
