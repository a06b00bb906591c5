//! Adds the properties of a client's initial value to a server's value.

use std::collections::HashMap;

use crate::state::patch::steps::count;
use crate::wire::js::Value;

/// Returns `{...initial, ...value}` if both are objects, and otherwise the value ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
pub(crate) fn merge(initial: &Value, value: Value) -> Value {
    let Value::Object(initial) = initial else {
        return value;
    };
    let Value::Object(properties) = value else {
        return value;
    };
    count(initial.len() + properties.len());
    let mut merged = initial.clone();
    let places = initial.iter().enumerate();
    let places: HashMap<_, _> = places.map(|(place, (key, _))| (key, place)).collect();
    for (key, value) in properties {
        match places.get(&key) {
            Some(place) => merged[*place].1 = value,
            None => merged.push((key, value)),
        }
    }
    Value::Object(merged)
}
