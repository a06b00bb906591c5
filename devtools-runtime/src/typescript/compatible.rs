//! Checks whether every value of one type is also a value of another.
//!
//! A schema that this module does not understand is compatible only with an equal one.

use serde_json::{Map, Value};

/// The named types of a lock.
#[derive(Clone, Copy)]
pub(super) struct LockedTypes<'a>(pub(super) &'a Value);

/// The keywords that combine schemas. If they stand beside other keywords, schemas are compared for equality.
const COMBINING: [&str; 4] = ["allOf", "anyOf", "oneOf", "$ref"];

/// Returns the reason why a value of the type `from` may not be of the type `to`. `None` if the types are compatible.
pub(super) fn misfit(
    from: &Value,
    from_types: LockedTypes<'_>,
    to: &Value,
    to_types: LockedTypes<'_>,
) -> Option<String> {
    let mut comparison = Comparison {
        from: from_types,
        to: to_types,
        assumed: Vec::new(),
        path: String::new(),
    };
    comparison.misfit(from, to)
}

struct Comparison<'a> {
    from: LockedTypes<'a>,
    to: LockedTypes<'a>,
    /// The pairs of names that are being compared. They are assumed to be compatible, because types may be recursive.
    assumed: Vec<(String, String)>,
    path: String,
}

impl Comparison<'_> {
    fn misfit(&mut self, from: &Value, to: &Value) -> Option<String> {
        if is_anything(to) || *from == Value::Bool(false) {
            return None;
        }
        if is_anything(from) {
            return self.refuse("may be anything");
        }
        let pair = match (name(from), name(to)) {
            (None, None) => None,
            (from_name, to_name) => Some((
                from_name.unwrap_or_default().to_owned(),
                to_name.unwrap_or_default().to_owned(),
            )),
        };
        let Some(pair) = pair else {
            return self.unnamed(from, to);
        };
        if !pair.0.is_empty() && !pair.1.is_empty() {
            if self.assumed.contains(&pair) {
                return None;
            }
            self.assumed.push(pair);
        }
        let (from, to) = (resolved(from, self.from), resolved(to, self.to));
        self.misfit(&from, &to)
    }

    fn unnamed(&mut self, from: &Value, to: &Value) -> Option<String> {
        let (all_from, all_to) = (alternatives(from), alternatives(to));
        if let ([from], [to]) = (all_from.as_slice(), all_to.as_slice()) {
            return self.single(from, to);
        }
        for from in &all_from {
            let mut why = None;
            let mut fits = false;
            for to in &all_to {
                let (before, path) = (self.assumed.len(), self.path.len());
                match self.misfit(from, to) {
                    None => {
                        fits = true;
                        break;
                    }
                    // If several alternatives do not fit, the reason for one of the same kind says most.
                    Some(misfit) if why.is_none() && kind(from) == kind(to) => why = Some(misfit),
                    Some(_) => {}
                }
                self.assumed.truncate(before);
                self.path.truncate(path);
            }
            if !fits {
                let not_one = || format!("{} is not one of the expected types", shown(from));
                return match why {
                    Some(why) if all_to.len() <= 2 => Some(why),
                    _ => self.refuse(&not_one()),
                };
            }
        }
        None
    }

    fn single(&mut self, from: &Value, to: &Value) -> Option<String> {
        let (Some(from_members), Some(to_members)) = (from.as_object(), to.as_object()) else {
            return (from != to).then(|| self.at("has changed"));
        };
        let is_combined = |schema: &Map<String, Value>| {
            COMBINING
                .iter()
                .any(|keyword| schema.contains_key(*keyword))
        };
        if is_combined(from_members) || is_combined(to_members) {
            return self.as_written(from, to);
        }
        match (from_members.get("const"), to_members.get("const")) {
            (from, Some(to)) if from == Some(to) => return None,
            (_, Some(to)) => {
                let text = format!("{} where {to} is expected", shown(from));
                return self.refuse(&text);
            }
            (Some(from), None) => {
                let is = kind_of_value(from);
                return if kind(to) == Some(is) || (is == "integer" && kind(to) == Some("number")) {
                    None
                } else {
                    self.refuse(&format!("{from} where {} is expected", shown(to)))
                };
            }
            (None, None) => {}
        }
        match (kind(from), kind(to)) {
            (Some("integer"), Some("number")) => None,
            (Some(is), Some(expected)) if is != expected => {
                self.refuse(&format!("{is} where {expected} is expected"))
            }
            (Some("object"), _) => self.object(from_members, to_members),
            (Some("array"), _) => self.array(from_members, to_members),
            (Some(_), Some(_)) => None,
            _ => self.as_written(from, to),
        }
    }

    fn object(&mut self, from: &Map<String, Value>, to: &Map<String, Value>) -> Option<String> {
        let (from_properties, to_properties) = (properties(from), properties(to));
        let is_required = |schema: &Map<String, Value>, name: &str| {
            let required = schema.get("required").and_then(Value::as_array);
            required.is_some_and(|names| names.iter().any(|required| required == name))
        };
        for (name, expected) in &to_properties {
            if is_required(to, name) && !is_required(from, name) {
                return self.refuse(&format!("`{name}` may be missing"));
            }
            let is = from_properties.get(name).or_else(|| others(from));
            let misfit = is.and_then(|is| self.within(name, is, expected));
            if misfit.is_some() {
                return misfit;
            }
        }
        for (name, is) in &from_properties {
            if to_properties.contains_key(name) {
                continue;
            }
            match others(to) {
                Some(expected) => {
                    let misfit = self.within(name, is, expected);
                    if misfit.is_some() {
                        return misfit;
                    }
                }
                None if to.get("additionalProperties") == Some(&Value::Bool(false)) => {
                    return self.refuse(&format!("`{name}` is not expected"));
                }
                None => {}
            }
        }
        match (others(from), others(to)) {
            (Some(is), Some(expected)) => self.within("*", is, expected),
            (Some(_), None) if to.get("additionalProperties") == Some(&Value::Bool(false)) => {
                self.refuse("may have any members")
            }
            _ => None,
        }
    }

    fn array(&mut self, from: &Map<String, Value>, to: &Map<String, Value>) -> Option<String> {
        let bound = |schema: &Map<String, Value>, keyword: &str, default| {
            schema
                .get(keyword)
                .and_then(Value::as_u64)
                .unwrap_or(default)
        };
        if bound(from, "minItems", 0) < bound(to, "minItems", 0)
            || bound(from, "maxItems", u64::MAX) > bound(to, "maxItems", u64::MAX)
        {
            return self.refuse("has another length");
        }
        let items = |schema: &Map<String, Value>, position: usize| -> Value {
            let first = schema
                .get("prefixItems")
                .and_then(|items| items.get(position));
            let item = first.or_else(|| schema.get("items"));
            item.cloned().unwrap_or(Value::Bool(true))
        };
        let length = |schema: &Map<String, Value>| {
            let first = schema.get("prefixItems").and_then(Value::as_array);
            first.map_or(0, Vec::len)
        };
        let listed = length(from).max(length(to));
        // All items after the listed ones have the same type, so one of them is enough.
        let last = if bound(from, "maxItems", u64::MAX) > listed as u64 {
            listed + 1
        } else {
            listed
        };
        (0..last).find_map(|position| {
            let name = if position < listed {
                position.to_string()
            } else {
                "*".to_owned()
            };
            self.within(&name, &items(from, position), &items(to, position))
        })
    }

    /// Compares schemas that this module does not understand. They must be equal, and so must the types that they
    /// name.
    fn as_written(&mut self, from: &Value, to: &Value) -> Option<String> {
        if from != to {
            return self.refuse("has changed");
        }
        let names = crate::typescript::references::references(from);
        names.iter().find_map(|name| {
            let reference = |name: &str| serde_json::json!({ "$ref": format!("#/types/{name}") });
            self.misfit(&reference(name), &reference(name))
        })
    }

    fn within(&mut self, name: &str, from: &Value, to: &Value) -> Option<String> {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        let misfit = self.misfit(from, to);
        self.path.truncate(length);
        misfit
    }

    fn at(&self, text: &str) -> String {
        if self.path.is_empty() {
            text.to_owned()
        } else {
            format!("`{}`: {text}", self.path)
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "callers return it as a misfit")]
    fn refuse(&self, text: &str) -> Option<String> {
        Some(self.at(text))
    }
}

