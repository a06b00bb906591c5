//! Arguments by name, as they are sent by position.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::function::parameter::Parameter;

/// The error of arguments by name that do not fit the parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NamedArgumentsError {
    #[error("`{function}` has no parameter `{name}`: {}", parameters(.known))]
    Unknown {
        function: String,
        name: String,
        known: Vec<&'static str>,
    },
    #[error("`{function}` needs the parameter `{name}`")]
    Missing {
        function: String,
        name: &'static str,
    },
}

/// Returns the arguments of a call of `function` as the text of an array. An optional parameter that is not named is `null`, or
/// left out at the end.
pub(crate) fn by_position(
    function: &str,
    parameters: &[Parameter],
    mut named: BTreeMap<String, &RawValue>,
) -> Result<String, NamedArgumentsError> {
    let mut values = Vec::with_capacity(parameters.len());
    let mut given = 0;
    for parameter in parameters {
        let value = named.remove(parameter.name);
        if value.is_none() && !parameter.optional {
            return Err(NamedArgumentsError::Missing {
                function: function.to_owned(),
                name: parameter.name,
            });
        }
        values.push(value.map_or("null", RawValue::get));
        if value.is_some() {
            given = values.len();
        }
    }
    if let Some((name, _)) = named.pop_first() {
        return Err(NamedArgumentsError::Unknown {
            function: function.to_owned(),
            name,
            known: parameters.iter().map(|parameter| parameter.name).collect(),
        });
    }
    Ok(format!("[{}]", values[..given].join(",")))
}

/// Lists the parameters for an error message.
fn parameters(known: &[&str]) -> String {
    match known {
        [] => "it takes no arguments".to_owned(),
        known => format!("it takes `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::by_position;
    use crate::function::parameter::Parameter;

    const PARAMETERS: [Parameter; 3] = [
        Parameter::new("path", false),
        Parameter::new("depth", true),
        Parameter::new("filter", true),
    ];

    fn read(json: &str) -> Result<String, String> {
        let named = serde_json::from_str(json).unwrap();
        by_position("my-plugin:list", &PARAMETERS, named).map_err(|error| error.to_string())
    }

    #[test]
    fn names_become_positions() {
        assert_eq!(read(r#"{"path":"a"}"#).unwrap(), r#"["a"]"#);
        assert_eq!(
            read(r#"{"filter":[1, 2],"path":"a"}"#).unwrap(),
            r#"["a",null,[1, 2]]"#
        );
        // Numbers keep their digits.
        let exact = read(r#"{"path":9007199254740993,"depth":0.10}"#);
        assert_eq!(exact.unwrap(), "[9007199254740993,0.10]");
    }

    #[test]
    fn names_that_do_not_fit_are_explained() {
        assert_eq!(
            read(r#"{"depth":1}"#).unwrap_err(),
            "`my-plugin:list` needs the parameter `path`"
        );
        assert_eq!(
            read(r#"{"path":"a","dept":1}"#).unwrap_err(),
            "`my-plugin:list` has no parameter `dept`: it takes `path`, `depth`, `filter`"
        );
        let named = serde_json::from_str(r#"{"a":1}"#).unwrap();
        let error = by_position("my-plugin:all", &[], named).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`my-plugin:all` has no parameter `a`: it takes no arguments"
        );
    }
}
