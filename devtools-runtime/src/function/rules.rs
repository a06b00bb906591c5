//! What a value must satisfy beyond its type: the rules of `garde`, where a type has them.
//!
//! A [`Rule`] is a constant of the function for each of its parameters, and for its result. The attribute, where the types
//! are concrete, takes those that [`Probe`](crate::function::Probe) has for them, as it does for errors. Without the feature
//! `validate` nothing is expanded, and every rule is [`Rule::NONE`].

use std::any::Any;
use std::fmt;

use crate::function::arguments::Misfit;
use crate::function::{CallError, RemoteError};

/// How many violations a message names: a long list may break a rule in each of its elements.
#[cfg(feature = "validate")]
const SHOWN: usize = 8;

/// What is checked of the values of one type.
#[derive(Clone, Copy)]
pub struct Rule(Option<fn(&dyn Any) -> Option<String>>);

impl Rule {
    /// Nothing.
    pub const NONE: Self = Self(None);

    /// What is wrong with `value`, as `path: message; path: message` (`protocol.md` 11); `None` if nothing is.
    pub(crate) fn problem(self, value: &dyn Any) -> Option<String> {
        (self.0?)(value)
    }
}

/// Checks one argument.
pub(crate) fn check(rules: &[Rule], position: usize, value: &dyn Any) -> Result<(), Misfit> {
    let problem = rules.get(position).and_then(|rule| rule.problem(value));
    problem.map_or(Ok(()), |problem| Err(Misfit::new(position, problem)))
}

/// A function returned what its own type does not allow (DF0044 of `protocol.md` 11).
#[derive(Debug, thiserror::Error)]
#[error("the result of `{function}` is not valid: {problem}")]
pub(crate) struct InvalidResult {
    function: &'static str,
    problem: String,
}

impl InvalidResult {
    /// Checks a result, and tells the log of one that is not valid: it is the function's mistake.
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

/// Within the process, too, the caller gets what a reply would say.
impl<E> From<InvalidResult> for CallError<E> {
    fn from(invalid: InvalidResult) -> Self {
        Self::Remote(RemoteError::new(invalid.to_string()))
    }
}

#[cfg(feature = "validate")]
impl<T: garde::Validate<Context = ()> + 'static> crate::function::Probe<T> {
    /// The rules of `garde`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const RULE: Rule = Rule(Some(broken::<T>));
}

#[cfg(feature = "validate")]
fn broken<T: garde::Validate<Context = ()> + 'static>(value: &dyn Any) -> Option<String> {
    value
        .downcast_ref::<T>()?
        .validate()
        .err()
        .map(|report| said(&report))
}

#[cfg(feature = "validate")]
fn said(report: &garde::Report) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for (index, (path, error)) in report.iter().take(SHOWN).enumerate() {
        if index > 0 {
            text.push_str("; ");
        }
        let path = crate::function::arguments::shortened(
            path.to_string(),
            crate::function::arguments::LONGEST_PATH,
        );
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

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "a rule" } else { "none" })
    }
}

#[cfg(all(test, feature = "validate"))]
mod tests {
    use garde::Validate;

    use super::{Rule, said};
    use crate::function::{Probe, ProbeFallback as _};

    #[derive(Validate)]
    struct Options {
        #[garde(range(min = 1, max = 5))]
        retries: u32,
        #[garde(length(chars, min = 1, max = 2))]
        name: String,
    }

    #[derive(Validate)]
    #[garde(context(u32))]
    #[expect(dead_code, reason = "its type is what is looked at")]
    struct InContext(#[garde(skip)] u8);

    const fn is_rule(rule: Rule) -> bool {
        rule.0.is_some()
    }

    #[test]
    fn the_rules_of_a_type_are_found_by_the_type() {
        assert!(is_rule(Probe::<Options>::RULE));
        assert!(is_rule(Probe::<Option<Options>>::RULE));
        assert!(is_rule(Probe::<Vec<Option<Box<Options>>>>::RULE));
        assert!(!is_rule(Probe::<String>::RULE));
        assert!(!is_rule(Probe::<Option<u8>>::RULE));
        assert!(!is_rule(Probe::<InContext>::RULE));
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
        let text = said(&many.validate().unwrap_err());
        assert!(text.starts_with("`[0].retries`: lower than 1; "), "{text}");
        assert!(
            text.ends_with("`[7].retries`: lower than 1; and 2 more"),
            "{text}"
        );
    }
}
