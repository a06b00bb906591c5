//! Changes of parts of a value: applying them, and finding them out (`protocol.md` 7).

use std::collections::{HashMap, HashSet};

use crate::protocol::state::{Op, Patch, Step};
use crate::wire::js::Value;

/// How many patches one change may have.
const MAX_PATCHES: usize = 4096;

/// Why patches cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatchError {
    #[error("there are more than {MAX_PATCHES}")]
    TooMany,
    #[error("at {0}: there is nothing that has parts")]
    NoParts(String),
    #[error("at {0}: no such element")]
    NoElement(String),
    #[error("at {0}: this name is not allowed")]
    Forbidden(String),
    #[error("at {0}: a member of a set is added or removed, and not replaced")]
    InSet(String),
    #[error("the root can only be replaced")]
    Root,
}

/// Applies patches in order. Either all of them are applied, or the value is not to be used.
pub(crate) fn apply(value: &mut Value, patches: &[Patch]) -> Result<(), PatchError> {
    if patches.len() > MAX_PATCHES {
        return Err(PatchError::TooMany);
    }
    let replaces_root = |patch: &Patch| patch.path.is_empty() && patch.op == Op::Replace;
    let mut rest = patches;
    if let Some(last) = patches.iter().rposition(replaces_root) {
        *value = given(&patches[last]);
        rest = &patches[last + 1..];
    }
    rest.iter().try_for_each(|patch| apply_one(value, patch))
}

fn given(patch: &Patch) -> Value {
    patch.value.clone().unwrap_or_default()
}

fn apply_one(root: &mut Value, patch: &Patch) -> Result<(), PatchError> {
    let (last, way) = patch.path.split_last().ok_or(PatchError::Root)?;
    let at = || show(&patch.path);
    let mut parent = root;
    for step in way {
        if matches!(step, Step::Name(name) if name == "__proto__" || name == "constructor") {
            return Err(PatchError::Forbidden(at()));
        }
        parent = part(parent, step).ok_or_else(|| PatchError::NoParts(at()))?;
    }
    match parent {
        Value::Array(elements) => {
            change_array(elements, last, patch).ok_or_else(|| PatchError::NoElement(at()))
        }
        Value::Object(properties) => {
            let name = name_of(last);
            if name == "__proto__" {
                return Err(PatchError::Forbidden(at()));
            }
            let place = properties.iter().position(|(key, _)| *key == name);
            match (patch.op, place) {
                (Op::Remove, Some(place)) => drop(properties.remove(place)),
                (Op::Remove, None) => {}
                (Op::Add | Op::Replace, Some(place)) => properties[place].1 = given(patch),
                (Op::Add | Op::Replace, None) => properties.push((name, given(patch))),
            }
            Ok(())
        }
        Value::Map(map) => {
            let key = key_of(last);
            match patch.op {
                Op::Remove => {
                    let entries = std::mem::take(map).into_iter();
                    *map = entries.filter(|(other, _)| *other != key).collect();
                }
                Op::Add | Op::Replace => drop(map.insert(key, given(patch))),
            }
            Ok(())
        }
        Value::Set(set) => {
            let member = given(patch);
            match patch.op {
                Op::Add => drop(set.insert(member)),
                Op::Remove => {
                    let members = std::mem::take(set).into_iter();
                    *set = members.filter(|other| *other != member).collect();
                }
                Op::Replace => return Err(PatchError::InSet(at())),
            }
            Ok(())
        }
        _ => Err(PatchError::NoParts(at())),
    }
}

