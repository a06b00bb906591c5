//! Converts a JSON Schema to a TypeScript type.
//!
//! Every value that fits the schema has the type. Bounds, patterns and formats are ignored. Keywords that express
//! more, and that no type can express, are refused with their location.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::typescript::described::Described;
use crate::typescript::direction::Direction;
use crate::typescript::error::TypesError;
use crate::typescript::expression::Expression::{self, Simple, Union};
use crate::typescript::references::referred;
use crate::typescript::schema::{
    adds_nothing, is_everything, is_map, is_of_class, may_be_null, member_names, texts,
};
use crate::typescript::text::{comment_of, member, quoted};
use crate::typescript::way::Way;
use crate::wire::Encoding;
use crate::wire::js::schema::{CLASS, CLASS_OF};

/// The longest array of fixed length that is written as a tuple.
const LONGEST_TUPLE: u64 = 16;

/// Keywords that no type can express and that cannot be ignored.
const REFUSED: [&str; 8] = [
    "if",
    "then",
    "else",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "$dynamicRef",
    "unevaluatedItems",
];

/// Writes the types of one location.
pub(super) struct Printer<'a> {
    /// The codec of the values.
    encoding: Encoding,
    /// The direction of the values.
    direction: Direction,
    /// The named types of that direction.
    definitions: &'a Map<String, Value>,
    /// Returns the name of a type by its id.
    name: &'a dyn Fn(&str) -> String,
    /// The type or function, followed by the path of fields to the current one.
    place: Vec<String>,
}

impl<'a> Printer<'a> {
    /// Creates a printer for the types at `place`, for values that travel in this `way`.
    pub(super) fn new(
        described: &'a Described,
        way: Way,
        name: &'a dyn Fn(&str) -> String,
        place: String,
    ) -> Self {
        Self {
            encoding: way.encoding,
            direction: way.direction,
            definitions: described.definitions(way.direction),
            name,
            place: vec![place],
        }
    }
}

