//! The text of arguments that is hashed ([protocol 8.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#85-the-hash-of-arguments)).

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::{self, Display, Write};

use crate::dump::hash::error::HashError;
use crate::dump::hash::order;
use crate::wire::js::{Boxed, RegExp, TypedArray, Value};

/// How deep containers may be nested, counting the array of arguments.
pub(super) const MAX_DEPTH: usize = crate::wire::MAX_DEPTH + 1;

/// Writes the text of an array of arguments.
pub(super) fn write<W: Write>(out: &mut W, arguments: &[Value]) -> Result<(), HashError> {
    HashWriter { out, depth: 0 }.array(arguments)
}

struct HashWriter<'w, W> {
    out: &'w mut W,
    depth: usize,
}

impl<W: Write> HashWriter<'_, W> {
    fn put(&mut self, text: impl Display) {
        // Neither a digest nor a string refuses text.
        let _ = write!(self.out, "{text}");
    }

    fn value(&mut self, value: &Value) -> Result<(), HashError> {
        match value {
            Value::Undefined => self.put("undefined"),
            Value::Null => self.put("null"),
            Value::Bool(value) => self.put(value),
            Value::Number(number) => self.put(NumberText(*number)),
            // JavaScript hashes the float that it reads.
            Value::Integer(_) => self.put(NumberText(value.as_number().unwrap_or(f64::NAN))),
            Value::String(text) => self.put(format_args!("'{text}'")),
            Value::BigInt(value) => self.put(format_args!("{value}n")),
            Value::Array(members) => self.array(members)?,
            Value::Object(properties) => self.object(properties)?,
            Value::Map(map) => self.map(map.entries())?,
            Value::Set(set) => self.set(set.members())?,
            Value::Date(Some(date)) => self.put(format_args!("Date({date})")),
            Value::Date(None) => self.put("Date(null)"),
            Value::RegExp(expression) => {
                self.put(format_args!("RegExp({})", Literal(expression)));
            }
            Value::Error(error) => self.put(format_args!("Error({error})")),
            Value::Boxed(boxed) => return Err(HashError::Class(class(boxed))),
            Value::TypedArray(array) => self.typed_array(array),
            Value::ArrayBuffer(bytes) => {
                self.put(format_args!("ArrayBuffer[{}]", JoinedMembers(bytes, "")));
            }
            Value::DataView(_) => return Err(HashError::Class("DataView")),
        }
        Ok(())
    }

    /// Writes the content of a container, one level deeper.
    fn nested(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), HashError>,
    ) -> Result<(), HashError> {
        if self.depth == MAX_DEPTH {
            return Err(HashError::TooDeep);
        }
        self.depth += 1;
        write(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self, members: &[Value]) -> Result<(), HashError> {
        self.put("[");
        self.nested(|writer| {
            for (index, member) in members.iter().enumerate() {
                writer.put(separator(index));
                writer.value(member)?;
            }
            Ok(())
        })?;
        self.put("]");
        Ok(())
    }

    fn object(&mut self, properties: &[(String, Value)]) -> Result<(), HashError> {
        let constructor = properties.iter().find(|(key, _)| key == "constructor");
        if let Some((_, constructor)) = constructor {
            let name = name_of(constructor)?;
            self.put(name);
        }
        let mut sorted: Vec<&(String, Value)> = properties.iter().collect();
        sorted.sort_by(|(left, _), (right, _)| order::compare(left, right));
        self.put("{");
        self.nested(|writer| {
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                writer.put(format_args!("{}{key}:", separator(index)));
                writer.value(value)?;
            }
            Ok(())
        })?;
        self.put("}");
        Ok(())
    }

    fn map(&mut self, entries: &[(Value, Value)]) -> Result<(), HashError> {
        let mut sorted = self.keys(entries.iter().map(|(key, value)| (key, value)))?;
        order::sort(&mut sorted, &|(left, _), (right, _)| left.compare(right));
        self.put("Map{");
        self.nested(|writer| {
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                writer.put(format_args!("{}{}:", separator(index), key.text));
                writer.value(value)?;
            }
            Ok(())
        })?;
        self.put("}");
        Ok(())
    }

    fn set(&mut self, members: &[Value]) -> Result<(), HashError> {
        let mut sorted = self.keys(members.iter().map(|member| (member, ())))?;
        // JavaScript's sort puts `undefined` last without comparing it.
        let last = sorted
            .iter()
            .position(|(key, ())| *key.value == Value::Undefined);
        let last = last.map(|position| sorted.remove(position));
        order::sort(&mut sorted, &|(left, ()), (right, ())| left.compare(right));
        self.put("Set[");
        for (index, (key, ())) in sorted.into_iter().chain(last).enumerate() {
            self.put(separator(index));
            match key.value {
                Value::String(text) => self.put(format_args!("'{text}'")),
                _ => self.put(key.text),
            }
        }
        self.put("]");
        Ok(())
    }

    /// Returns the keys with their texts. If a primitive occurs twice, its first position and its last value count,
    /// as in a JavaScript `Map` or `Set`.
    fn keys<'v, T>(
        &self,
        members: impl Iterator<Item = (&'v Value, T)>,
    ) -> Result<Vec<(SortedMember<'v>, T)>, HashError> {
        let mut keys: Vec<(SortedMember<'v>, T)> = Vec::new();
        let mut places = HashMap::new();
        for (value, content) in members {
            let key = SortedMember {
                value,
                text: self.text_of(value)?,
            };
            if is_primitive(value) {
                let is_text = value.as_str().is_some();
                let place = *places
                    .entry((is_text, key.text.clone()))
                    .or_insert(keys.len());
                if let Some((_, earlier)) = keys.get_mut(place) {
                    *earlier = content;
                    continue;
                }
            }
            keys.push((key, content));
        }
        Ok(keys)
    }

    /// Returns the text of a key. For a string it is the string itself, without quotes.
    fn text_of(&self, value: &Value) -> Result<String, HashError> {
        if let Value::String(text) = value {
            return Ok(text.clone());
        }
        let mut out = String::new();
        HashWriter {
            out: &mut out,
            depth: self.depth,
        }
        .nested(|writer| writer.value(value))?;
        Ok(out)
    }

    fn typed_array(&mut self, array: &TypedArray) {
        self.put(array.name());
        match array {
            // `ohash` has no rule for this class, the newest one, and lists its entries.
            TypedArray::Float16(members) => {
                self.put("{");
                for (index, member) in members.iter().enumerate() {
                    let number = NumberText(f64::from(*member));
                    self.put(format_args!("{}{index}:{number}", separator(index)));
                }
                self.put("}");
            }
            TypedArray::BigInt64(members) => {
                self.put(format_args!("[{}]", JoinedMembers(members, "n")));
            }
            TypedArray::BigUint64(members) => {
                self.put(format_args!("[{}]", JoinedMembers(members, "n")));
            }
            _ => self.put(format_args!("[{}]", TypedArrayText(array))),
        }
    }
}

