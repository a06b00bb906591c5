//! Names on the wire: of functions, channels and shared states.

/// The prefix that the ecosystem reserves. The parts after it may have any form.
const RESERVED: &str = "devframe:";

/// Returns whether this is `scope:name`, each part in kebab-case. There may be more than two parts.
pub(crate) fn is_scoped_name(name: &str) -> bool {
    name.contains(':') && name.split(':').all(is_kebab_case)
}

/// Returns the same, and accepts names of the ecosystem, such as `devframe:settings:project:editorTheme`.
pub(crate) fn is_scoped_or_reserved(name: &str) -> bool {
    name.starts_with(RESERVED) || is_scoped_name(name)
}

fn is_kebab_case(part: &str) -> bool {
    let is_word = |word: &str| {
        let mut letters = word.bytes();
        !word.is_empty() && letters.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    part.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::{is_kebab_case, is_scoped_name, is_scoped_or_reserved};

    #[test]
    fn only_kebab_case_is() {
        for part in ["get-data", "a", "v2", "read-v2-file"] {
            assert!(is_kebab_case(part), "{part}");
        }
        for part in [
            "", "-", "get-", "-data", "getData", "get_data", "get data", "é",
        ] {
            assert!(!is_kebab_case(part), "{part}");
        }
    }

    #[test]
    fn names_have_a_scope() {
        for name in ["my-plugin:get-data", "a:b", "a:b:c-2"] {
            assert!(is_scoped_name(name), "{name}");
        }
        for name in [
            "",
            "Bad",
            "bad",
            ":bad",
            "bad:",
            "my-plugin:Bad",
            "my_plugin:bad",
            "a:\u{1f}",
        ] {
            assert!(!is_scoped_or_reserved(name), "{name}");
        }
        assert!(is_scoped_or_reserved(
            "devframe:settings:project:editorTheme"
        ));
    }
}
