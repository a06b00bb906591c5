//! Arguments as text for people: JSON, and JavaScript's notation for values that JSON does not have.
//!
//! Values of different types never have the same text, so a message can tell them apart.

use std::fmt::{self, Display, Formatter};

use crate::wire::js::Value;

/// Writes arguments as text.
pub(crate) fn shown(arguments: &[Value]) -> String {
    ShownMembers(arguments).to_string()
}

struct ShownMembers<'a>(&'a [Value]);

struct ShownValue<'a>(&'a Value);

impl Display for ShownMembers<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        separated(f, self.0, |f, member| ShownValue(member).fmt(f))?;
        f.write_str("]")
    }
}

impl Display for ShownValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Undefined => f.write_str("undefined"),
            Value::Null | Value::Bool(_) | Value::String(_) => json(f, self.0),
            Value::Number(number) if number.is_finite() => json(f, self.0),
            Value::Number(number) if number.is_nan() => f.write_str("NaN"),
            Value::Number(number) => {
                let sign = if *number < 0.0 { "-" } else { "" };
                write!(f, "{sign}Infinity")
            }
            Value::BigInt(value) => write!(f, "{value}n"),
            Value::Array(members) => ShownMembers(members).fmt(f),
            Value::Object(properties) => {
                f.write_str("{")?;
                separated(f, properties, |f, (key, value)| {
                    json(f, key)?;
                    write!(f, ":{}", ShownValue(value))
                })?;
                f.write_str("}")
            }
            Value::Map(map) => {
                f.write_str("Map{")?;
                separated(f, map.entries(), |f, (key, value)| {
                    write!(f, "{}=>{}", ShownValue(key), ShownValue(value))
                })?;
                f.write_str("}")
            }
            Value::Set(set) => {
                f.write_str("Set{")?;
                separated(f, set.members(), |f, member| ShownValue(member).fmt(f))?;
                f.write_str("}")
            }
            Value::Date(Some(date)) => write!(f, "Date({date})"),
            Value::Date(None) => f.write_str("Date(invalid)"),
            // The other types are rare as arguments.
            other => write!(f, "{other:?}"),
        }
    }
}

/// Writes a value that can always be written as JSON.
fn json(f: &mut Formatter<'_>, value: &impl serde::Serialize) -> fmt::Result {
    let text = serde_json::to_string(value).map_err(|_| fmt::Error)?;
    f.write_str(&text)
}

fn separated<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        write(f, item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::shown;
    use crate::wire::js::{BigInt, Date, Value};

    #[test]
    fn values_of_different_types_look_different() {
        let date = Date::from_millis(0);
        let text = date.map(|date| date.to_string()).unwrap_or_default();
        let values = [
            Value::Undefined,
            Value::Null,
            Value::Number(1.0),
            Value::String("1".to_owned()),
            Value::BigInt(BigInt::from(1)),
            Value::Number(f64::NAN),
            Value::Number(f64::NEG_INFINITY),
            Value::Date(date),
            Value::String(text),
            Value::Object(vec![("a".to_owned(), Value::Undefined)]),
            Value::Object(Vec::new()),
            Value::Map([(Value::Null, Value::Null)].into_iter().collect()),
            Value::Set([Value::Null].into_iter().collect()),
            Value::ArrayBuffer(vec![1]),
        ];
        assert_eq!(
            shown(&values[..7]),
            r#"[undefined,null,1,"1",1n,NaN,-Infinity]"#
        );
        let mut texts: Vec<_> = values
            .iter()
            .map(|value| shown(std::slice::from_ref(value)))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), values.len(), "{texts:?}");
    }
}