fn separator(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}

fn is_primitive(value: &Value) -> bool {
    matches!(
        value,
        Value::Undefined
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Integer(_)
            | Value::String(_)
            | Value::BigInt(_)
    )
}

/// A key of a map, or a member of a set.
struct SortedMember<'v> {
    value: &'v Value,
    text: String,
}

impl SortedMember<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        match (self.value.as_number(), other.value.as_number()) {
            // `NaN` is equal to every number.
            (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            _ => order::compare(&self.text, &other.text),
        }
    }
}

/// Returns the class name that `ohash` reads from an object: the text of `constructor.name`.
fn name_of(constructor: &Value) -> Result<String, HashError> {
    match constructor {
        Value::Undefined => Ok(String::new()),
        Value::Null => Err(HashError::Constructor("null")),
        Value::Error(error) => Ok(error.name.clone()),
        Value::Object(_) => {
            let mut name = String::new();
            append_text(
                &mut name,
                constructor.get("name").unwrap_or(&Value::Undefined),
                0,
            )?;
            Ok(name)
        }
        _ => Ok("undefined".to_owned()),
    }
}

/// Appends the result of JavaScript's `String(value)`.
fn append_text(out: &mut String, value: &Value, depth: usize) -> Result<(), HashError> {
    if depth > MAX_DEPTH {
        return Err(HashError::TooDeep);
    }
    let mut put = |text: &dyn Display| {
        // Writing to a string does not fail.
        let _ = write!(out, "{text}");
    };
    match value {
        Value::Undefined => put(&"undefined"),
        Value::Null => put(&"null"),
        Value::Bool(value) | Value::Boxed(Boxed::Boolean(value)) => put(value),
        Value::Number(number) | Value::Boxed(Boxed::Number(number)) => put(&NumberText(*number)),
        Value::Integer(_) => put(&NumberText(value.as_number().unwrap_or(f64::NAN))),
        Value::String(text) | Value::Boxed(Boxed::String(text)) => put(text),
        Value::BigInt(value) | Value::Boxed(Boxed::BigInt(value)) => put(value),
        Value::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                out.push_str(separator(index));
                if !matches!(member, Value::Undefined | Value::Null) {
                    append_text(out, member, depth + 1)?;
                }
            }
        }
        Value::Object(properties) => {
            if properties.iter().any(|(key, _)| key == "toString") {
                return Err(HashError::Constructor(
                    "an object with a `toString` of its own",
                ));
            }
            put(&"[object Object]");
        }
        Value::Map(_) => put(&"[object Map]"),
        Value::Set(_) => put(&"[object Set]"),
        Value::Date(Some(_)) => {
            return Err(HashError::Constructor(
                "an object named by a date, whose text depends on the time zone",
            ));
        }
        Value::Date(None) => put(&"Invalid Date"),
        Value::RegExp(expression) => put(&Literal(expression)),
        Value::Error(error) => put(error),
        Value::TypedArray(array) => put(&TypedArrayText(array)),
        Value::ArrayBuffer(_) => put(&"[object ArrayBuffer]"),
        Value::DataView(_) => put(&"[object DataView]"),
    }
    Ok(())
}

