//! A problem with the arguments of a call.

use std::borrow::Cow;

use crate::function::error::ArgumentError;
use crate::function::parameter::Parameter;
use crate::wire::cut;

/// A problem with the arguments of a call, without the names that only the function knows.
#[derive(Debug)]
pub struct ArgumentProblem {
    /// The index of the argument.
    pub(super) position: usize,
    /// The path to the wrong value inside the argument.
    pub(super) path: String,
    pub(super) problem: String,
}

impl ArgumentProblem {
    pub(super) fn new(position: usize, problem: String) -> Self {
        Self {
            position,
            path: String::new(),
            problem,
        }
    }

    /// Returns the error with the names of the function and the parameter.
    pub(crate) fn of(
        self,
        function: impl Into<Cow<'static, str>>,
        parameters: &[Parameter],
    ) -> ArgumentError {
        ArgumentError {
            function: function.into(),
            position: self.position + 1,
            parameter: parameters
                .get(self.position)
                .map_or("arguments", |parameter| parameter.name),
            path: cut(&self.path, LONGEST_PATH).into_owned(),
            problem: cut(&self.problem, LONGEST_PROBLEM).into_owned(),
        }
    }
}

/// The number of characters of a path that are shown. Values may be deeply nested.
pub(super) const LONGEST_PATH: usize = 200;

/// The number of characters of a problem that are shown. It may quote a value of the caller, with escapes that are longer than the
/// characters they stand for.
pub(super) const LONGEST_PROBLEM: usize = 1000;