/// `None` if there is no such element.
fn change_array(elements: &mut Vec<Value>, step: &Step, patch: &Patch) -> Option<()> {
    if *step == Step::Name("length".to_owned()) && patch.op == Op::Replace {
        // How older versions of the library that JavaScript uses shorten an array.
        let length = given(patch);
        let is_it = |kept: &usize| is_same(&Value::Number(to_number(*kept)), &length);
        let kept = (0..=elements.len()).find(is_it)?;
        elements.truncate(kept);
        return Some(());
    }
    let end = elements.len();
    let index = match step {
        Step::Index(index) => usize::try_from(*index).ok()?,
        Step::Name(name) if name == "-" && patch.op == Op::Add => end,
        Step::Name(name) => name.parse().ok()?,
    };
    match patch.op {
        Op::Add if index <= end => elements.insert(index, given(patch)),
        Op::Replace if index < end => elements[index] = given(patch),
        Op::Replace if index == end => elements.push(given(patch)),
        Op::Remove if index < end => drop(elements.remove(index)),
        _ => return None,
    }
    Some(())
}

/// The part of a value that a step leads to.
fn part<'v>(value: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match value {
        Value::Array(elements) => {
            let index = match step {
                Step::Index(index) => usize::try_from(*index).ok()?,
                Step::Name(name) => name.parse().ok()?,
            };
            elements.get_mut(index)
        }
        Value::Object(properties) => {
            let name = name_of(step);
            let mut properties = properties.iter_mut();
            properties.find_map(|(key, value)| (*key == name).then_some(value))
        }
        Value::Map(map) => map.get_mut(&key_of(step)),
        _ => None,
    }
}

fn name_of(step: &Step) -> String {
    match step {
        Step::Index(index) => index.to_string(),
        Step::Name(name) => name.clone(),
    }
}

fn key_of(step: &Step) -> Value {
    match step {
        Step::Index(index) => Value::Number(f64::from(*index)),
        Step::Name(name) => Value::String(name.clone()),
    }
}

fn to_number(length: usize) -> f64 {
    u32::try_from(length).map_or(f64::INFINITY, f64::from)
}

fn show(path: &[Step]) -> String {
    const SHOWN: usize = 100;
    let mut shown = String::new();
    for step in path {
        shown.push('/');
        shown.push_str(&name_of(step));
    }
    if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// Whether two values are the same. The order in which an object has its properties does not count.
pub(crate) fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let same = |((key, old), (other, new)): (&(String, Value), &(String, Value))| {
                key == other && is_same(old, new)
            };
            let is_in_old = |(key, new): &(String, Value)| {
                let mut old = old.iter();
                old.any(|(other, old)| key == other && is_same(old, new))
            };
            // Mostly they are in the same order.
            old.len() == new.len() && (old.iter().zip(new).all(same) || new.iter().all(is_in_old))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
        }
        (Value::Number(old), Value::Number(new)) => is_same_number(*old, *new),
        _ => old == new,
    }
}

/// Whether two numbers are written alike.
#[expect(clippy::float_cmp, reason = "any other number is another value")]
fn is_same_number(old: f64, new: f64) -> bool {
    old == new || !old.is_finite() && !new.is_finite()
}

/// The patches that make `new` of `old`: of objects by property and of arrays by element, as JavaScript has them.
/// `None` if one had better send the value: the root is another, or there are too many.
pub(crate) fn between(old: &Value, new: &Value) -> Option<Vec<Patch>> {
    let mut patches = Vec::new();
    let complete = compare(old, new, &mut Vec::new(), &mut patches);
    (complete && patches.len() <= MAX_PATCHES).then_some(patches)
}