fn class(boxed: &Boxed) -> &'static str {
    match boxed {
        Boxed::Boolean(_) => "Boolean",
        Boxed::Number(_) => "Number",
        Boxed::String(_) => "String",
        Boxed::BigInt(_) => "BigInt",
    }
}

/// A number, displayed as JavaScript prints it.
struct NumberText(f64);

impl Display for NumberText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(ryu_js::Buffer::new().format(self.0))
    }
}

/// Members with commas between them, each with the suffix.
struct JoinedMembers<'v, T>(&'v [T], &'static str);

impl<T: Display> Display for JoinedMembers<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, member) in self.0.iter().enumerate() {
            write!(formatter, "{}{member}{}", separator(index), self.1)?;
        }
        Ok(())
    }
}

/// The members of a typed array, joined as its `join` does.
struct TypedArrayText<'v>(&'v TypedArray);

impl Display for TypedArrayText<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn floats(
            formatter: &mut fmt::Formatter<'_>,
            members: impl Iterator<Item = f64>,
        ) -> fmt::Result {
            for (index, member) in members.enumerate() {
                write!(formatter, "{}{}", separator(index), NumberText(member))?;
            }
            Ok(())
        }

        match self.0 {
            TypedArray::Int8(members) => JoinedMembers(members, "").fmt(formatter),
            TypedArray::Uint8(members) | TypedArray::Uint8Clamped(members) => {
                JoinedMembers(members, "").fmt(formatter)
            }
            TypedArray::Int16(members) => JoinedMembers(members, "").fmt(formatter),
            TypedArray::Uint16(members) => JoinedMembers(members, "").fmt(formatter),
            TypedArray::Int32(members) => JoinedMembers(members, "").fmt(formatter),
            TypedArray::Uint32(members) => JoinedMembers(members, "").fmt(formatter),
            TypedArray::Float16(members) | TypedArray::Float32(members) => {
                floats(formatter, members.iter().copied().map(f64::from))
            }
            TypedArray::Float64(members) => floats(formatter, members.iter().copied()),
            TypedArray::BigInt64(members) => JoinedMembers(members, "").fmt(formatter),
            TypedArray::BigUint64(members) => JoinedMembers(members, "").fmt(formatter),
        }
    }
}

/// A regular expression as JavaScript prints it: characters that would end the literal are escaped, and flags are
/// sorted.
struct Literal<'v>(&'v RegExp);

impl Display for Literal<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("/")?;
        if self.0.source.is_empty() {
            formatter.write_str("(?:)")?;
        }
        let (mut escaped, mut in_class) = (false, false);
        for character in self.0.source.chars() {
            let escape = match character {
                '/' if !in_class => "/",
                '\n' => "n",
                '\r' => "r",
                '\u{2028}' => "u2028",
                '\u{2029}' => "u2029",
                _ => "",
            };
            match escape {
                "" => formatter.write_char(character)?,
                _ if escaped => formatter.write_str(escape)?,
                _ => write!(formatter, "\\{escape}")?,
            }
            if !escaped {
                in_class = character == '[' || in_class && character != ']';
            }
            escaped = character == '\\' && !escaped;
        }
        let mut flags: Vec<char> = self.0.flags.chars().collect();
        flags.sort_unstable();
        write!(formatter, "/{}", flags.into_iter().collect::<String>())
    }
}
