//! Names of functions on the wire, and of their identity types.

/// The names of the prelude. An identity type with such a name would hide it in the module.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Returns `true` if a type with this name would hide one of the prelude.
pub(crate) fn shadows_prelude(name: &str) -> bool {
    PRELUDE.contains(&name)
}

/// Converts `get_module` to `GetModule`.
pub(crate) fn pascal_case(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters)
        })
        .collect()
}

/// Converts any spelling, such as `get_module`, `getModule` or `Get Module`, to `get-module`.
pub(crate) fn kebab_case(name: &str) -> String {
    let mut kebab = String::new();
    let mut previous = None;
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            let starts_word = letter.is_ascii_uppercase()
                && previous.is_some_and(|p: char| p.is_ascii_lowercase() || p.is_ascii_digit());
            if starts_word && !kebab.ends_with('-') {
                kebab.push('-');
            }
            kebab.push(letter.to_ascii_lowercase());
        } else if !kebab.is_empty() && !kebab.ends_with('-') {
            kebab.push('-');
        }
        previous = Some(letter);
    }
    kebab.trim_end_matches('-').to_owned()
}

/// A malformed name, with the problem and a proposal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) problem: String,
    pub(crate) proposal: String,
}

/// Returns the name of the package that is compiled. Empty if it is not compiled by cargo.
pub(crate) fn package() -> String {
    std::env::var("CARGO_PKG_NAME").unwrap_or_default()
}

/// Derives the name of a function from its package: `my-plugin:get-module` for `get_module` in `my_plugin`.
pub(crate) fn derive(package: &str, function: &str) -> String {
    let or = |name: String, default: &str| {
        if name.is_empty() {
            default.to_owned()
        } else {
            name
        }
    };
    let scope = or(kebab_case(package), "my-plugin");
    // A name with letters other than ASCII would lose some of them.
    let function = if function.is_ascii() { function } else { "" };
    format!("{scope}:{}", or(kebab_case(function), "get-data"))
}

/// Checks a name: at least two parts joined by `:`, each in kebab-case. The proposal takes missing parts from
/// `derived`.
pub(crate) fn check(name: &str, derived: &str) -> Result<(), Malformed> {
    let (package, function) = derived.split_once(':').unwrap_or(("my-plugin", "get-data"));
    // A part with letters other than ASCII would lose some of them.
    let kebab_case = |part: &str| {
        if part.is_ascii() {
            kebab_case(part)
        } else {
            String::new()
        }
    };
    let separated = name.split_once(':').or_else(|| name.split_once(['/', '.']));
    let (scope, rest) = separated.unwrap_or(("", name));
    let mut proposal = vec![match kebab_case(scope) {
        scope if scope.is_empty() => package.to_owned(),
        scope => scope,
    }];
    proposal.extend(
        rest.split(':')
            .map(kebab_case)
            .filter(|part| !part.is_empty()),
    );
    if proposal.len() == 1 {
        proposal.push(function.to_owned());
    }
    let proposal = proposal.join(":");
    let problem = if proposal == name {
        return Ok(());
    } else if name.is_empty() {
        "the name is empty".to_owned()
    } else if !name.is_ascii() {
        format!("`{name}` has letters other than `a` to `z`")
    } else if !name.contains(':') || scope.is_empty() {
        format!("`{name}` has no scope")
    } else if rest.is_empty() {
        format!("`{name}` names no function")
    } else {
        format!("`{name}` is not in kebab-case")
    };
    Err(Malformed { problem, proposal })
}

/// Returns the word of `known` that is most similar to `word`, ignoring case. `None` if none is similar.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_lowercase();
    let best = known
        .iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), *candidate))
        .min()?;
    (best.0 <= best.1.len().max(3) / 3).then_some(best.1)
}

/// Returns the number of letters to insert, remove, replace, or swap with the next letter.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for i in 0..from.len() {
        let mut row = vec![i + 1];
        for j in 0..to.len() {
            let replaced = above[j] + usize::from(from[i] != to[j]);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from[i] == to[j - 1] && from[i - 1] == to[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{check, derive, kebab_case, nearest, pascal_case};

    #[test]
    fn identities_are_in_pascal_case() {
        for (function, identity) in [
            ("get_module", "GetModule"),
            ("ping", "Ping"),
            ("read_v2", "ReadV2"),
            ("_x", "X"),
        ] {
            assert_eq!(pascal_case(function), identity);
        }
    }

    #[test]
    fn any_spelling_becomes_kebab_case() {
        for spelling in [
            "get_module",
            "getModule",
            "Get Module",
            "get--module",
            "GetModule-",
        ] {
            assert_eq!(kebab_case(spelling), "get-module");
        }
        assert_eq!(kebab_case("readV2"), "read-v2");
    }

    #[test]
    fn a_malformed_name_gets_a_proposal() {
        let proposal =
            |name| check(name, "my-plugin:get-data").map_err(|malformed| malformed.proposal);
        for name in [
            "my-plugin:get-data",
            "a:b",
            "devframe:rpc:server-state:get",
            "x:v2",
        ] {
            assert_eq!(proposal(name), Ok(()), "{name}");
        }
        for (name, proposed) in [
            ("get-data", "my-plugin:get-data"),
            ("getData", "my-plugin:get-data"),
            (":get-data", "my-plugin:get-data"),
            ("other:", "other:get-data"),
            ("other::get", "other:get"),
            ("other/get", "other:get"),
            ("My_Plugin:getData", "my-plugin:get-data"),
            ("a:b c", "a:b-c"),
            ("", "my-plugin:get-data"),
            ("my-plugin:größe", "my-plugin:get-data"),
            ("größe:get", "my-plugin:get"),
            ("größe", "my-plugin:get-data"),
        ] {
            assert_eq!(proposal(name), Err(proposed.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_name_is_derived_from_package_and_function() {
        assert_eq!(derive("my_plugin", "get_module"), "my-plugin:get-module");
        assert_eq!(derive("", "_"), "my-plugin:get-data");
        assert_eq!(derive("my_plugin", "größe"), "my-plugin:get-data");
    }

    #[test]
    fn only_a_near_word_is_proposed() {
        assert_eq!(nearest("knid", &["name", "kind"]), Some("kind"));
        assert_eq!(nearest("names", &["name", "kind"]), Some("name"));
        assert_eq!(nearest("KIND", &["name", "kind"]), Some("kind"));
        assert_eq!(nearest("frobnicate", &["name", "kind"]), None);
    }
}