/// `false` if there is no patch for it.
fn compare(old: &Value, new: &Value, path: &mut Vec<Step>, patches: &mut Vec<Patch>) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let before: HashMap<_, _> = old.iter().map(|(key, value)| (key, value)).collect();
            for (key, new) in new {
                path.push(Step::Name(key.clone()));
                match before.get(key) {
                    Some(old) => drop(compare(old, new, path, patches)),
                    None => patches.push(patch(Op::Add, path, Some(new))),
                }
                path.pop();
            }
            let after: HashSet<_> = new.iter().map(|(key, _)| key).collect();
            for (key, _) in old {
                if !after.contains(key) {
                    path.push(Step::Name(key.clone()));
                    patches.push(patch(Op::Remove, path, None));
                    path.pop();
                }
            }
            true
        }
        (Value::Array(old), Value::Array(new)) => {
            let common = old.len().min(new.len());
            let mut push = |index: usize, then: &mut dyn FnMut(&mut Vec<Step>)| {
                // An array of more elements is larger than any frame.
                path.push(Step::Index(u32::try_from(index).unwrap_or(u32::MAX)));
                then(path);
                path.pop();
            };
            for index in 0..common {
                push(index, &mut |path| {
                    compare(&old[index], &new[index], path, patches);
                });
            }
            for (index, new) in new.iter().enumerate().skip(common) {
                push(index, &mut |path| {
                    patches.push(patch(Op::Add, path, Some(new)));
                });
            }
            for index in (common..old.len()).rev() {
                push(index, &mut |path| {
                    patches.push(patch(Op::Remove, path, None));
                });
            }
            true
        }
        _ if is_same(old, new) => true,
        _ if path.is_empty() => false,
        _ => {
            patches.push(patch(Op::Replace, path, Some(new)));
            true
        }
    }
}

fn patch(op: Op, path: &[Step], value: Option<&Value>) -> Patch {
    Patch {
        op,
        path: path.to_vec(),
        value: value.cloned(),
    }
}

