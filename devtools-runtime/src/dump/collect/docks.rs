//! The dock's addresses in a dump ([protocol 13.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#132-dock-entries)).
//!
//! A live server writes them from its root: `/__my-plugin/`. A dump may be hosted below any path, so it writes them
//! relative to itself: interfaces resolve them against the metadata, as pages do with everything else. The addresses
//! of scripts are imported as they are and cannot be relative, so they stay unless the options give the path.

use crate::wire::js::Value;

/// The shared states that hold addresses.
const STATES: [&str; 2] = ["devframe:docks", "devframe:dock-renderers"];

/// The properties whose value is the address of a page or an image.
const ADDRESSES: [&str; 4] = ["url", "icon", "light", "dark"];

/// The property whose value is the address of a script.
const SCRIPT: &str = "importFrom";

/// The prefix of an image that is drawn in the colour of the text.
const MASK: &str = "mask:";

/// Returns `true` if the shared state with this key holds addresses of the dock.
pub(super) fn holds_addresses(key: &str) -> bool {
    STATES.contains(&key)
}

/// Rewrites the addresses in the value of such a state. `base` is the path that the dump is hosted at, if it is
/// known.
pub(super) fn in_dump(value: Value, base: Option<&str>) -> Value {
    match value {
        Value::Array(members) => {
            let members = members.into_iter().map(|member| in_dump(member, base));
            Value::Array(members.collect())
        }
        Value::Object(properties) => {
            let properties = properties.into_iter().map(|(key, value)| {
                let value = match value {
                    Value::String(text) if ADDRESSES.contains(&&*key) => {
                        Value::String(address(&text, base.unwrap_or("./")))
                    }
                    Value::String(text) if key == SCRIPT => match base {
                        Some(base) => Value::String(address(&text, base)),
                        None => Value::String(text),
                    },
                    // These belong to their authors: a panel that JSON describes, and parameters for a page.
                    value if matches!(&*key, "view" | "navTarget" | "params") => value,
                    value => in_dump(value, base),
                };
                (key, value)
            });
            Value::Object(properties.collect())
        }
        value => value,
    }
}

/// Puts an address that starts at the server's root below `base`. Returns any other address unchanged.
fn address(text: &str, base: &str) -> String {
    let (mask, path) = match text.strip_prefix(MASK) {
        Some(path) => (MASK, path),
        None => ("", text),
    };
    match path.strip_prefix('/') {
        Some(rest) if !rest.starts_with('/') => format!("{mask}{base}{rest}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::in_dump;
    use crate::wire::js::Value;

    #[test]
    fn addresses_are_below_the_dump() {
        let docks = json!([
            { "id": "a", "url": "/__a/?tab=1#x", "icon": "/i.svg", "title": "/title",
              "clientScript": { "importFrom": "/a.js" }, "navTarget": { "path": "/tab", "url": "/x" } },
            { "id": "b", "url": "https://example.com/", "icon": { "light": "mask:/l.svg", "dark": "ph:cube" },
              "action": { "importFrom": "package" } },
            { "id": "c", "url": "//example.com/", "icon": "./i.svg", "launcher": { "icon": "/l.svg" },
              "view": { "spec": { "url": "/y" } } },
        ]);
        let value =
            |docks: &serde_json::Value| -> Value { serde_json::from_value(docks.clone()).unwrap() };
        let mut relative = docks.clone();
        relative[0]["url"] = json!("./__a/?tab=1#x");
        relative[0]["icon"] = json!("./i.svg");
        relative[1]["icon"]["light"] = json!("mask:./l.svg");
        relative[2]["launcher"]["icon"] = json!("./l.svg");
        assert_eq!(in_dump(value(&docks), None), value(&relative));

        let mut absolute = docks.clone();
        absolute[0]["url"] = json!("/repo/__a/?tab=1#x");
        absolute[0]["icon"] = json!("/repo/i.svg");
        absolute[0]["clientScript"]["importFrom"] = json!("/repo/a.js");
        absolute[1]["icon"]["light"] = json!("mask:/repo/l.svg");
        absolute[2]["launcher"]["icon"] = json!("/repo/l.svg");
        assert_eq!(in_dump(value(&docks), Some("/repo/")), value(&absolute));
    }
}
