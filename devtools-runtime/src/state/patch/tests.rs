use serde_json::{Value as Json, json};

use super::steps::counted;
use super::{Moves, PatchError, apply, between, is_same};
use crate::protocol::state::{Op, Patch, Step};
use crate::state::text;
use crate::wire::MAX_DEPTH;
use crate::wire::js::{Map, Set, Value};

fn value(json: &Json) -> Value {
    text::read(&text::write(json).unwrap()).unwrap()
}

fn patches(json: &Json) -> Vec<Patch> {
    text::read(&text::write(json).unwrap()).unwrap()
}

fn changed(mut before: Value, changes: &Json) -> Result<Value, PatchError> {
    apply(&mut before, &patches(changes), Moves::new(MOVES))?;
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
    let after = json!({"list": ["x", "b", "z"], "deep": {"x": [{"y": null}]}, "new": {"k": []}});
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
        let patches = between(&value(&before), &value(after), 0)?;
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
fn the_patches_between_two_values_turn_one_into_the_other() {
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
            let patches = between(&before, &after, 0).unwrap();
            apply(&mut before, &patches, Moves::new(0)).unwrap();
            assert!(is_same(&before, &after), "{before:?} {after:?}");
        }
    }
}

// JavaScript refuses paths through the property `constructor` of an object, and `__proto__` wherever it stands.
#[test]
fn a_difference_at_a_forbidden_path_is_sent_as_a_whole_value() {
    for (before, after) in [
        (json!({}), json!({"__proto__": 1})),
        (json!({"__proto__": 1}), json!({})),
        (
            json!({"a": {"__proto__": {"b": 1}}}),
            json!({"a": {"__proto__": {"b": 2}}}),
        ),
        (
            json!({"a": [{"constructor": {"b": 1}}]}),
            json!({"a": [{"constructor": {}}]}),
        ),
        (json!({"constructor": [1, 2]}), json!({"constructor": [1]})),
    ] {
        let (before, after) = (value(&before), value(&after));
        assert_eq!(between(&before, &after, 0), None, "{before:?} {after:?}");
    }
    for (before, after) in [
        (json!({"constructor": 1}), json!({"constructor": {"a": 1}})),
        (
            json!({"a": {"prototype": {"b": 1}}}),
            json!({"a": {"prototype": {}}}),
        ),
        (
            json!({"__proto__": 1, "n": 1}),
            json!({"__proto__": 1, "n": 2}),
        ),
    ] {
        let (mut before, after) = (value(&before), value(&after));
        let patches = between(&before, &after, 0).unwrap();
        assert_eq!(patches.len(), 1);
        apply(&mut before, &patches, Moves::new(0)).unwrap();
        assert!(is_same(&before, &after), "{before:?} {after:?}");
    }
}

#[test]
fn a_map_may_have_any_key() {
    let inner: Map<Value, Value> = [("__proto__".into(), 1.into())].into();
    let map: Map<Value, Value> = [("constructor".into(), inner.into())].into();
    let changes = json!([{"op": "replace", "path": ["constructor", "__proto__"], "value": 2}]);
    let inner: Map<Value, Value> = [("__proto__".into(), 2.into())].into();
    let after: Map<Value, Value> = [("constructor".into(), inner.into())].into();
    assert_eq!(changed(map.into(), &changes), Ok(after.into()));
}

#[test]
fn an_element_has_one_index() {
    let before = value(&json!([[1, 2], [3]]));
    for name in ["01", "+1", "-1", "1.0", "", "18446744073709551616"] {
        for path in [json!([name]), json!([name, 0])] {
            let changes = json!([{"op": "replace", "path": path, "value": 0}]);
            changed(before.clone(), &changes).unwrap_err();
        }
    }
    let changes = json!([{"op": "replace", "path": ["1", "0"], "value": 0}]);
    let after = value(&json!([[1, 2], [0]]));
    assert_eq!(changed(before, &changes), Ok(after));
}

// ---- cost -------------------------------------------------------------------------------------

/// The number of moves that a server allows by default.
const MOVES: usize = 8_000_000;

fn numbers(n: u32) -> Value {
    Value::Array((0..n).map(Value::from).collect())
}