fn is_anything(schema: &Value) -> bool {
    match schema {
        Value::Bool(anything) => *anything,
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Returns the name of the type if the schema is only a reference.
fn name(schema: &Value) -> Option<&str> {
    let members = schema.as_object().filter(|members| members.len() == 1)?;
    members.get("$ref")?.as_str()?.strip_prefix("#/types/")
}

fn resolved(schema: &Value, types: LockedTypes<'_>) -> Value {
    match name(schema) {
        Some(name) => types.0.get(name).cloned().unwrap_or(Value::Bool(true)),
        None => schema.clone(),
    }
}

/// Returns the schemas of which a value must fit one.
fn alternatives(schema: &Value) -> Vec<Value> {
    let Some(members) = schema.as_object() else {
        return vec![schema.clone()];
    };
    if members.len() == 1 {
        if let Some(Value::Array(choices)) = members.get("oneOf").or_else(|| members.get("anyOf")) {
            return choices.iter().flat_map(alternatives).collect();
        }
    }
    if let Some(Value::Array(values)) = members.get("enum") {
        let value = |value: &Value| serde_json::json!({ "const": value });
        return values.iter().map(value).collect();
    }
    if let Some(Value::Array(kinds)) = members.get("type") {
        let of_kind = |kind: &Value| {
            let mut members = members.clone();
            members.insert("type".to_owned(), kind.clone());
            Value::Object(members)
        };
        return kinds.iter().map(of_kind).collect();
    }
    vec![schema.clone()]
}

fn kind(schema: &Value) -> Option<&str> {
    match (
        schema.get("type").and_then(Value::as_str),
        schema.get("const"),
    ) {
        (Some(kind), _) => Some(kind),
        (None, Some(value)) => Some(kind_of_value(value)),
        (None, None) => None,
    }
}

fn kind_of_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn properties(schema: &Map<String, Value>) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.cloned().unwrap_or_default()
}

/// Returns the type of members without names.
fn others(schema: &Map<String, Value>) -> Option<&Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let additional = schema.get("additionalProperties");
    additional
        .filter(|additional| **additional != Value::Bool(false))
        .or_else(|| patterns?.values().next())
}

fn shown(schema: &Value) -> String {
    match (schema.get("const"), kind(schema), name(schema)) {
        (Some(value), ..) => value.to_string(),
        (None, _, Some(name)) => format!("`{name}`"),
        (None, Some(kind), None) => kind.to_owned(),
        (None, None, None) => "something else".to_owned(),
    }
}
