//! The text of doc comments.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Returns `true` if there is a doc comment that is not empty.
pub(crate) fn has_docs(attrs: &[Attribute]) -> bool {
    docs(attrs).any(|attribute| match &attribute.meta {
        // The content of a macro such as `include_str!` is not known here.
        Meta::NameValue(meta) => literal(&meta.value).is_none_or(|line| !line.trim().is_empty()),
        _ => false,
    })
}

/// Returns the doc comment as one text. `None` if it is empty.
pub(crate) fn description(attrs: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = docs(attrs)
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) => literal(&meta.value),
            _ => None,
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    Some(lines.join("\n").trim().to_owned()).filter(|text| !text.is_empty())
}

/// Returns the attributes of the doc comment.
pub(crate) fn docs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(line),
            ..
        }) => Some(line.value()),
        _ => None,
    }
}
