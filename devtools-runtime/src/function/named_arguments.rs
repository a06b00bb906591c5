//! Arguments by name, in the order of the parameters.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::function::parameter::Parameter;

/// The number of characters of an unknown name that an error repeats at most.
const SHOWN: usize = 200;

/// The error of arguments by name that do not fit the parameters of a function.
///
/// ```
/// use devtools_runtime::functions::{Parameter, by_position};
///
/// let parameters = [Parameter::new("path", false)];
/// let error = by_position("my-plugin:read", &parameters, [("file".to_owned(), "a.txt")]).unwrap_err();
/// assert!(error.to_string().starts_with("`my-plugin:read` has no parameter `file`: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamedArgumentsError {
    /// The function has no parameter of this name.
    #[error("`{function}` has no parameter `{name}`: {}", parameters(.known))]
    #[non_exhaustive]
    Unknown {
        /// The name of the function.
        function: String,
        /// The name of the argument, of which a long one is cut.
        name: String,
        /// The names of the parameters.
        known: Vec<&'static str>,
    },
    /// Two arguments have the same name.
    #[error("`{function}` got the argument `{name}` twice")]
    #[non_exhaustive]
    Repeated {
        /// The name of the function.
        function: String,
        /// The name of the argument, of which a long one is cut.
        name: String,
    },
    /// A parameter that is not optional has no argument.
    #[error("`{function}` needs the parameter `{name}`: {}", parameters(.known))]
    #[non_exhaustive]
    Missing {
        /// The name of the function.
        function: String,
        /// The name of the parameter.
        name: &'static str,
        /// The names of the parameters.
        known: Vec<&'static str>,
    },
}

/// Puts the named arguments of a call into the order of the parameters.
///
/// An optional parameter without an argument is `None`, or left out at the end. The names `arg0`, `arg1` and so on,
/// which the JavaScript engine gives to parameters, are accepted too.
///
/// ```
/// use devtools_runtime::functions::{Parameter, by_position};
///
/// let parameters = [Parameter::new("path", false), Parameter::new("from", true), Parameter::new("to", true)];
/// let named = [("to".to_owned(), "9"), ("path".to_owned(), "a.txt")];
/// assert_eq!(by_position("my-plugin:read", &parameters, named)?, [Some("a.txt"), None, Some("9")]);
/// # Ok::<(), devtools_runtime::functions::NamedArgumentsError>(())
/// ```
///
/// # Errors
///
/// If the function has no parameter of a name, a parameter that is not optional has no argument, or two arguments have the same name.
pub fn by_position<V>(
    function: &str,
    parameters: &[Parameter],
    named: impl IntoIterator<Item = (String, V)>,
) -> Result<Vec<Option<V>>, NamedArgumentsError> {
    let shown = |name: &str| name.chars().take(SHOWN).collect();
    let mut by_name = BTreeMap::new();
    for (name, value) in named {
        match by_name.entry(name) {
            Entry::Vacant(place) => drop(place.insert(value)),
            Entry::Occupied(place) => {
                return Err(NamedArgumentsError::Repeated {
                    function: function.to_owned(),
                    name: shown(place.key()),
                });
            }
        }
    }
    let known = || parameters.iter().map(|parameter| parameter.name).collect();
    let mut missing = None;
    let mut values = Vec::with_capacity(parameters.len());
    let mut given = 0;
    for (position, parameter) in parameters.iter().enumerate() {
        let value = by_name
            .remove(parameter.name)
            .or_else(|| by_name.remove(&format!("arg{position}")));
        if value.is_some() {
            given = position + 1;
        } else if !parameter.optional {
            missing = missing.or(Some(parameter.name));
        }
        values.push(value);
    }
    // Reported before a missing parameter, because a misspelt name is often the reason why one is missing.
    if let Some((name, _)) = by_name.pop_first() {
        return Err(NamedArgumentsError::Unknown {
            function: function.to_owned(),
            name: shown(&name),
            known: known(),
        });
    }
    if let Some(name) = missing {
        return Err(NamedArgumentsError::Missing {
            function: function.to_owned(),
            name,
            known: known(),
        });
    }
    values.truncate(given);
    Ok(values)
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

    fn order(named: &[(&str, u8)]) -> Result<Vec<Option<u8>>, String> {
        let named = named.iter().map(|&(name, value)| (name.to_owned(), value));
        by_position("my-plugin:list", &PARAMETERS, named).map_err(|error| error.to_string())
    }

    #[test]
    fn names_become_positions() {
        assert_eq!(order(&[("path", 1)]).unwrap(), [Some(1)]);
        let gap = [Some(1), None, Some(3)];
        assert_eq!(order(&[("filter", 3), ("path", 1)]).unwrap(), gap);
        assert_eq!(order(&[("arg2", 3), ("arg0", 1)]).unwrap(), gap);
    }

    #[test]
    fn names_that_do_not_fit_are_explained() {
        assert_eq!(
            order(&[("depth", 1)]).unwrap_err(),
            "`my-plugin:list` needs the parameter `path`: it takes `path`, `depth`, `filter`"
        );
        for named in [&[("path", 1), ("dept", 1)][..], &[("dept", 1)]] {
            assert_eq!(
                order(named).unwrap_err(),
                "`my-plugin:list` has no parameter `dept`: it takes `path`, `depth`, `filter`"
            );
        }
        let twice = order(&[("path", 1), ("depth", 1), ("depth", 1)]);
        assert_eq!(
            twice.unwrap_err(),
            "`my-plugin:list` got the argument `depth` twice"
        );
        // One argument for two names of one parameter.
        assert!(order(&[("path", 1), ("arg0", 1)]).is_err());
        // A long name is not sent back.
        let long = order(&[(&"x".repeat(100_000), 1)]).unwrap_err();
        assert!(long.len() < 400, "{}", long.len());
        let named = [("a".to_owned(), 1)];
        let error = by_position("my-plugin:all", &[], named).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`my-plugin:all` has no parameter `a`: it takes no arguments"
        );
    }
}
