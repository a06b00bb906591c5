//! The arguments of a call: by name from the agent, by position for the function.

use devtools_runtime::functions::Parameter;
use serde_json::{Map, Value};

/// Puts named arguments into the order of the parameters.
///
/// `arg0`, `arg1` and so on are accepted too, because the JavaScript engine has only these names. Arguments that are missing at the end
/// are left out.
///
/// # Errors
///
/// If an argument has an unknown name, or a required one is missing. The error says which.
pub(crate) fn by_position(
    function: &str,
    parameters: &[Parameter],
    mut named: Map<String, Value>,
) -> Result<Vec<Value>, String> {
    let mut missing = None;
    let mut arguments = Vec::with_capacity(parameters.len());
    let mut given = 0;
    for (position, parameter) in parameters.iter().enumerate() {
        let by_name = named.remove(parameter.name);
        let value = by_name.or_else(|| named.remove(&format!("arg{position}")));
        match &value {
            Some(_) => given = position + 1,
            None if !parameter.optional => drop(missing.get_or_insert(parameter.name)),
            None => {}
        }
        arguments.push(value.unwrap_or_default());
    }
    let takes = || {
        let taken: Vec<_> = parameters
            .iter()
            .map(|it| format!("`{}`", it.name))
            .collect();
        if taken.is_empty() {
            "it takes none".to_owned()
        } else {
            format!("it takes {}", taken.join(", "))
        }
    };
    if let Some(name) = named.keys().next() {
        return Err(format!(
            "`{function}` has no argument `{name}`: {}",
            takes()
        ));
    }
    if let Some(name) = missing {
        return Err(format!(
            "the argument `{name}` of `{function}` is missing: {}",
            takes()
        ));
    }
    arguments.truncate(given);
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use devtools_runtime::functions::Parameter;
    use serde_json::{Value, json};

    use super::by_position;

    const PARAMETERS: &[Parameter] = &[
        Parameter::new("path", false),
        Parameter::new("from", true),
        Parameter::new("to", true),
    ];

    fn ordered(named: Value) -> Result<Vec<Value>, String> {
        let Value::Object(named) = named else {
            panic!()
        };
        by_position("demo:read", PARAMETERS, named)
    }

    #[test]
    fn names_become_positions() {
        assert_eq!(ordered(json!({ "path": "a" })), Ok(vec![json!("a")]));
        let gap = vec![json!("a"), Value::Null, json!(3)];
        assert_eq!(ordered(json!({ "to": 3, "path": "a" })), Ok(gap));
        assert_eq!(
            ordered(json!({ "arg0": "a", "arg1": 1 })),
            Ok(vec![json!("a"), json!(1)])
        );
    }

    #[test]
    fn errors_name_the_argument() {
        assert_eq!(
            ordered(json!({ "path": "a", "form": 1 })).unwrap_err(),
            "`demo:read` has no argument `form`: it takes `path`, `from`, `to`"
        );
        assert_eq!(
            ordered(json!({ "from": 1 })).unwrap_err(),
            "the argument `path` of `demo:read` is missing: it takes `path`, `from`, `to`"
        );
        let none = json!({ "a": 1 }).as_object().unwrap().clone();
        assert_eq!(
            by_position("demo:list", &[], none).unwrap_err(),
            "`demo:list` has no argument `a`: it takes none"
        );
    }
}
