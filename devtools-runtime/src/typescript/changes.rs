//! Which changes since a `schema.lock` was written break whoever calls the functions, or is called.

use serde_json::Value;

use crate::typescript::compatible::{Types, misfit};
use crate::typescript::lock::VERSION;

/// What has changed since a lock was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// What breaks callers, each naming the function.
    pub(crate) breaking: Vec<String>,
    /// What does not.
    pub(crate) harmless: Vec<String>,
}

/// Compares two locks; an error says why one is none.
pub(crate) fn compare(old: &str, new: &str) -> Result<Changes, String> {
    let read = |text: &str| -> Result<Value, String> {
        let lock: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match lock["version"].as_u64() {
            Some(VERSION) => Ok(lock),
            _ => Err(format!("it is not of version {VERSION}")),
        }
    };
    let (old, new) = (read(old)?, read(new)?);
    let mut changes = Changes::default();
    let functions = |lock: &Value| lock["functions"].as_object().cloned().unwrap_or_default();
    let (old_functions, new_functions) = (functions(&old), functions(&new));
    for (name, before) in &old_functions {
        match new_functions.get(name) {
            Some(after) => function(name, (before, &old), (after, &new), &mut changes),
            None => changes.breaking.push(format!("`{name}` is gone")),
        }
    }
    for name in new_functions.keys() {
        if !old_functions.contains_key(name) {
            changes.harmless.push(format!("`{name}` is new"));
        }
    }
    Ok(changes)
}

