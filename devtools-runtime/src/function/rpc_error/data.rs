//! The data of an error: the fields of its variant, as serde writes a variant.
//!
//! A single unnamed field is the data itself, several unnamed fields are a list, and named fields are an object. A variant without
//! fields has no data. A missing field is read as `null`, so that a field of type `Option` can be added later.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A type that a field of an error can have.
///
/// Implemented for every type that serde reads and writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel with an error",
    label = "cannot be written into the error's data",
    note = "if callers need not see it, mark the variant `#[rpc_error(internal)]`: they get its code alone",
    note = "if the type is yours, derive `serde::Serialize` and `serde::Deserialize` for it"
)]
pub trait RpcErrorField: Sized {
    #[doc(hidden)]
    fn write(&self) -> Result<Value, serde_json::Error>;

    #[doc(hidden)]
    fn read(value: &Value) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> RpcErrorField for T {
    fn write(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }

    fn read(value: &Value) -> Option<Self> {
        T::deserialize(value).ok()
    }
}

/// The position of a field in the data.
#[derive(Debug, Clone, Copy)]
pub enum FieldPosition {
    /// The field is the whole data.
    Whole,
    /// An item of a list, by its index. The items are written in this order.
    Item(usize),
    /// A member of an object.
    Named(&'static str),
}

/// A field: its position, and the functions that write and read it.
#[derive(Debug)]
pub struct ErrorField<T> {
    key: FieldPosition,
    write: fn(&T) -> Result<Value, serde_json::Error>,
    read: fn(&Value) -> Option<T>,
}

/// Returns the field at `key`.
///
/// Only this function has a bound on the type, so that the compiler reports a wrong type once.
pub fn error_field<T: RpcErrorField>(key: FieldPosition) -> ErrorField<T> {
    ErrorField {
        key,
        write: T::write,
        read: T::read,
    }
}

/// The part of an error that its caller may see, beside the code.
#[derive(Debug)]
pub enum Disclosure {
    /// The caller sees only the code.
    Internal,
    /// The caller sees the message, and this data.
    Public(Result<Option<Value>, serde_json::Error>),
}

impl Disclosure {
    /// Discloses the message.
    pub const fn public() -> Self {
        Self::Public(Ok(None))
    }

    /// Adds a field to the data.
    #[must_use]
    pub fn with<T>(self, field: ErrorField<T>, value: &T) -> Self {
        match self {
            Self::Public(Ok(data)) => {
                Self::Public((field.write)(value).map(|value| Some(put(data, field.key, value))))
            }
            settled => settled,
        }
    }
}

fn put(data: Option<Value>, key: FieldPosition, value: Value) -> Value {
    match (key, data) {
        (FieldPosition::Item(_), Some(Value::Array(mut items))) => {
            items.push(value);
            Value::Array(items)
        }
        (FieldPosition::Item(_), _) => Value::Array(vec![value]),
        (FieldPosition::Named(name), Some(Value::Object(mut members))) => {
            members.insert(name.to_owned(), value);
            Value::Object(members)
        }
        (FieldPosition::Named(name), _) => {
            Value::Object(Map::from_iter([(name.to_owned(), value)]))
        }
        (FieldPosition::Whole, _) => value,
    }
}

/// The data that came with an error.
#[derive(Debug, Clone, Copy)]
pub struct ErrorData<'a>(&'a Value);

impl<'a> ErrorData<'a> {
    pub(crate) fn of(data: Option<&'a Value>) -> Self {
        Self(data.unwrap_or(&Value::Null))
    }

    /// Reads a field. `None` if its value does not fit.
    pub fn get<T>(self, field: ErrorField<T>) -> Option<T> {
        let value = match field.key {
            FieldPosition::Whole => Some(self.0),
            FieldPosition::Item(index) => self.0.get(index),
            FieldPosition::Named(name) => self.0.get(name),
        };
        (field.read)(value.unwrap_or(&Value::Null))
    }
}
