//! The names of tools.

/// The longest name of a tool that agents accept, in characters.
const LONGEST: usize = 128;

/// Returns the name of the tool for a function: each run of characters that agents do not accept becomes one `_`.
pub(crate) fn tool_name(function: &str) -> String {
    let mut name = String::with_capacity(function.len());
    let mut in_run = false;
    // The ecosystem's implementation cuts the name after 128 UTF-16 units. All characters are ASCII by then, so the
    // result is the same.
    for character in function.chars() {
        let is_taken = character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        if is_taken {
            name.push(character);
        } else if !in_run {
            name.push('_');
        }
        in_run = !is_taken;
    }
    name.truncate(LONGEST);
    name
}

#[cfg(test)]
mod tests {
    use super::tool_name;

    #[test]
    fn names_are_those_of_the_javascript_engine() {
        for (function, tool) in [
            ("devframe:state:read", "devframe_state_read"),
            ("demo:get-modules", "demo_get-modules"),
            ("a:: b_é.c", "a_b__c"),
            ("a_:b", "a__b"),
            (":", "_"),
        ] {
            assert_eq!(tool_name(function), tool);
        }
        assert_eq!(tool_name(&"a".repeat(200)).len(), 128);
    }
}
