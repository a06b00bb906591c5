//! Compares values. The order of an object's properties does not count.

use std::collections::HashMap;

use crate::state::patch::steps::count;
use crate::wire::js::{Map, Value};

/// Returns whether two values are equal. Visits each part once.
pub(crate) fn is_same(old: &Value, new: &Value) -> bool {
    count(1);
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => is_same_object(old, new),
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
        }
        // The order of the members of a `Map` or a `Set` counts, because programs can see it.
        (Value::Map(old), Value::Map(new)) => is_same_map(old, new),
        (Value::Set(old), Value::Set(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
        }
        (Value::Number(old), Value::Number(new)) => is_same_number(*old, *new),
        _ => old == new,
    }
}

/// Compares no property twice: otherwise the number of steps would double with each level of nested objects.
fn is_same_object(old: &[(String, Value)], new: &[(String, Value)]) -> bool {
    if old.len() != new.len() {
        return false;
    }
    // In most cases the properties are in the same order.
    let in_order = old.iter().zip(new).all(|((old, _), (new, _))| old == new);
    if in_order {
        return old
            .iter()
            .zip(new)
            .all(|((_, old), (_, new))| is_same(old, new));
    }
    let old: HashMap<_, _> = old.iter().map(|(name, value)| (name, value)).collect();
    new.iter()
        .all(|(name, new)| old.get(name).is_some_and(|old| is_same(old, new)))
}

fn is_same_map(old: &Map<Value, Value>, new: &Map<Value, Value>) -> bool {
    let same = |((old_key, old), (new_key, new)): (&(Value, Value), &(Value, Value))| {
        is_same(old_key, new_key) && is_same(old, new)
    };
    old.len() == new.len() && old.iter().zip(new).all(same)
}

/// Returns whether two numbers are encoded in the same way.
#[expect(clippy::float_cmp, reason = "any other number is another value")]
fn is_same_number(old: f64, new: f64) -> bool {
    old == new || !old.is_finite() && !new.is_finite()
}
