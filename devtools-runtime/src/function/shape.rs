//! What a call has to know of its function, as values.
//!
//! Code that takes a [`Shape`] is compiled once for all functions of the same types, and not once per function: how
//! long a program with many functions takes to compile depends on little else.

use std::marker::PhantomData;

use crate::function::arguments::{Misfit, checked, read_clone, read_json};
use crate::function::rules::InvalidResult;
use crate::function::{
    ArgumentError, FailedCall, Failure, NotRun, Outcome, Parameter, ReplyTo, Returned,
    RpcArguments, RpcFailure, RpcFunction, RpcOutput, Rule, SharedScope,
};
use crate::wire::{Encoding, Payload};

/// A function that takes `A` and returns `R`.
pub(crate) struct Shape<A, R: Returned<Error: 'static>> {
    name: &'static str,
    encoding: Encoding,
    parameters: &'static [Parameter],
    /// That of the function's codec: the other one is not compiled for it.
    read: fn(Payload<'_>) -> Result<A, Misfit>,
    rules: &'static [Rule],
    output_rule: Rule,
    failure: &'static Failure<R::Error>,
}

/// The shape of `F`, whose return type is `R`.
pub(crate) struct ShapeOf<F, R>(PhantomData<(F, R)>);

impl<F, R> ShapeOf<F, R>
where
    F: RpcFunction,
    R: Returned<Output = F::Output, Error = F::Error> + 'static,
{
    pub(crate) const SHAPE: &'static Shape<F::Args, R> = &Shape {
        name: F::NAME,
        encoding: F::ENCODING,
        parameters: F::PARAMETERS,
        read: match F::ENCODING {
            Encoding::Json => read_json,
            Encoding::StructuredClone => read_clone,
        },
        rules: F::RULES,
        output_rule: F::OUTPUT_RULE,
        failure: &F::FAILURE,
    };
}

impl<A: RpcArguments, R: Returned<Output: RpcOutput, Error: RpcFailure>> Shape<A, R> {
    /// Reads and checks the arguments of a call.
    pub(crate) fn read(&self, payload: Payload<'_>) -> Result<A, ArgumentError> {
        (self.read)(payload)
            .and_then(|arguments| checked(arguments, self.rules))
            .map_err(|misfit| misfit.of(self.name, self.parameters))
    }

    /// Checks the arguments of a call within the process.
    pub(crate) fn check(&self, arguments: A) -> Result<A, ArgumentError> {
        checked(arguments, self.rules).map_err(|misfit| misfit.of(self.name, self.parameters))
    }

    /// Checks the result of a call within the process, if `scope` says that results are.
    pub(crate) fn check_output(
        &self,
        output: &R::Output,
        asked: bool,
    ) -> Result<(), InvalidResult> {
        if cfg!(feature = "validate") && asked {
            InvalidResult::check(self.output_rule, self.name, output)
        } else {
            Ok(())
        }
    }

    /// How a call of `scope` ends, whose reply goes there.
    pub(crate) fn ending(&'static self, reply: ReplyTo, scope: Option<&SharedScope>) -> Ending<R> {
        let checks_results = scope.map_or(cfg!(debug_assertions), |scope| scope.checks_results());
        // Only an error with a code may have to be told to the log, with the session.
        let scope = scope.filter(|_| self.failure.is_typed());
        Ending {
            reply,
            call: FailedCall {
                function: self.name,
                session: scope.and_then(|scope| scope.session()),
            },
            encoding: self.encoding,
            output_rule: if checks_results {
                self.output_rule
            } else {
                Rule::NONE
            },
            failure: self.failure,
        }
    }
}

/// How a call ends that returns `R`.
pub(crate) struct Ending<R: Returned<Error: 'static>> {
    reply: ReplyTo,
    call: FailedCall,
    encoding: Encoding,
    output_rule: Rule,
    failure: &'static Failure<R::Error>,
}

impl<R: Returned<Output: RpcOutput, Error: RpcFailure>> Ending<R> {
    fn check(&self, output: &R::Output) -> Result<(), InvalidResult> {
        if cfg!(feature = "validate") {
            InvalidResult::check(self.output_rule, self.call.function, output)
        } else {
            Ok(())
        }
    }

    /// Writes the reply.
    pub(crate) fn finish(&self, written: Result<R::Written, NotRun>) -> Outcome {
        match written {
            Ok(written) => match R::split(written) {
                Ok(output) => match self.check(&output) {
                    Ok(()) => self.reply.success(self.encoding, &output),
                    Err(invalid) => self.reply.error(&invalid),
                },
                Err(error) => self.reply.failed(self.failure, &error, self.call),
            },
            Err(not_run) => not_run.reply(self.call.function, &self.reply),
        }
    }
}
