//! The types of functions of other processes, which are known by their schemas alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::function::{FunctionSchema, Side};
use crate::typescript::direction::Direction;
use crate::typescript::references::{refer_by_id, references};

/// The module that the types of other processes have in their ids, before a number.
const MODULE: &str = "worker";

/// The named types of other processes. Each has an id of its own.
#[derive(Debug, Default)]
pub(super) struct ForeignTypes {
    /// The types by direction and id.
    types: BTreeMap<(Direction, String), ForeignType>,
}

#[derive(Debug)]
struct ForeignType {
    name: String,
    /// The definition with all that it refers to, as its process has sent them.
    sent: BTreeMap<String, Value>,
    /// The definition, which refers to ids.
    schema: Value,
}

impl ForeignTypes {
    /// Adds the types of a function, and returns the schemas of its arguments and its result, which refer to ids.
    pub(super) fn add(&mut self, schema: &FunctionSchema, side: Side) -> (Vec<Value>, Value) {
        let arguments = schema.arguments.iter();
        let arguments = arguments.map(|it| self.named(it, Direction::of_arguments(side)));
        let arguments = arguments.collect();
        (
            arguments,
            self.named(&schema.output, Direction::of_results(side)),
        )
    }

    /// Takes the named types out of a schema.
    fn named(&mut self, schema: &Value, direction: Direction) -> Value {
        let mut schema = schema.clone();
        let definitions = schema.as_object_mut().and_then(|it| it.remove("$defs"));
        let Some(Value::Object(definitions)) = definitions else {
            return schema;
        };
        let mut ids = BTreeMap::new();
        for name in definitions.keys() {
            let sent = reachable(name, &definitions);
            let id = self.id(name, &sent, direction);
            let reserved = ForeignType {
                name: name.clone(),
                sent,
                schema: Value::Null,
            };
            self.types
                .entry((direction, id.clone()))
                .or_insert(reserved);
            ids.insert(name.clone(), id);
        }
        for (name, mut definition) in definitions {
            refer_by_id(&mut definition, &ids);
            let id = ids.get(&name).cloned().unwrap_or(name);
            if let Some(reserved) = self.types.get_mut(&(direction, id)) {
                reserved.schema = definition;
            }
        }
        refer_by_id(&mut schema, &ids);
        schema
    }

    /// Returns the first id of a name that is free, or has the same type.
    fn id(&self, name: &str, sent: &BTreeMap<String, Value>, direction: Direction) -> String {
        let mut number = 1_u32;
        loop {
            let id = match number {
                1 => format!("{MODULE}::{name}"),
                _ => format!("{MODULE}{number}::{name}"),
            };
            let taken = self.types.get(&(direction, id.clone()));
            if taken.is_none_or(|it| it.sent == *sent) {
                return id;
            }
            number += 1;
        }
    }

    /// Iterates over the types: the direction, the id, the name, and the definition.
    pub(super) fn into_types(self) -> impl Iterator<Item = (Direction, String, String, Value)> {
        let types = self.types.into_iter();
        types.map(|((direction, id), it)| (direction, id, it.name, it.schema))
    }
}

/// Returns a definition with those that it refers to, directly or indirectly.
fn reachable(name: &str, definitions: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut next = BTreeSet::from([name.to_owned()]);
    while let Some(name) = next.pop_first() {
        if let Some(definition) = definitions.get(&name) {
            let further = references(definition).into_iter();
            next.extend(further.filter(|it| !found.contains_key(it) && *it != name));
            found.insert(name, definition.clone());
        }
    }
    found
}