/// `{...initial, ...value}` if both are objects, and else the value (`protocol.md` 7).
#[cfg(feature = "client")]
pub(crate) fn merge(initial: &Value, value: Value) -> Value {
    let (Value::Object(initial), Value::Object(properties)) = (initial, &value) else {
        return value;
    };
    let mut merged = initial.clone();
    for (key, value) in properties {
        match merged.iter_mut().find(|(other, _)| other == key) {
            Some((_, place)) => *place = value.clone(),
            None => merged.push((key.clone(), value.clone())),
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{PatchError, apply, between, is_same};
    use crate::protocol::state::Patch;
    use crate::state::text;
    use crate::wire::js::{Map, Set, Value};

    fn value(json: &Json) -> Value {
        text::read(&text::write(json).unwrap()).unwrap()
    }

    fn patches(json: &Json) -> Vec<Patch> {
        text::read(&text::write(json).unwrap()).unwrap()
    }

    fn changed(mut before: Value, changes: &Json) -> Result<Value, PatchError> {
        apply(&mut before, &patches(changes))?;
        Ok(before)
    }

    #[test]
    fn patches_are_applied_in_order() {
        let before = value(&json!({"list": ["a", "b"], "n": 0, "deep": {"x": [{"y": 1}]}}));
        let changes = json!([
            {"op": "add", "path": ["list", 1], "value": "x"},
            {"op": "add", "path": ["list", "-"], "value": "z"},
            {"op": "remove", "path": ["list", 0]},
            {"op": "replace", "path": ["deep", "x", 0, "y"], "value": null},
            {"op": "add", "path": ["new"], "value": {"k": []}},
            {"op": "remove", "path": ["n"]},
            {"op": "remove", "path": ["not-there"]},
        ]);
        let after =
            json!({"list": ["x", "b", "z"], "deep": {"x": [{"y": null}]}, "new": {"k": []}});
        assert!(is_same(&changed(before, &changes).unwrap(), &value(&after)));
    }

    #[test]
    fn the_last_replaced_root_counts() {
        let changes = json!([
            {"op": "add", "path": ["nowhere", "at", "all"], "value": 1},
            {"op": "replace", "path": [], "value": {"a": 1}},
            {"op": "add", "path": ["b"], "value": 2},
        ]);
        let after = value(&json!({"a": 1, "b": 2}));
        assert_eq!(changed(Value::Undefined, &changes), Ok(after));
    }

    #[test]
    fn maps_and_sets_are_patched_by_key_and_by_member() {
        let map: Map<Value, Value> = [("a".into(), 1.into())].into();
        let changes = json!([
            {"op": "add", "path": ["b"], "value": 2},
            {"op": "replace", "path": [7], "value": 3},
            {"op": "remove", "path": ["a"]},
        ]);
        let after: Map<Value, Value> = [("b".into(), 2.into()), (7.into(), 3.into())].into();
        assert_eq!(changed(Value::Map(map), &changes), Ok(Value::Map(after)));

        let set: Set<Value> = [1.into(), 2.into()].into_iter().collect();
        let changes = json!([
            {"op": "add", "path": [0], "value": 3},
            {"op": "remove", "path": [0], "value": 1},
        ]);
        let after: Set<Value> = [2.into(), 3.into()].into_iter().collect();
        assert_eq!(
            changed(Value::Set(set.clone()), &changes),
            Ok(Value::Set(after))
        );
        let replaced = json!([{"op": "replace", "path": [0], "value": 3}]);
        assert!(changed(Value::Set(set), &replaced).is_err());
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        let before = value(&json!({"list": [1], "n": 0, "constructor": {}}));
        for path in [
            json!(["n", "x"]),
            json!(["list", 2]),
            json!(["list", "x"]),
            json!(["nothing", "x"]),
            json!(["__proto__", "polluted"]),
            json!(["constructor", "prototype"]),
            json!(["__proto__"]),
            json!([]),
        ] {
            let changes = json!([{"op": "add", "path": path, "value": 1}]);
            assert!(changed(before.clone(), &changes).is_err(), "{path}");
        }
        assert!(
            changed(
                before,
                &json!(vec![json!({"op": "remove", "path": ["x"]}); 5000])
            )
            .is_err()
        );
    }

    // As captured: `state/patches`.
    #[test]
    fn differences_are_told_as_javascript_tells_them() {
        let before = json!({"list": ["a", "b", "c", "d"], "map": {"x": 1}, "n": 0});
        let found = |after: &Json| {
            let patches = between(&value(&before), &value(after))?;
            Some(serde_json::to_value(patches).unwrap())
        };
        let after = json!({"list": ["a", "b", "c", "d"], "map": {"x": 1}, "n": 1});
        let replaced = json!([{"op": "replace", "path": ["n"], "value": 1}]);
        assert_eq!(found(&after), Some(replaced));
        let after = json!({"list": ["a", "c", "d"], "map": {"x": 1}, "n": 0});
        let spliced = json!([
            {"op": "replace", "path": ["list", 1], "value": "c"},
            {"op": "replace", "path": ["list", 2], "value": "d"},
            {"op": "remove", "path": ["list", 3]},
        ]);
        assert_eq!(found(&after), Some(spliced));
        let after = json!({"list": ["a", "b", "c", "d", "e"], "map": {"y": 2}, "n": 0});
        let keys = json!([
            {"op": "add", "path": ["list", 4], "value": "e"},
            {"op": "add", "path": ["map", "y"], "value": 2},
            {"op": "remove", "path": ["map", "x"]},
        ]);
        assert_eq!(found(&after), Some(keys));
        assert_eq!(found(&json!([])), None);
    }

    #[test]
    fn differences_make_the_one_of_the_other() {
        let values = [
            json!({}),
            json!({"a": [1, [2, {"b": null}], 3], "c": {"d": {"e": 1}}}),
            json!({"a": [1, [2], {"b": 1}, 4, 5], "c": 7}),
            json!({"c": {"d": {"e": 2, "f": []}}, "a": []}),
            json!({"a": {"0": 1}}),
        ];
        for before in &values {
            for after in &values {
                let (mut before, after) = (value(before), value(after));
                let patches = between(&before, &after).unwrap();
                apply(&mut before, &patches).unwrap();
                assert!(is_same(&before, &after), "{before:?} {after:?}");
            }
        }
    }
}
