//! The error of a call that is not in a recording.

use std::collections::BTreeMap;

use crate::dump::read::nearest;
use crate::wire::js::Value;

/// The most names of functions that the message lists.
const MOST_NAMES: usize = 5;

/// Returns the message for a call that is not recorded. It names the recorded calls that are nearest to it.
pub(super) fn not_recorded(
    name: &str,
    arguments: &[Value],
    recorded: &BTreeMap<String, Vec<Vec<Value>>>,
) -> String {
    let Some(calls) = recorded.get(name) else {
        let names: Vec<_> = recorded
            .keys()
            .take(MOST_NAMES)
            .map(|it| format!("`{it}`"))
            .collect();
        let more = if recorded.len() > MOST_NAMES {
            " and others"
        } else {
            ""
        };
        let has = match &names[..] {
            [] => "it has no calls of functions".to_owned(),
            names => format!("it has calls of {}{more}", names.join(", ")),
        };
        return format!("the recording has no call of `{name}`; {has}");
    };
    let (asked, nearest) = nearest(arguments, calls);
    let all = match calls.len() {
        1 => "its recorded call".to_owned(),
        all => format!("the nearest of its {all} recorded calls"),
    };
    format!(
        "the recording has no call of `{name}` with the arguments {asked}; {all}: {}",
        nearest.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::not_recorded;
    use crate::wire::js::Value;

    #[test]
    fn the_message_names_the_call_and_the_nearest_ones() {
        let text = |text: &str| vec![Value::String(text.to_owned())];
        let recorded = [
            (
                "a:b".to_owned(),
                vec![text("src/b.ts"), text("x"), text("src/a.tsx"), text("y")],
            ),
            ("a:c".to_owned(), vec![Vec::new()]),
        ];
        let recorded = recorded.into();
        let asked = text("src/a.ts");
        assert_eq!(
            not_recorded("a:b", &asked, &recorded),
            r#"the recording has no call of `a:b` with the arguments ["src/a.ts"]; the nearest of its 4 recorded calls: ["src/a.tsx"], ["src/b.ts"], ["x"]"#
        );
        assert_eq!(
            not_recorded("a:c", &asked, &recorded),
            r#"the recording has no call of `a:c` with the arguments ["src/a.ts"]; its recorded call: []"#
        );
        assert_eq!(
            not_recorded("a:d", &asked, &recorded),
            "the recording has no call of `a:d`; it has calls of `a:b`, `a:c`"
        );
    }
}
