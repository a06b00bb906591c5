//! The shape of a function: the values and types that a call needs to know.
//!
//! Code that takes a [`Shape`] is compiled once for all functions of the same types, and not once for each function. The compile
//! time of a program with many functions depends mostly on this.

use std::marker::PhantomData;

use crate::function::arguments::{RpcArguments, checked};
use crate::function::error::ArgumentError;
use crate::function::facts::Facts;
use crate::function::failed_call::FailedCall;
use crate::function::identity::RpcFunction;
use crate::function::inject::{Injection, SharedScope};
use crate::function::not_run::NotRun;
use crate::function::output::{RpcFailure, RpcOutput};
use crate::function::read_arguments::{read_clone, read_json};
use crate::function::reply::{ReplyText, ReplyTo};
use crate::function::returned::Returned;
use crate::function::rpc_error::Failure;
use crate::function::rules::{InvalidResult, Rule};
use crate::function::value_writer::ValueWriter;
use crate::wire::{Encoding, Payload};

/// The shape of a function that takes `A` and returns `R`.
pub(crate) struct Shape<A, R: Returned<Error: 'static>> {
    pub(crate) facts: Facts,
    #[cfg(feature = "validate")]
    rules: &'static [Rule],
    #[cfg(feature = "validate")]
    output_rule: Rule,
    /// `None` if errors travel as their message.
    failure: Option<&'static Failure<R::Error>>,
    arguments: PhantomData<fn() -> A>,
}

/// The shape of `F`, whose return type is `R`.
pub(crate) struct ShapeOf<F, R>(PhantomData<(F, R)>);

impl<F, R> ShapeOf<F, R>
where
    F: RpcFunction,
    R: Returned<Output = F::Output, Error = F::Error> + 'static,
{
    const FAILURE: &'static Failure<F::Error> = &F::FAILURE;
    pub(crate) const SHAPE: &'static Shape<F::Args, R> = &Self::shape(&[]);

    /// Writes the arguments and results of `F`.
    pub(crate) const WRITER: ValueWriter<F::Args, R::Written> =
        ValueWriter::new(F::ENCODING, |_, reply, returned| {
            let ending = Self::SHAPE.ending(reply.clone(), None);
            ending.finish(Ok(returned))
        });

    /// The shape of `F`, which takes these references.
    pub(crate) const fn shape(injected: &'static [Injection]) -> Shape<F::Args, R> {
        Shape {
            facts: Facts::of::<F>(injected),
            #[cfg(feature = "validate")]
            rules: F::RULES,
            #[cfg(feature = "validate")]
            output_rule: F::OUTPUT_RULE,
            failure: if Self::FAILURE.is_typed() {
                Some(Self::FAILURE)
            } else {
                None
            },
            arguments: PhantomData,
        }
    }
}

impl<A: RpcArguments, R: Returned<Output: RpcOutput, Error: RpcFailure>> Shape<A, R> {
    #[cfg(feature = "validate")]
    fn rules(&self) -> (&'static [Rule], Rule) {
        (self.rules, self.output_rule)
    }

    /// Without the feature no function has rules.
    #[cfg(not(feature = "validate"))]
    #[expect(clippy::unused_self, reason = "with the feature it is not")]
    fn rules(&self) -> (&'static [Rule], Rule) {
        (&[], Rule::NONE)
    }

    /// Reads and checks the arguments of a call. The codec of the function is JSON if `JSON` is set, and structured clone
    /// otherwise. For a function of JSON, reading structured clone is not compiled for these types.
    pub(crate) fn read<const JSON: bool>(&self, payload: Payload<'_>) -> Result<A, ArgumentError> {
        let arguments = if JSON {
            read_json(payload)
        } else {
            read_clone(payload)
        };
        arguments
            .and_then(|arguments| checked(arguments, self.rules().0))
            .map_err(|misfit| misfit.of(self.facts.name_in_program(), &self.facts.parameters))
    }

    /// Checks the arguments of a call within the process.
    pub(crate) fn check(&self, arguments: A) -> Result<A, ArgumentError> {
        checked(arguments, self.rules().0)
            .map_err(|misfit| misfit.of(self.facts.name_in_program(), &self.facts.parameters))
    }

    /// Checks the result of a call within the process, if `asked` is set.
    pub(crate) fn check_output(
        &self,
        output: &R::Output,
        asked: bool,
    ) -> Result<(), InvalidResult> {
        if cfg!(feature = "validate") && asked {
            InvalidResult::check(self.rules().1, self.facts.name_in_program(), output)
        } else {
            Ok(())
        }
    }

    /// Returns the description of a call of `scope`, for its error.
    pub(crate) fn call(&self, scope: Option<&SharedScope>) -> FailedCall<'static> {
        let call =
            FailedCall::of(self.facts.name_in_program()).publishing(self.facts.publishes_errors());
        // The scope has the session for the log, and only the errors of these functions may be logged.
        let scope = scope.filter(|_| self.failure.is_some() || R::MAY_CONCEAL);
        match scope {
            Some(scope) => call.in_scope(&**scope),
            None => call,
        }
    }

    /// Returns the ending of a call of `scope` with this reply.
    pub(crate) fn ending(&self, reply: ReplyTo, scope: Option<&SharedScope>) -> Ending<R> {
        let checks_results = scope.map_or(cfg!(debug_assertions), |scope| scope.checks_results());
        Ending {
            call: self.call(scope).recorded(reply.is_recorded()),
            reply,
            encoding: self.facts.encoding,
            output_rule: if checks_results {
                self.rules().1
            } else {
                Rule::NONE
            },
            failure: self.failure,
        }
    }
}

/// The last step of a call that returns `R`: checks the result and writes the reply.
pub(crate) struct Ending<R: Returned<Error: 'static>> {
    reply: ReplyTo,
    call: FailedCall<'static>,
    encoding: Encoding,
    output_rule: Rule,
    failure: Option<&'static Failure<R::Error>>,
}

impl<R: Returned<Output: RpcOutput, Error: RpcFailure>> Ending<R> {
    fn function(&self) -> &'static str {
        self.call.function().unwrap_or_default()
    }

    fn check(&self, output: &R::Output) -> Result<(), InvalidResult> {
        if cfg!(feature = "validate") {
            InvalidResult::check(self.output_rule, self.function(), output)
        } else {
            Ok(())
        }
    }

    /// Writes the reply.
    pub(crate) fn finish(&self, written: Result<R::Written, NotRun>) -> ReplyText {
        match written {
            Ok(written) => match R::split(written, self.call) {
                Ok(output) => match self.check(&output) {
                    Ok(()) => self.reply.success(self.encoding, &output),
                    Err(invalid) => self.reply.error(&invalid),
                },
                Err(error) => match self.failure {
                    Some(failure) => self.reply.failed(failure, &error, self.call),
                    None => self.reply.error(error.as_error()),
                },
            },
            Err(not_run) => not_run.reply(&self.reply),
        }
    }
}
