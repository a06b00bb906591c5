//! The shared states that the recorded server had, and what it did to them.

use devtools_runtime::state::{SharedState, StateOptions};
use devtools_runtime::{DevToolsContext, js};
use serde_json::{Value, json};

/// Something done to a state.
type Change = Box<dyn FnMut(&mut Value)>;

/// Returns the first value of a state, in the transcripts that have one.
fn initial(transcript: &str) -> Option<(&'static str, Value)> {
    Some(match transcript {
        "state/get-subscribe-update" => ("proto:counter", json!({"count": 0})),
        "state/two-clients" => ("proto:shared2", json!({"n": 0})),
        "state/patches" => (
            "proto:patched",
            json!({"list": ["a", "b", "c"], "map": {"x": 1}, "n": 0}),
        ),
        "state/initial-value" => ("proto:merge", json!({"server": 1, "nested": {"s": 1}})),
        "auth/revoked-still-subscribed" => ("proto:leak", json!({"n": 0})),
        _ => return None,
    })
}

/// Returns the last value of the state of a transcript.
fn last(transcript: &str) -> Option<(&'static str, Value)> {
    Some(match transcript {
        "state/get-subscribe-update" => ("proto:counter", json!({"count": 6, "by": "client"})),
        "state/two-clients" => ("proto:shared2", json!({"n": 1})),
        "state/patches" => ("proto:patched", json!({"fresh": false, "added": [1]})),
        "state/unknown-key" => ("proto:nokey", json!({"made": "again"})),
        "state/settings" => ("devframe:settings:project:proto", json!({"theme": "dark"})),
        "auth/revoked-still-subscribed" => ("proto:leak", json!({"n": 1})),
        _ => return None,
    })
}

/// Makes the state of a transcript, if it has one.
pub(crate) fn prepare(transcript: &str, context: &DevToolsContext) {
    if let Some((key, value)) = initial(transcript) {
        let options = match transcript {
            "state/patches" => StateOptions::new().patches(),
            _ => StateOptions::new(),
        };
        let states = context.rpc().shared_states();
        states.create(key, of_json(&value), options).unwrap();
    }
}

/// Sees what has become of it.
pub(crate) fn check(transcript: &str, context: &DevToolsContext) {
    if let Some((key, value)) = last(transcript) {
        assert_eq!(json_of(&state(context, key)), value, "{transcript}");
    }
}

/// Does what was done to the state of the recorded server at a mark, if it was something of the kind.
pub(crate) fn act(context: &DevToolsContext, label: &str) -> bool {
    let (key, mut change): (_, Change) = match label {
        "server mutates" => ("proto:counter", Box::new(|state| state["count"] = 5.into())),
        "replace" => ("proto:patched", Box::new(|state| state["n"] = 1.into())),
        "push" => (
            "proto:patched",
            Box::new(|state| state["list"].as_array_mut().unwrap().push("d".into())),
        ),
        "splice middle" => (
            "proto:patched",
            Box::new(|state| drop(state["list"].as_array_mut().unwrap().remove(1))),
        ),
        "add and delete keys" => (
            "proto:patched",
            Box::new(|state| state["map"] = json!({"y": 2})),
        ),
        "replace root" => {
            let state = state(context, "proto:patched");
            state.set(of_json(&json!({"fresh": true}))).unwrap();
            return true;
        }
        "server mutates after the revocation" => {
            ("proto:leak", Box::new(|state| state["n"] = 1.into()))
        }
        "a mutates" => return true,
        _ => return false,
    };
    let state = state(context, key);
    let mut value = json_of(&state);
    change(&mut value);
    state.mutate(|state| *state = of_json(&value)).unwrap();
    true
}

fn state(context: &DevToolsContext, key: &str) -> SharedState<js::Value> {
    context.rpc().shared_states().get(key).unwrap().unwrap()
}

fn json_of(state: &SharedState<js::Value>) -> Value {
    serde_json::to_value(&*state.value()).unwrap()
}

fn of_json(value: &Value) -> js::Value {
    serde_json::from_value(value.clone()).unwrap()
}