/// Compares a function with what it was. Whoever calls it, or is called, goes by what was.
fn function(
    name: &str,
    (before, old): (&Value, &Value),
    (after, new): (&Value, &Value),
    changes: &mut Changes,
) {
    for aspect in ["side", "encoding", "kind"] {
        let (was, is) = (&before[aspect], &after[aspect]);
        if was == is {
            continue;
        }
        let text = format!("`{name}` is of {aspect} {is}, and was {was}");
        // Who calls a query need not know that it is static now.
        if aspect == "kind" && *was != "event" && *is != "event" {
            changes.harmless.push(text);
        } else {
            changes.breaking.push(text);
        }
    }
    let is_of_server = after["side"] == "server";
    let (old, new) = (Types(&old["types"]), Types(&new["types"]));
    // What goes to the program must still be read; what comes from it must still be understood.
    let misfit_of = |was: &Value, is: &Value, goes_in: bool| {
        if goes_in {
            misfit(was, old, is, new)
        } else {
            misfit(is, new, was, old)
        }
    };
    let list = |function: &Value| {
        function["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let (were, are) = (list(before), list(after));
    for position in 0..were.len().max(are.len()) {
        match (were.get(position), are.get(position)) {
            (Some(was), Some(is)) => {
                let parameter = format!("parameter {} of `{name}`", is["name"]);
                if is_of_server && is["required"] == true && was["required"] == false {
                    let text = format!("{parameter} can no longer be left out");
                    changes.breaking.push(text);
                }
                if let Some(misfit) = misfit_of(&was["type"], &is["type"], is_of_server) {
                    changes.breaking.push(format!("{parameter}: {misfit}"));
                } else if was != is {
                    changes.harmless.push(format!("{parameter} has changed"));
                }
            }
            (None, Some(is)) => {
                let text = format!("parameter {} of `{name}` is new", is["name"]);
                if is_of_server && is["required"] == true {
                    changes.breaking.push(text);
                } else {
                    changes.harmless.push(text);
                }
            }
            (Some(was), None) => {
                let text = format!("parameter {} of `{name}` is gone", was["name"]);
                if is_of_server {
                    changes.harmless.push(text);
                } else {
                    changes.breaking.push(text);
                }
            }
            (None, None) => {}
        }
    }
    let (was, is) = (&before["result"], &after["result"]);
    if let Some(misfit) = misfit_of(was, is, !is_of_server) {
        changes
            .breaking
            .push(format!("result of `{name}`: {misfit}"));
    } else if was != is {
        changes
            .harmless
            .push(format!("result of `{name}` has changed"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Changes, compare};

    fn lock(parameters: Value, result: Value, types: Value) -> String {
        let of = |side: &str| {
            json!({
                "kind": "query", "side": side, "encoding": "json",
                "parameters": parameters, "result": result,
            })
        };
        json!({ "version": 1, "functions": { "a:get": of("server") }, "types": types }).to_string()
    }

    fn changes(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
        let Changes { breaking, harmless } = compare(old, new).unwrap();
        (breaking, harmless)
    }

    fn text() -> Value {
        json!({ "type": "string" })
    }

    fn object(members: Value, required: Value) -> Value {
        json!({ "type": "object", "properties": members, "required": required })
    }

    #[test]
    fn what_is_taken_may_grow_and_what_is_given_may_shrink() {
        let (narrow, wide) = (
            json!({ "type": "integer" }),
            json!({ "type": ["integer", "null"] }),
        );
        let taking = |of: &Value| {
            let parameters = json!([{ "name": "a", "required": true, "type": of }]);
            lock(parameters, text(), json!({}))
        };
        assert_eq!(changes(&taking(&narrow), &taking(&wide)).0, [""; 0]);
        assert_eq!(
            changes(&taking(&wide), &taking(&narrow)).0,
            ["parameter \"a\" of `a:get`: null is none of what is expected"]
        );
        let giving = |of: &Value| lock(json!([]), of.clone(), json!({}));
        assert_eq!(changes(&giving(&wide), &giving(&narrow)).0, [""; 0]);
        assert_eq!(changes(&giving(&narrow), &giving(&wide)).0.len(), 1);
        assert_eq!(changes(&giving(&wide), &giving(&wide)), (vec![], vec![]));
    }

    #[test]
    fn members_are_compared_through_names() {
        let of = |name: &str| json!({ "$ref": format!("#/types/{name}") });
        let list = |name: &str| json!({ "type": "array", "items": of(name) });
        let giving = |name: &str, members: Value, required: Value| {
            lock(
                json!([]),
                list(name),
                json!({ name: object(members, required) }),
            )
        };
        let old = giving(
            "Module",
            json!({ "id": text(), "of": of("Module") }),
            json!(["id"]),
        );
        let renamed = giving(
            "Module2",
            json!({ "id": text(), "of": of("Module2") }),
            json!(["id"]),
        );
        assert_eq!(changes(&old, &renamed).0, [""; 0]);
        let more = json!({ "id": text(), "of": of("Module"), "more": text() });
        assert_eq!(
            changes(&old, &giving("Module", more, json!(["id", "more"]))).0,
            [""; 0]
        );
        let missing = giving(
            "Module",
            json!({ "id": text(), "of": of("Module") }),
            json!([]),
        );
        assert_eq!(
            changes(&old, &missing).0,
            ["result of `a:get`: `*`: `id` may be missing"]
        );
        let number = json!({ "id": { "type": "integer" }, "of": of("Module") });
        assert_eq!(
            changes(&old, &giving("Module", number, json!(["id"]))).0,
            ["result of `a:get`: `*.id`: integer where string is expected"]
        );
    }

    #[test]
    fn functions_and_parameters_come_and_go() {
        let parameter =
            |required: bool| json!({ "name": "a", "required": required, "type": text() });
        let none = lock(json!([]), text(), json!({}));
        let optional = lock(json!([parameter(false)]), text(), json!({}));
        let required = lock(json!([parameter(true)]), text(), json!({}));
        assert_eq!(changes(&none, &optional).0, [""; 0]);
        assert_eq!(
            changes(&none, &required).0,
            ["parameter \"a\" of `a:get` is new"]
        );
        assert_eq!(
            changes(&optional, &required).0,
            ["parameter \"a\" of `a:get` can no longer be left out"]
        );
        assert_eq!(changes(&required, &none).0, [""; 0]);
        let empty = json!({ "version": 1, "functions": {}, "types": {} }).to_string();
        assert_eq!(changes(&none, &empty).0, ["`a:get` is gone"]);
        assert_eq!(changes(&empty, &none).1, ["`a:get` is new"]);
        assert!(compare("{}", &none).is_err());
    }
}
