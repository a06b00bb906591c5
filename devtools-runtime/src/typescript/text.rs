//! Parts of TypeScript source: names, literals, comments.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Words of the language that can be the name of neither a type nor a parameter.
const KEYWORDS: &str = "await break case catch class const continue debugger default delete do else enum export extends \
     false finally for function if implements import in instanceof interface let new null package private \
     protected public return static super switch this throw true try typeof var void while with yield";

/// Further words that cannot be the name of a parameter.
const NO_PARAMETERS: &str = "arguments eval";

/// Further words that cannot be the name of a declared type, and the types that the declarations use.
const NO_TYPES: &str = "any as async bigint boolean declare never number object string symbol type undefined unique unknown \
     BigInt64Array BigUint64Array Date Error Float32Array Float64Array Int16Array Int32Array Int8Array \
     Map Promise Record RegExp Set Uint16Array Uint32Array Uint8Array Uint8ClampedArray";

/// Returns whether no declared type may have this name.
pub(super) fn is_reserved(name: &str) -> bool {
    is_word_of(KEYWORDS, name) || is_word_of(NO_TYPES, name)
}

fn is_word_of(words: &str, name: &str) -> bool {
    words.split(' ').any(|word| word == name)
}

/// Turns a name into an identifier.
pub(super) fn identifier(name: &str) -> String {
    let mut identifier: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' || c == '$' {
                c
            } else {
                '_'
            }
        })
        .collect();
    if identifier.starts_with(|c: char| c.is_numeric()) || identifier.is_empty() {
        identifier.insert(0, '_');
    }
    identifier
}

/// Turns a scope or a crate's name into the beginning of a type's name: `my-plugin` becomes `MyPlugin`.
pub(super) fn pascal_case(name: &str) -> String {
    let mut begins = true;
    let mut pascal = String::with_capacity(name.len());
    for c in name.chars() {
        if !c.is_alphanumeric() {
            begins = true;
        } else if begins {
            pascal.extend(c.to_uppercase());
            begins = false;
        } else {
            pascal.push(c);
        }
    }
    identifier(&pascal)
}

/// Writes the name of a parameter.
pub(super) fn parameter(name: &str) -> String {
    let mut name = identifier(name);
    if is_word_of(KEYWORDS, &name) || is_word_of(NO_PARAMETERS, &name) {
        name.push('_');
    }
    name
}

/// Writes the name of a member, in quotes if needed.
pub(super) fn member(name: &str) -> String {
    if identifier(name) == name && !name.is_empty() {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Writes a string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// Writes the title and description of a schema as a comment on lines of its own. Empty if it has none.
pub(super) fn comment_of(schema: &Map<String, Value>, indent: &str) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let mut lines: Vec<&str> = Vec::new();
    if let Some(title) = text("title") {
        lines.extend([title, ""]);
    }
    lines.extend(text("description").unwrap_or_default().lines());
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        lines.extend(["", "@deprecated"]);
    }
    comment(&lines.join("\n"), indent)
}

/// Writes a text as a comment on lines of its own. Empty if there is no text.
pub(super) fn comment(text: &str, indent: &str) -> String {
    let text = text.trim().replace("*/", "*\\/");
    if text.is_empty() {
        return String::new();
    }
    if !text.contains('\n') {
        return format!("{indent}/** {text} */\n");
    }
    let mut comment = format!("{indent}/**\n");
    for line in text.lines() {
        comment.push_str(indent);
        comment.push_str(format!(" * {line}").trim_end());
        comment.push('\n');
    }
    comment.push_str(indent);
    comment.push_str(" */\n");
    comment
}
