//! The rules of `garde` that a value must satisfy, if its type has some.
//!
//! A function has a [`Rule`] for each parameter and for its result, as constants. The attribute takes them from
//! [`Probe`](crate::function::Probe), where the types are concrete. Without the feature `validate` every rule is [`Rule::NONE`], and
//! the expansion has none.

use std::any::Any;

#[cfg(feature = "validate")]
use serde_json::Value;

use crate::function::argument_problem::ArgumentProblem;
#[cfg(feature = "validate")]
use crate::function::argument_problem::LONGEST_PATH;
use crate::function::error::{CallError, RemoteError};
#[cfg(feature = "validate")]
use crate::function::probe::Probe;
#[cfg(feature = "validate")]
use crate::wire::{MAX_DEPTH, cut, json};

/// The number of violations that a message names. A long list may break a rule in each element.
#[cfg(feature = "validate")]
const SHOWN: usize = 8;

/// The check of the values of one type.
#[derive(Clone, Copy)]
pub struct Rule(Option<fn(&dyn Any) -> Option<String>>);

impl Rule {
    /// No check.
    pub const NONE: Self = Self(None);

    /// Returns the problem with `value`, as `path: message; path: message` ([protocol 11](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-errors-by-name)). `None` if there is none.
    pub(crate) fn problem(self, value: &dyn Any) -> Option<String> {
        (self.0?)(value)
    }
}

/// Checks one argument.
pub(crate) fn check(
    rules: &[Rule],
    position: usize,
    value: &dyn Any,
) -> Result<(), ArgumentProblem> {
    let problem = rules.get(position).and_then(|rule| rule.problem(value));
    problem.map_or(Ok(()), |problem| {
        Err(ArgumentProblem::new(position, problem))
    })
}

/// The error of a function whose result breaks the rules of its type (DF0044 of [protocol 11](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-errors-by-name)).
#[derive(Debug, thiserror::Error)]
#[error("the result of `{function}` is not valid: {problem}")]
pub(crate) struct InvalidResult {
    function: &'static str,
    problem: String,
}

impl InvalidResult {
    /// Checks a result, and logs one that is not valid, because the mistake is in the function.
    pub(crate) fn check(
        rule: Rule,
        function: &'static str,
        output: &dyn Any,
    ) -> Result<(), InvalidResult> {
        let Some(problem) = rule.problem(output) else {
            return Ok(());
        };
        tracing::warn!(rpc.method = function, problem, "a result is not valid");
        Err(Self { function, problem })
    }
}

/// A caller within the process gets the error that a reply would have.
impl<E> From<InvalidResult> for CallError<E> {
    fn from(invalid: InvalidResult) -> Self {
        Self::Remote(RemoteError::new(invalid.to_string()))
    }
}

#[cfg(feature = "validate")]
impl<T: garde::Validate<Context = ()> + serde::Serialize + 'static> Probe<T> {
    /// The rules of `garde`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const RULE: Rule = Rule(Some(broken::<T>));
}

#[cfg(feature = "validate")]
fn broken<T: garde::Validate<Context = ()> + serde::Serialize + 'static>(
    value: &dyn Any,
) -> Option<String> {
    let value = value.downcast_ref::<T>()?;
    let report = value.validate().err()?;
    // The written value has the names of the wire.
    let written = json::write(value, MAX_DEPTH).ok();
    let written = written.and_then(|text| json::read(&text).ok());
    Some(said(&report, &written.unwrap_or_default()))
}

#[cfg(feature = "validate")]
fn said(report: &garde::Report, written: &Value) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for (index, (path, error)) in report.iter().take(SHOWN).enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        let path = on_the_wire(&path.to_string(), written);
        let path = cut(&path, LONGEST_PATH);
        // Writing to a string does not fail.
        let _ = match &*path {
            "" => write!(text, "{error}"),
            path => write!(text, "`{path}`: {error}"),
        };
    }
    let more = report.iter().count().saturating_sub(SHOWN);
    if more > 0 {
        let _ = write!(text, "; and {more} more");
    }
    text
}

