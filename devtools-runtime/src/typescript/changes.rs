//! Finds the breaking changes since a `schema.lock` was written: those that break callers, called functions, streams
//! or shared states.

use serde_json::Value;

use crate::typescript::compatible::{LockedTypes, misfit};
use crate::typescript::lock::VERSION;

/// The changes since a lock was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Changes that break a caller or a callee, each with the name of the function, channel or state.
    pub(crate) breaking: Vec<String>,
    /// All other changes.
    pub(crate) harmless: Vec<String>,
}

impl Changes {
    /// Records the change of a type. `misfit` is the reason why the change breaks, if it does.
    fn of_type(&mut self, what: &str, misfit: Option<String>, differs: bool) {
        if let Some(misfit) = misfit {
            self.breaking.push(format!("{what}: {misfit}"));
        } else if differs {
            self.harmless.push(format!("{what} has changed"));
        }
    }
}

/// Compares two locks. Fails if one of the texts is not a lock.
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
    for ListedKind { key, what, compare } in KINDS {
        let of = |lock: &Value| lock[key].as_object().cloned().unwrap_or_default();
        let (befores, afters) = (of(&old), of(&new));
        for (name, before) in &befores {
            match afters.get(name) {
                Some(after) => compare(name, (before, &old), (after, &new), &mut changes),
                None => changes.breaking.push(format!("{what}`{name}` is gone")),
            }
        }
        for name in afters.keys() {
            if !befores.contains_key(name) {
                changes.harmless.push(format!("{what}`{name}` is new"));
            }
        }
    }
    Ok(changes)
}

/// One list in a lock, and the comparison of two entries of it.
struct ListedKind {
    /// The key of the list in a lock.
    key: &'static str,
    /// The word before a name in messages.
    what: &'static str,
    compare: Compare,
}

/// Compares the old and the new entry of one name. Each entry comes with its lock, which has the types.
type Compare = fn(&str, (&Value, &Value), (&Value, &Value), &mut Changes);

const KINDS: [ListedKind; 3] = [
    ListedKind {
        key: "functions",
        what: "",
        compare: function,
    },
    ListedKind {
        key: "channels",
        what: "channel ",
        compare: channel,
    },
    ListedKind {
        key: "sharedStates",
        what: "shared state ",
        compare: state,
    },
];

/// Compares a function with its old entry. Existing callers, or called functions on the client, still use the old
/// one.
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
        // Callers of a query need no change when it becomes static.
        if aspect == "kind" && *was != "event" && *is != "event" {
            changes.harmless.push(text);
        } else {
            changes.breaking.push(text);
        }
    }
    let is_of_server = after["side"] == "server";
    let (old, new) = (LockedTypes(&old["types"]), LockedTypes(&new["types"]));
    // Values that go to the program must still be readable; values that come from it must still be understood.
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
                let misfit = misfit_of(&was["type"], &is["type"], is_of_server);
                changes.of_type(&parameter, misfit, was != is);
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
    let misfit = misfit_of(was, is, !is_of_server);
    changes.of_type(&format!("result of `{name}`"), misfit, was != is);
}

/// Compares a channel with its old entry. Existing readers of its streams, and uploaders, still use the old one.
fn channel(
    name: &str,
    (before, old): (&Value, &Value),
    (after, new): (&Value, &Value),
    changes: &mut Changes,
) {
    let (was, is) = (&before["encoding"], &after["encoding"]);
    if was != is {
        let text = format!("channel `{name}` is of encoding {is}, and was {was}");
        changes.breaking.push(text);
    }
    let (old, new) = (LockedTypes(&old["types"]), LockedTypes(&new["types"]));
    let (was, is) = (&before["chunk"], &after["chunk"]);
    let misfit_of_chunk = misfit(is, new, was, old);
    changes.of_type(&format!("chunk of `{name}`"), misfit_of_chunk, was != is);
    let (was, is) = (&before["upload"], &after["upload"]);
    let misfit_of_upload = misfit(was, old, is, new);
    changes.of_type(&format!("upload to `{name}`"), misfit_of_upload, was != is);
}

/// Compares a shared state with its old entry. Existing clients read and write values of the old type.
fn state(
    name: &str,
    (before, old): (&Value, &Value),
    (after, new): (&Value, &Value),
    changes: &mut Changes,
) {
    let (old, new) = (LockedTypes(&old["types"]), LockedTypes(&new["types"]));
    let (was, is) = (&before["value"], &after["value"]);
    let misfit_of_value = misfit(is, new, was, old);
    changes.of_type(&format!("value of `{name}`"), misfit_of_value, was != is);
    let (accepted, is_accepted) = (&before["accepted"], &after["accepted"]);
    let misfit_of_accepted = misfit(was, old, is_accepted, new);
    changes.of_type(
        &format!("value that clients write to `{name}`"),
        misfit_of_accepted,
        accepted != is_accepted,
    );
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
            ["parameter \"a\" of `a:get`: null is not one of the expected types"]
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

    #[test]
    fn channels_and_shared_states_are_compared_both_ways() {
        let of = |name: &str| json!({ "$ref": format!("#/types/{name}") });
        let lock = |encoding: &str, written: Value, read: Value| {
            json!({
                "version": 1,
                "functions": {},
                "channels": {
                    "a:chat": { "encoding": encoding, "chunk": of("Token"), "upload": of("TokenInput") },
                },
                "sharedStates": {
                    "a:board": { "value": of("Token"), "accepted": of("TokenInput") },
                },
                "types": { "Token": written, "TokenInput": read },
            })
            .to_string()
        };
        let plain = object(json!({ "text": text() }), json!(["text"]));
        let old = lock("json", plain.clone(), plain.clone());
        assert_eq!(changes(&old, &old), (vec![], vec![]));

        // Adds a field that may be missing.
        let more = json!({ "text": text(), "more": text() });
        let defaulted = lock(
            "json",
            object(more.clone(), json!(["text", "more"])),
            object(more.clone(), json!(["text"])),
        );
        assert_eq!(changes(&old, &defaulted).0, [""; 0]);
        // Adds a required field, which existing writers do not know.
        let required = object(more, json!(["text", "more"]));
        let required = lock("json", required.clone(), required);
        assert_eq!(
            changes(&old, &required).0,
            [
                "upload to `a:chat`: `more` may be missing",
                "value that clients write to `a:board`: `more` may be missing",
            ]
        );
        // Removes a required field, which existing readers need.
        assert_eq!(
            changes(&defaulted, &old).0,
            [
                "chunk of `a:chat`: `more` may be missing",
                "value of `a:board`: `more` may be missing",
            ]
        );
        let clone = lock("structured-clone", plain.clone(), plain);
        assert_eq!(
            changes(&old, &clone).0,
            ["channel `a:chat` is of encoding \"structured-clone\", and was \"json\""]
        );
        // Compares with a lock that was written before channels and states existed.
        let none = json!({ "version": 1, "functions": {}, "types": {} }).to_string();
        assert_eq!(
            changes(&none, &old).1,
            ["channel `a:chat` is new", "shared state `a:board` is new"]
        );
        assert_eq!(
            changes(&old, &none).0,
            ["channel `a:chat` is gone", "shared state `a:board` is gone"]
        );
    }
}
