//! The addresses of the dock, as its readers need them ([protocol 13.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#132-dock-entries)).
//!
//! A program writes them from the root of its own server: `/__my-plugin/`. On a live server, clients receive them below the
//! [root path](crate::DevToolsBuilder::root_path).
//!
//! A dump may be hosted below any path, so its addresses are relative: interfaces resolve them against the address of the
//! metadata, as pages do with all other addresses. Scripts are imported from their addresses as they are written, which
//! cannot be relative. So the addresses of scripts are not changed unless the path of the dump is known.

use serde::Serialize;
use serde::de::DeserializeOwned;

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
pub(crate) fn holds_addresses(key: &str) -> bool {
    STATES.contains(&key)
}

/// Returns the value of such a state for clients, with the addresses below the root path.
pub(crate) fn below_root_path<T: Clone + Serialize + DeserializeOwned>(
    root_path: &str,
    value: &T,
) -> T {
    if root_path.is_empty() {
        return value.clone();
    }
    let root = format!("{root_path}/");
    let moved = serde_json::to_value(value).and_then(serde_json::from_value);
    let moved = moved.map(|value| moved_to(value, "/", &root, Some(&root)));
    let moved = moved
        .and_then(serde_json::to_value)
        .and_then(serde_json::from_value);
    moved.unwrap_or_else(|error| {
        tracing::warn!(%error, root_path, "addresses of the dock stay as they are, because they could not be rewritten");
        value.clone()
    })
}

/// Returns the value of such a state for a dump. `base` is the path that the dump is hosted at, if it is known.
pub(crate) fn in_dump(value: Value, root_path: &str, base: Option<&str>) -> Value {
    moved_to(value, &format!("{root_path}/"), base.unwrap_or("./"), base)
}

/// Moves the addresses that begin with `root` to `pages`, and those of scripts to `scripts`, if it is set.
fn moved_to(value: Value, root: &str, pages: &str, scripts: Option<&str>) -> Value {
    match value {
        Value::Array(members) => {
            let members = members
                .into_iter()
                .map(|member| moved_to(member, root, pages, scripts));
            Value::Array(members.collect())
        }
        Value::Object(properties) => {
            let properties = properties.into_iter().map(|(key, value)| {
                let value = match value {
                    Value::String(text) if ADDRESSES.contains(&&*key) => {
                        Value::String(address(text, root, pages))
                    }
                    Value::String(text) if key == SCRIPT => match scripts {
                        Some(scripts) => Value::String(address(text, root, scripts)),
                        None => Value::String(text),
                    },
                    // The program defines the content of these: a panel that JSON describes, and parameters for a page.
                    value if matches!(&*key, "view" | "navTarget" | "params") => value,
                    value => moved_to(value, root, pages, scripts),
                };
                (key, value)
            });
            Value::Object(properties.collect())
        }
        value => value,
    }
}

/// Moves an address that begins with `root` to `to`. Returns any other address unchanged.
fn address(text: String, root: &str, to: &str) -> String {
    let (mask, path) = match text.strip_prefix(MASK) {
        Some(path) => (MASK, path),
        None => ("", &*text),
    };
    match path.strip_prefix(root) {
        Some(rest) if !rest.starts_with('/') => format!("{mask}{to}{rest}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{below_root_path, in_dump};
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
        assert_eq!(in_dump(value(&docks), "", None), value(&relative));

        let mut absolute = docks.clone();
        absolute[0]["url"] = json!("/repo/__a/?tab=1#x");
        absolute[0]["icon"] = json!("/repo/i.svg");
        absolute[0]["clientScript"]["importFrom"] = json!("/repo/a.js");
        absolute[1]["icon"]["light"] = json!("mask:/repo/l.svg");
        absolute[2]["launcher"]["icon"] = json!("/repo/l.svg");
        assert_eq!(in_dump(value(&docks), "", Some("/repo/")), value(&absolute));

        // Clients see the same below a root path, and a dump is the same with one.
        assert_eq!(below_root_path("/repo", &docks), absolute);
        assert_eq!(in_dump(value(&absolute), "/repo", None), {
            let mut relative = relative;
            relative[0]["clientScript"]["importFrom"] = json!("/repo/a.js");
            value(&relative)
        });
    }
}