fn patch(op: Op, path: &[Step], value: Option<Value>) -> Patch {
    let path = path.to_vec();
    Patch { op, path, value }
}

fn named(name: impl ToString) -> Step {
    Step::Name(name.to_string())
}

const LARGE: u32 = 200_000;
const MANY: u32 = 4096;

/// More steps than the sum of the value's size and the patches needs, and fewer than their product.
const LINEAR: usize = 4 * (LARGE + MANY) as usize;

#[test]
fn patches_of_an_array_cost_its_size_once() {
    type Make<'m> = &'m dyn Fn(u32) -> Patch;
    let length = |_: u32| patch(Op::Replace, &[named("length")], Some(LARGE.into()));
    let at_front = |n: u32| patch(Op::Add, &[Step::Index(0)], Some(n.into()));
    let off_front = |_: u32| patch(Op::Remove, &[Step::Index(0)], None);
    let at_end = |n: u32| patch(Op::Add, &[named("-")], Some(n.into()));
    let kinds: [(&str, Make<'_>, usize); 4] = [
        ("length", &length, LARGE as usize),
        ("front", &at_front, (LARGE + MANY) as usize),
        ("shift", &off_front, (LARGE - MANY) as usize),
        ("end", &at_end, (LARGE + MANY) as usize),
    ];
    for (kind, make, after) in kinds {
        let patches: Vec<_> = (0..MANY).map(make).collect();
        let mut value = numbers(LARGE);
        let (applied, steps) = counted(|| apply(&mut value, &patches, Moves::new(0)));
        assert_eq!(applied, Ok(()), "{kind}");
        assert_eq!(value.as_array().map(<[_]>::len), Some(after), "{kind}");
        assert!(steps < LINEAR, "{kind}: {steps}");
    }
}

#[test]
fn elements_in_the_middle_are_moved_within_the_limit() {
    let middle = Step::Index(LARGE / 2);
    for op in [Op::Add, Op::Remove] {
        let patches = vec![patch(op, std::slice::from_ref(&middle), Some(1.into())); MANY as usize];
        let mut value = numbers(LARGE);
        let (refused, steps) = counted(|| apply(&mut value, &patches, Moves::new(MOVES)));
        assert_eq!(refused, Err(PatchError::TooManyMoves { limit: MOVES }));
        assert!(steps < MOVES + LINEAR, "{steps}");
        // In a small array, the largest number of patches stays within the limit.
        let mut value = numbers(2000);
        let patches = vec![patch(op, &[Step::Index(900)], Some(1.into())); 1000];
        assert_eq!(apply(&mut value, &patches, Moves::new(MOVES)), Ok(()));
    }
}

#[test]
fn patches_of_an_object_a_map_and_a_set_cost_its_size_once() {
    let name = |n: u32| format!("property {n}");
    let object = (0..LARGE).map(|n| (name(n), Value::from(n)));
    let map = (0..LARGE).map(|n| (Value::String(name(n)), Value::from(n)));
    let set = (0..LARGE).map(|n| Value::String(name(n)));
    let values = [
        Value::Object(object.collect()),
        Value::Map(map.collect()),
        Value::Set(set.collect()),
    ];
    for mut value in values {
        let last = |n| name(LARGE - 1 - n);
        let replaced = |n| match value {
            Value::Set(_) => patch(Op::Add, &[Step::Index(0)], Some(last(n).into())),
            _ => patch(Op::Replace, &[named(last(n))], Some(Value::Null)),
        };
        let removed = |n| patch(Op::Remove, &[named(last(n))], Some(last(n).into()));
        let (half, all) = (MANY / 2, MANY);
        let patches = (0..half).map(replaced).chain((half..all).map(removed));
        let patches: Vec<_> = patches.collect();
        let (applied, steps) = counted(|| apply(&mut value, &patches, Moves::new(0)));
        assert_eq!(applied, Ok(()));
        assert!(steps < LINEAR, "{steps}");
        let left = match &value {
            Value::Object(properties) => properties.len(),
            Value::Map(map) => map.len(),
            Value::Set(set) => set.len(),
            _ => 0,
        };
        assert_eq!(left, (LARGE - half) as usize);
    }
}

/// Makes nested objects, each with two properties, as deep as a value that can be sent.
fn tree(depth: usize, leaf: u32) -> Value {
    let mut value = Value::from(leaf);
    for level in 0..depth {
        value = Value::Object(vec![
            ("a".to_owned(), value),
            ("b".to_owned(), Value::from(u32::try_from(level).unwrap())),
        ]);
    }
    value
}

/// Returns the value with all properties in reverse order.
fn turned(value: Value) -> Value {
    match value {
        Value::Object(properties) => {
            let properties = properties.into_iter().rev();
            Value::Object(
                properties
                    .map(|(name, value)| (name, turned(value)))
                    .collect(),
            )
        }
        leaf => leaf,
    }
}

#[test]
fn deep_values_are_compared_part_by_part() {
    const DEPTH: usize = 60;
    let one = tree(DEPTH, 1);
    for (other, expected) in [
        (tree(DEPTH, 1), true),
        (tree(DEPTH, 2), false),
        (turned(tree(DEPTH, 1)), true),
        (turned(tree(DEPTH, 2)), false),
    ] {
        let (same, steps) = counted(|| is_same(&one, &other));
        assert_eq!(same, expected);
        assert!(steps <= 2 * DEPTH + 1, "{steps}");
        let (patches, steps) = counted(|| between(&one, &other, 0));
        assert_eq!(
            patches.map(|patches| patches.len()),
            Some(usize::from(!expected))
        );
        assert!(steps <= 5 * DEPTH, "{steps}");
    }
    let wrapped = |value| Value::Map([(Value::from("k"), turned(value))].into());
    assert!(is_same(
        &wrapped(turned(tree(DEPTH, 1))),
        &wrapped(tree(DEPTH, 1))
    ));
}

#[test]
fn too_many_differences_are_not_collected() {
    let other = Value::Array(vec![Value::Null; LARGE as usize]);
    let (patches, steps) = counted(|| between(&numbers(LARGE), &other, usize::MAX));
    assert_eq!(patches, None);
    assert!(steps < 4 * MANY as usize, "{steps}");
    // A long name is not repeated for each of the differences below it.
    let under = |of: fn(u32) -> Value| {
        let members = Value::Array((0..MANY).map(of).collect());
        Value::Object(vec![("long".repeat(10_000), members)])
    };
    let (before, after) = (under(Value::from), under(|_| Value::Null));
    assert_eq!(between(&before, &after, 40_000), None);
    assert_eq!(between(&before, &before, 0), Some(Vec::new()));
}

#[test]
fn patches_build_nothing_that_is_too_deep() {
    let step = named("a");
    let deep = (0..MAX_DEPTH).fold(Value::Null, |value, _| {
        Value::Object(vec![("a".to_owned(), value)])
    });
    let at = |depth: usize| patch(Op::Add, &vec![step.clone(); depth], Some(deep.clone()));
    let mut value = Value::Object(Vec::new());
    let two = [at(1), at(MAX_DEPTH)];
    assert_eq!(apply(&mut value, &two, Moves::new(0)), Ok(()));
    let refused = apply(&mut value, &[at(MAX_DEPTH + 1)], Moves::new(0));
    assert!(
        matches!(refused, Err(PatchError::TooDeep(_))),
        "{refused:?}"
    );
}

#[cfg(feature = "client")]
#[test]
fn a_value_is_completed_property_by_property() {
    let object = |from: u32, to: u32| {
        let properties = (from..to).map(|n| (format!("property {n}"), Value::from(from)));
        Value::Object(properties.collect())
    };
    let (initial, value) = (object(0, LARGE), object(1000, LARGE + 1000));
    let (merged, steps) = counted(|| super::merge(&initial, value));
    let Value::Object(properties) = merged else {
        panic!("it is no object");
    };
    assert!(steps < LINEAR, "{steps}");
    assert_eq!(properties.len(), LARGE as usize + 1000);
    assert_eq!(properties[999], ("property 999".to_owned(), 0.into()));
    assert_eq!(properties[1000], ("property 1000".to_owned(), 1000.into()));
}