/// Translates a path of `garde`, which has the names of Rust's fields, to the names of the wire.
///
/// A name is found by its letters and digits: `max_kb` is written `maxKb`, `max-kb` or `MAX_KB`. A field with a different name keeps
/// its name in Rust, and so do the fields behind it.
#[cfg(feature = "validate")]
fn on_the_wire(path: &str, written: &Value) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    let mut at = Some(written);
    for step in path.split_inclusive(['.', ']']).flat_map(|step| {
        // `list[3].name` has the steps `list`, `3` and `name`.
        let step = step.trim_end_matches('.');
        match step.split_once('[') {
            Some(("", index)) => [Some(index), None],
            Some((name, index)) => [Some(name), Some(index)],
            None => [Some(step), None],
        }
    }) {
        let Some(step) = step.filter(|step| !step.is_empty()) else {
            continue;
        };
        if let Some(index) = step.strip_suffix(']') {
            at = at.and_then(|at| match index.parse::<usize>() {
                Ok(index) => at.get(index),
                Err(_) => at.get(index),
            });
            let _ = write!(text, "[{index}]");
            continue;
        }
        let named = at.and_then(|at| property(at, step));
        let name = named.map_or(step, |(name, _)| name);
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(name);
        at = named.map(|(_, value)| value);
    }
    text
}

/// Finds the property that a field of this name is written as.
#[cfg(feature = "validate")]
fn property<'v>(value: &'v Value, field: &str) -> Option<(&'v str, &'v Value)> {
    let properties = value.as_object()?;
    if let Some((name, value)) = properties.get_key_value(field) {
        return Some((name, value));
    }
    let letters = |name: &str| -> String {
        let kept = name.chars().filter(|letter| letter.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let wanted = letters(field);
    let mut alike = properties
        .iter()
        .filter(|(name, _)| letters(name) == wanted);
    // Two candidates are ambiguous.
    match (alike.next(), alike.next()) {
        (Some((name, value)), None) => Some((name, value)),
        _ => None,
    }
}

crate::debug_impl! { Rule as it => "{}", if it.0.is_some() { "a rule" } else { "none" } }

#[cfg(all(test, feature = "validate"))]
mod tests {
    use garde::Validate;

    use super::{Probe, said};

    #[derive(Validate, serde::Serialize)]
    struct Options {
        #[garde(range(min = 1, max = 5))]
        retries: u32,
        #[garde(length(chars, min = 1, max = 2))]
        name: String,
    }

    #[test]
    fn all_that_is_wrong_is_said_up_to_a_limit() {
        let options = |retries, name: &str| Options {
            retries,
            name: name.to_owned(),
        };
        let problem = |options: Options| Probe::<Options>::RULE.problem(&options);
        // Characters are Unicode scalar values, whatever their length in bytes.
        assert_eq!(problem(options(5, "🦀é")), None);
        assert_eq!(
            problem(options(6, "")).as_deref(),
            Some("`name`: length is lower than 1; `retries`: greater than 5")
        );
        let many: Vec<_> = (0..10).map(|_| options(0, "a")).collect();
        let text = said(&many.validate().unwrap_err(), &serde_json::Value::Null);
        assert!(text.starts_with("`[0].retries`: lower than 1; "), "{text}");
        assert!(
            text.ends_with("`[7].retries`: lower than 1; and 2 more"),
            "{text}"
        );
    }

    #[test]
    fn paths_have_the_names_of_the_wire() {
        #[derive(Validate, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Upload {
            #[garde(range(max = 10))]
            max_kb: u32,
            #[garde(dive)]
            all_parts: Vec<Part>,
            #[garde(range(max = 10))]
            #[serde(rename = "weight")]
            total_kb: u32,
        }

        #[derive(Validate, serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        struct Part {
            #[garde(length(min = 1))]
            file_name: String,
        }

        let upload = Upload {
            max_kb: 11,
            all_parts: vec![Part {
                file_name: String::new(),
            }],
            total_kb: 11,
        };
        assert_eq!(
            Probe::<Upload>::RULE.problem(&upload).as_deref(),
            Some(
                "`allParts[0].file-name`: length is lower than 1; `maxKb`: greater than 10; `total_kb`: greater than 10"
            )
        );
    }
}
