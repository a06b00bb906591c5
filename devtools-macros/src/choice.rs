//! Options whose value is one of a few words.

use syn::LitStr;

use crate::diagnostics::Diagnostics;
use crate::names::nearest;

/// The type of an option that has a word for each of its values.
pub(crate) trait Choice: Sized + Copy + 'static {
    /// The name of the option in messages.
    const WHAT: &'static str;
    const WORDS: &'static [(&'static str, Self)];
}

/// Defines the type of an option, with the option's name in messages and a word for each value.
macro_rules! choice {
    ($(#[$attribute:meta])* $vis:vis enum $name:ident: $what:literal { $($value:ident = $word:literal),* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        $vis enum $name { $($value),* }

        impl $crate::choice::Choice for $name {
            const WHAT: &'static str = $what;
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),*];
        }
    };
}
pub(crate) use choice;

choice! {
    /// The codec of the values.
    pub(crate) enum Encoding: "encoding" { Json = "json", StructuredClone = "structured-clone" }
}

/// Parses `word`. Returns `default` without a word, and reports an unknown one.
pub(crate) fn choose<C: Choice>(
    word: Option<&LitStr>,
    default: C,
    diagnostics: &mut Diagnostics,
) -> Option<C> {
    let Some(word) = word else {
        return Some(default);
    };
    let value = word.value();
    if let Some((_, choice)) = C::WORDS.iter().find(|(known, _)| *known == value) {
        return Some(*choice);
    }
    let known: Vec<&str> = C::WORDS.iter().map(|(known, _)| *known).collect();
    let help = match nearest(&value, &known) {
        Some(meant) => format!("did you mean `\"{meant}\"`?"),
        None => format!("write one of `\"{}\"`", known.join("\"`, `\"")),
    };
    diagnostics.error(word, format!("unknown {} `{value}`", C::WHAT), help);
    None
}