impl Printer<'_> {
    /// Writes the declaration of a named type.
    pub(super) fn declaration(&mut self, name: &str, schema: &Value) -> Result<String, TypesError> {
        let text = schema
            .as_object()
            .map_or_else(String::new, |schema| comment_of(schema, ""));
        if let Some(members) = self.interface(schema)? {
            return Ok(format!("{text}export interface {name} {{\n{members}}}\n"));
        }
        let expression = match self.expression(schema)? {
            Union(members) if members.iter().map(String::len).sum::<usize>() > 80 => {
                format!("\n  | {}", members.join("\n  | "))
            }
            other => format!(" {other}"),
        };
        Ok(format!("{text}export type {name} ={expression}\n"))
    }

    /// Writes the members of a plain object, one per line. Returns `None` if the schema is not a plain object.
    fn interface(&mut self, schema: &Value) -> Result<Option<String>, TypesError> {
        let Some(schema) = schema.as_object() else {
            return Ok(None);
        };
        let is_plain = schema.get("type").and_then(Value::as_str) == Some("object")
            && schema.contains_key("properties")
            && !is_of_class(schema, self.encoding)
            && !["$ref", "oneOf", "anyOf", "allOf", "const", "enum", "not"]
                .iter()
                .any(|keyword| schema.contains_key(*keyword));
        if !is_plain {
            return Ok(None);
        }
        let mut text = String::new();
        for (comment, member) in self.members(schema, false)? {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{comment}  {member}");
        }
        Ok(Some(text))
    }

    /// Writes the type of a schema.
    pub(super) fn expression(&mut self, schema: &Value) -> Result<Expression, TypesError> {
        self.part(schema, false)
    }

    /// Writes the type of a schema. `is_merged` is set if its fields are merged into an object.
    fn part(&mut self, schema: &Value, is_merged: bool) -> Result<Expression, TypesError> {
        let schema = match schema {
            Value::Bool(true) => return Ok(Expression::named("unknown")),
            Value::Bool(false) => return Ok(Expression::named("never")),
            Value::Object(schema) => schema,
            _ => return Err(self.refused("its schema is neither an object nor a boolean")),
        };
        if let Some(keyword) = REFUSED
            .iter()
            .find(|keyword| schema.contains_key(**keyword))
        {
            return Err(self.refused(&format!(
                "the keyword `{keyword}` of its schema has no counterpart"
            )));
        }
        if is_of_class(schema, self.encoding) {
            return self.class(schema);
        }

        let mut parts = Vec::new();
        let is_combined = ["$ref", "oneOf", "anyOf", "allOf"]
            .iter()
            .any(|keyword| schema.contains_key(*keyword));
        // Combined schemas are merged into the object that they stand beside.
        let is_merged = is_merged || schema.get("type").and_then(Value::as_str) == Some("object");
        if let Some(literals) = literals(schema) {
            parts.push(literals);
        } else {
            parts.extend(self.types(schema, is_combined)?);
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = referred(reference)
                .ok_or_else(|| self.refused(&format!("it refers to `{reference}`")))?;
            parts.push(Simple((self.name)(&name)));
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(choices)) = schema.get(keyword) {
                parts.push(self.choices(choices, is_merged)?);
            }
        }
        if let Some(Value::Array(all)) = schema.get("allOf") {
            for part in all {
                parts.push(self.part(part, is_merged)?);
            }
        }
        match schema.get("not") {
            // The schema excludes every value.
            Some(not) if is_everything(not) => return Ok(Expression::named("never")),
            // Beside a type, `not` is a bound: for example a number that is not 0.
            Some(_) if parts.is_empty() => {
                return Err(self.refused("its schema only has the keyword `not`"));
            }
            _ => {}
        }
        Ok(Expression::intersection(parts))
    }

    /// Writes a choice. If the choices are merged into an object, one may add nothing (a flattened `Option` that is
    /// `None`), and a unit variant, elsewhere a string, is a member.
    fn choices(&mut self, choices: &[Value], is_merged: bool) -> Result<Expression, TypesError> {
        let mut expressions = Vec::with_capacity(choices.len());
        for choice in choices {
            expressions.push(match choice.as_object() {
                Some(schema) if is_merged && adds_nothing(schema) => {
                    let mut names = BTreeSet::new();
                    for choice in choices {
                        member_names(choice, self.definitions, 0, &mut names);
                    }
                    let members: Vec<String> = names
                        .into_iter()
                        .map(|name| format!("{}?: never", member(name)))
                        .collect();
                    Simple(match &*members.join("; ") {
                        "" => "{}".to_owned(),
                        members => format!("{{ {members} }}"),
                    })
                }
                Some(schema) if is_merged && !texts(schema).is_empty() => {
                    let variants = texts(schema).into_iter();
                    let members = variants.map(|text| format!("{{ {}: null }}", member(text)));
                    Expression::union(members.map(Simple))
                }
                _ => self.part(choice, is_merged)?,
            });
        }
        Ok(Expression::union(expressions))
    }

    /// Writes the type that the keyword `type`, and the keywords for objects, describe.
    fn types(
        &mut self,
        schema: &Map<String, Value>,
        is_combined: bool,
    ) -> Result<Option<Expression>, TypesError> {
        let names: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ if schema.contains_key("properties") => vec!["object"],
            _ => return Ok(None),
        };
        let mut choices = Vec::with_capacity(names.len());
        for name in names {
            choices.push(match name {
                "string" | "boolean" | "null" => Expression::named(name),
                "number" | "integer" => Expression::named("number"),
                "array" => self.array(schema)?,
                "object" => self.object(schema, is_combined)?,
                other => return Err(self.refused(&format!("there is no type `{other}`"))),
            });
        }
        Ok(Some(Expression::union(choices)))
    }

    fn array(&mut self, schema: &Map<String, Value>) -> Result<Expression, TypesError> {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
        let (least, most) = (bound("minItems"), bound("maxItems"));
        if let Some(Value::Array(members)) = schema.get("prefixItems") {
            let required = least.map_or(0, |least| usize::try_from(least).unwrap_or(usize::MAX));
            let mut texts = Vec::with_capacity(members.len());
            for (position, member) in members.iter().enumerate() {
                let member =
                    self.at(&position.to_string(), |printer| printer.expression(member))?;
                texts.push(if position < required {
                    member.to_string()
                } else {
                    format!("{}?", member.enclosed())
                });
            }
            let is_closed = most.is_some_and(|most| most <= members.len() as u64)
                || schema.get("items") == Some(&Value::Bool(false));
            if !is_closed {
                texts.push("...unknown[]".to_owned());
            }
            return Ok(Simple(format!("[{}]", texts.join(", "))));
        }
        if most == Some(0) {
            return Ok(Expression::named("[]"));
        }
        let Some(items) = schema.get("items") else {
            return Ok(Expression::named("unknown[]"));
        };
        let items = self.expression(items)?;
        match (least, most) {
            (Some(least), Some(most)) if least == most && most <= LONGEST_TUPLE => {
                let texts: Vec<String> = (0..most).map(|_| items.to_string()).collect();
                Ok(Simple(format!("[{}]", texts.join(", "))))
            }
            _ => Ok(Simple(format!("{}[]", items.enclosed()))),
        }
    }

    fn object(
        &mut self,
        schema: &Map<String, Value>,
        is_combined: bool,
    ) -> Result<Expression, TypesError> {
        let has_properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .is_some_and(|properties| !properties.is_empty());
        if has_properties {
            let members: Vec<String> = self
                .members(schema, is_combined)?
                .into_iter()
                .map(|(_, member)| member)
                .collect();
            return Ok(Simple(format!("{{ {} }}", members.join("; "))));
        }
        Ok(match self.others(schema)? {
            Some(others) => Simple(format!("Record<string, {others}>")),
            None if is_combined => Expression::named("unknown"),
            None => Expression::named("Record<string, never>"),
        })
    }

    /// Writes the members of an object, each with its comment.
    fn members(
        &mut self,
        schema: &Map<String, Value>,
        is_combined: bool,
    ) -> Result<Vec<(String, String)>, TypesError> {
        let required: Vec<&str> = match schema.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut members = Vec::new();
        let mut types = Vec::new();
        // Only the list of required fields keeps the order of the fields.
        let order = |name: &str| required.iter().position(|required| *required == name);
        let mut properties: Vec<(&String, &Value)> = schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .collect();
        let is_map = is_map(schema);
        properties.sort_by_key(|(name, _)| (order(name).unwrap_or(usize::MAX), *name));
        for (name, property) in properties {
            let is_required = required.contains(&name.as_str());
            let mut expression = self.at(name, |printer| printer.expression(property))?;
            let is_left_out = self.direction == Direction::Written && !is_required && !is_map;
            if is_left_out && !may_be_null(property) {
                expression = expression.not_null();
            }
            let comment = property
                .as_object()
                .map_or_else(String::new, |property| comment_of(property, "  "));
            let mark = if is_required {
                ""
            } else {
                types.push(Expression::named("undefined"));
                "?"
            };
            members.push((comment, format!("{}{mark}: {expression}", member(name))));
            types.push(expression);
        }
        if let Some(others) = self.others(schema)? {
            // An index signature must allow the types of all named members.
            let index = if is_combined {
                Expression::named("unknown")
            } else {
                Expression::union(std::iter::once(others).chain(types))
            };
            members.push((String::new(), format!("[key: string]: {index}")));
        }
        Ok(members)
    }

    /// Returns the type of members without names, or `None` if the object has none.
    fn others(&mut self, schema: &Map<String, Value>) -> Result<Option<Expression>, TypesError> {
        let mut others = Vec::new();
        match schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => {}
            Some(additional) => {
                others.push(self.at("*", |printer| printer.expression(additional))?);
            }
        }
        if let Some(Value::Object(patterns)) = schema.get("patternProperties") {
            for pattern in patterns.values() {
                others.push(self.at("*", |printer| printer.expression(pattern))?);
            }
        }
        Ok((!others.is_empty()).then(|| Expression::union(others)))
    }

    /// Writes a JavaScript class, with the types of its content.
    fn class(&mut self, schema: &Map<String, Value>) -> Result<Expression, TypesError> {
        let class = schema
            .get(CLASS)
            .and_then(Value::as_str)
            .unwrap_or("unknown");
        let of: Vec<String> = match schema.get(CLASS_OF) {
            Some(Value::Array(of)) => of
                .iter()
                .map(|of| self.expression(of).map(|of| of.to_string()))
                .collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        if !of.is_empty() {
            return Ok(Simple(format!("{class}<{}>", of.join(", "))));
        }
        Ok(Expression::union(class.split(" | ").map(Expression::named)))
    }

    fn at<T>(
        &mut self,
        field: &str,
        inside: impl FnOnce(&mut Self) -> Result<T, TypesError>,
    ) -> Result<T, TypesError> {
        self.place.push(field.to_owned());
        let outcome = inside(self);
        self.place.pop();
        outcome
    }

    fn refused(&self, reason: &str) -> TypesError {
        let place = match self.place.split_first() {
            Some((first, [])) => first.clone(),
            Some((first, fields)) => format!("field `{}` of {first}", fields.join(".")),
            None => "a type".to_owned(),
        };
        TypesError::NotExpressible {
            place,
            reason: reason.to_owned(),
        }
    }
}

/// Returns the values that a schema lists, as a union of literals.
fn literals(schema: &Map<String, Value>) -> Option<Expression> {
    let values = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => std::slice::from_ref(value),
        (None, Some(Value::Array(values))) => values.as_slice(),
        _ => return None,
    };
    Some(Expression::union(values.iter().map(|value| {
        Simple(match value {
            Value::String(text) => quoted(text),
            Value::Array(_) => "unknown[]".to_owned(),
            Value::Object(_) => "Record<string, unknown>".to_owned(),
            other => other.to_string(),
        })
    })))
}
