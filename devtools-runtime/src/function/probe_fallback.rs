//! The answers of [`Probe`] for types that have no better one.

use crate::function::probe::Probe;
use crate::function::rpc_error::Failure;
use crate::function::rules::Rule;

/// The answers of [`Probe`] for every other type.
pub trait ProbeFallback {
    /// The type.
    type Probed;
    /// `false`, unless the type is a `Result`.
    const IS_RESULT: bool = false;
    /// `false`, unless the type is a `Result` whose error is an [`Error`](std::error::Error).
    const HAS_ERROR: bool = false;
    /// `false`, unless the type is a `Result` whose error can be boxed as one: every [`Error`](std::error::Error), texts, and
    /// boxed errors.
    const HAS_TEXT: bool = false;
    /// `false`, unless the type is an `Option`.
    const IS_OPTION: bool = false;
    /// `false`, unless the type stands for a function that runs here at each call.
    const HAS_BODY: bool = false;
    /// `false`, unless the type stands for a function that is set up here.
    const IS_SET_UP: bool = false;
    /// Errors travel as their message, unless the type derives [`RpcError`](crate::RpcError).
    const FAILURE: Failure<Self::Probed> = Failure::OPAQUE;
    /// No rule, unless the type implements `garde::Validate`.
    const RULE: Rule = Rule::NONE;
    /// `None`, unless the type implements `schemars::JsonSchema`.
    #[cfg(feature = "typescript")]
    const DESCRIBE: Option<crate::function::types::DescribeType> = None;
}

impl<T> ProbeFallback for Probe<T> {
    type Probed = T;
}

#[cfg(all(test, feature = "validate"))]
mod tests {
    use garde::Validate;

    use super::{Probe, ProbeFallback as _, Rule};

    #[derive(Validate, serde::Serialize)]
    struct Options {
        #[garde(range(min = 1))]
        retries: u32,
    }

    #[derive(Validate)]
    #[garde(context(u32))]
    #[expect(dead_code, reason = "its type is what is looked at")]
    struct InContext(#[garde(skip)] u8);

    #[test]
    fn the_rules_of_a_type_are_found_by_the_type() {
        let is_rule = |rule: Rule| format!("{rule:?}") == "a rule";
        assert!(is_rule(Probe::<Options>::RULE));
        assert!(is_rule(Probe::<Option<Options>>::RULE));
        assert!(is_rule(Probe::<Vec<Option<Box<Options>>>>::RULE));
        assert!(!is_rule(Probe::<String>::RULE));
        assert!(!is_rule(Probe::<Option<u8>>::RULE));
        assert!(!is_rule(Probe::<InContext>::RULE));
    }
}
