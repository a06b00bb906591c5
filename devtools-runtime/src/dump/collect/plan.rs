//! Decides which functions of a context are dumped, and with which calls ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::dump::collect::call::Purpose;
use crate::dump::names::Stem;
use crate::dump::options::{DumpOptions, NamedInputs};
use crate::dump::record::Inputs;
use crate::dump::report::{DumpReport, NotStatic, NotStaticReason};
use crate::function::{
    BoxError, CallRecord, FunctionDefinition, FunctionKind, HandlerRef, RpcFunction as _,
    SharedScope, Side, panic_message,
};
use crate::host::{DevToolsContext, holds_addresses, in_dump};
use crate::protocol::is_built_in;
use crate::protocol::messages::ListMessages;
use crate::protocol::state::GetState;
use crate::wire::{self, Document, Encoding, ValueWriteError, js};

/// A function that is dumped.
pub(super) struct Planned {
    pub(super) function: FunctionDefinition,
    pub(super) plan: Plan,
}

/// The source of the arguments that a function is called with.
pub(super) enum Plan {
    /// One call without arguments, because the function is static.
    Static,
    /// One call without arguments, whose result answers all calls.
    Snapshot,
    /// The inputs from the options.
    Inputs(Vec<Result<String, Arc<ValueWriteError>>>),
    /// The dump that the function declares itself.
    Own,
    /// The shared states of these keys, with the value of each state whose value is changed for the dump.
    States(Vec<(String, Option<js::Value>)>),
}

/// The records and calls that make up the dump of one function.
pub(super) struct Query {
    /// Records that are made without a call, each with its arguments.
    pub(super) records: Vec<(String, CallRecord)>,
    pub(super) fallback: Option<CallRecord>,
    /// The answer to calls with other arguments, if the function itself does not define one.
    pub(super) other_calls: OtherCalls,
    /// The purpose of each call, with its arguments or the error of reading them.
    pub(super) calls: Box<dyn Iterator<Item = (Purpose, Result<String, String>)> + Send>,
}

/// The answer to calls whose arguments are not recorded ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)).
#[derive(Clone, Copy, Default)]
pub(super) enum OtherCalls {
    /// The function itself defines it.
    #[default]
    Declared,
    /// They get the result of the call without arguments.
    LikeNone,
    /// They get the result of the first call.
    LikeFirst,
}

impl OtherCalls {
    /// Adds the function to the report if this answer may surprise its callers.
    pub(super) fn note(self, function: &FunctionDefinition, report: &mut DumpReport) {
        if is_built_in(function.name()) {
            return;
        }
        let list = match self {
            Self::LikeNone if !function.parameters().is_empty() => &mut report.snapshots_for_all,
            Self::LikeFirst => &mut report.first_for_others,
            Self::Declared | Self::LikeNone => return,
        };
        list.push(function.name().to_owned());
    }
}

/// Returns the functions to dump, sorted by name. Adds the others to the report, except
/// built-in functions and those that do not run here.
pub(super) fn plan(
    context: &DevToolsContext,
    options: &DumpOptions,
    report: &mut DumpReport,
) -> Vec<Planned> {
    let functions = context.rpc().list();
    let is_query = |name: &str| {
        let named = functions.iter().find(|function| function.name() == name);
        named.is_some_and(|function| function.kind() == FunctionKind::Query)
    };
    let named = options.inputs.iter().map(|inputs| &inputs.function);
    for name in options.snapshots.iter().chain(named) {
        if !is_query(name) && !report.unknown.contains(name) {
            report.unknown.push(name.clone());
        }
    }
    let mut planned = Vec::new();
    for function in functions {
        let runs_here =
            function.side() == Side::Server && !matches!(function.handler(), HandlerRef::Declared);
        if !runs_here {
            continue;
        }
        match plan_of(context, &function, options) {
            Ok(plan) => planned.push(Planned { function, plan }),
            Err(_) if is_built_in(function.name()) => {}
            Err(reason) => report.not_static.push(NotStatic {
                function: function.name().to_owned(),
                reason,
            }),
        }
    }
    planned
}

pub(super) fn plan_of(
    context: &DevToolsContext,
    function: &FunctionDefinition,
    options: &DumpOptions,
) -> Result<Plan, NotStaticReason> {
    match function.kind() {
        FunctionKind::Static => return Ok(Plan::Static),
        FunctionKind::Action => return Err(NotStaticReason::Action),
        FunctionKind::Event => return Err(NotStaticReason::Event),
        FunctionKind::Query => {}
    }
    let name = function.name();
    let inputs = options
        .inputs
        .iter()
        .filter(|inputs| inputs.function == name);
    let inputs: Vec<&NamedInputs> = inputs.collect();
    if !inputs.is_empty() {
        let inputs = inputs.into_iter().flat_map(|inputs| inputs.inputs.clone());
        return Ok(Plan::Inputs(inputs.collect()));
    }
    if options.snapshots.iter().any(|snapshot| snapshot == name) {
        return Ok(Plan::Snapshot);
    }
    if function.role().is_some() {
        return Err(NotStaticReason::Role);
    }
    if name == GetState::NAME {
        let base = options.base.as_deref();
        let keys = context.states().keys().into_iter().map(|key| {
            let value = holds_addresses(&key)
                .then(|| context.states().value(&key))
                .flatten();
            (
                key,
                value.map(|value| in_dump(value, context.root_path(), base)),
            )
        });
        return Ok(Plan::States(keys.collect()));
    }
    // The messages are dumped only if there are some, so most dumps have no file for them.
    if name == ListMessages::NAME && !context.messages().list().is_empty() {
        return Ok(Plan::Snapshot);
    }
    if function.may_say_dump() {
        return Ok(Plan::Own);
    }
    if function.is_snapshot() {
        return Ok(Plan::Snapshot);
    }
    Err(without_dump(function))
}

/// Returns the reason why a query without a dump is left out.
fn without_dump(function: &FunctionDefinition) -> NotStaticReason {
    let parameters = function.parameters();
    if parameters.is_empty() && function.injected().is_empty() {
        NotStaticReason::ConstantQuery
    } else if parameters.iter().all(|parameter| parameter.optional) {
        NotStaticReason::QueryWithoutArguments
    } else {
        NotStaticReason::Query
    }
}

/// Returns the names of the functions that accept JSON arguments, sorted.
pub(super) fn json_functions(context: &DevToolsContext) -> Vec<String> {
    let functions = context.rpc().list();
    let json = functions.iter().filter(|function| function.takes_json());
    json.map(|function| function.name().to_owned()).collect()
}

impl Plan {
    /// Finds the records and calls for `function`.
    pub(super) async fn resolve(
        self,
        function: &FunctionDefinition,
        scope: &SharedScope,
    ) -> Result<Resolved, BoxError> {
        if !Stem::of(function.name()).fits() {
            return Err("its name is too long for the names of files".into());
        }
        let encoding = function.encoding();
        let query = match self {
            Self::Static => Query::of(Purpose::Static, [no_arguments(encoding)]),
            Self::Snapshot => Query::snapshot(encoding),
            Self::Inputs(inputs) => {
                let inputs = inputs.into_iter().map(move |input| {
                    let input = input.map_err(|error| error.to_string())?;
                    in_encoding(encoding, input)
                });
                let first = std::iter::once(Purpose::RecordAndFallback);
                let purposes = first.chain(std::iter::repeat(Purpose::Record));
                Query {
                    other_calls: OtherCalls::LikeFirst,
                    calls: Box::new(purposes.zip(inputs)),
                    ..Query::default()
                }
            }
            Self::States(keys) => states(encoding, keys)?,
            Self::Own => {
                match catch_panic(Box::pin(function.dump(SharedScope::clone(scope)))).await? {
                    Some(dump) => {
                        let inputs = CaughtInputs {
                            inputs: dump.inputs,
                            has_panicked: false,
                        };
                        Query {
                            records: dump.records,
                            fallback: dump.fallback,
                            calls: Box::new(inputs.map(|input| (Purpose::Record, input))),
                            ..Query::default()
                        }
                    }
                    // The setup of the function returned no dump.
                    None if function.is_snapshot() => Query::snapshot(encoding),
                    None => return Ok(Resolved::NotStatic(without_dump(function))),
                }
            }
        };
        Ok(Resolved::Query(query))
    }
}

/// The result of [`Plan::resolve`].
pub(super) enum Resolved {
    Query(Query),
    NotStatic(NotStaticReason),
}

impl Query {
    /// Makes one call without arguments, whose result answers all calls.
    fn snapshot(encoding: Encoding) -> Self {
        Self {
            other_calls: OtherCalls::LikeNone,
            ..Self::of(Purpose::RecordAndFallback, [no_arguments(encoding)])
        }
    }

    fn of<const N: usize>(role: Purpose, calls: [String; N]) -> Self {
        Self {
            calls: Box::new(calls.into_iter().map(move |call| (role, Ok(call)))),
            ..Self::default()
        }
    }
}

impl Default for Query {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            fallback: None,
            other_calls: OtherCalls::default(),
            calls: Box::new(std::iter::empty()),
        }
    }
}

/// Writes an empty list of arguments.
pub(super) fn no_arguments(encoding: Encoding) -> String {
    match encoding {
        Encoding::Json => "[]".to_owned(),
        Encoding::StructuredClone => "[[1,[]]]".to_owned(),
    }
}

/// Converts arguments from structured clone to the codec of the function.
fn in_encoding(encoding: Encoding, arguments: String) -> Result<String, String> {
    if encoding == Encoding::StructuredClone {
        return Ok(arguments);
    }
    let values = Document::parse(&arguments).and_then(|document| document.root().read());
    let values: Vec<js::Value> = values.map_err(|error| error.to_string())?;
    wire::arguments(encoding, &values).map_err(|error| error.to_string())
}

/// Dumps the shared states: a record for each key, and `undefined` for every other key ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)).
fn states(encoding: Encoding, keys: Vec<(String, Option<js::Value>)>) -> Result<Query, BoxError> {
    let (mut records, mut calls) = (Vec::new(), Vec::new());
    for (key, value) in keys {
        let arguments = wire::arguments(encoding, &(key,));
        let Some(value) = value else {
            let call = arguments.map_err(|error| error.to_string());
            calls.push((Purpose::Record, call));
            continue;
        };
        let arguments = arguments?;
        let inputs = Inputs::of(encoding, &arguments)?;
        records.push((arguments, CallRecord::of_value(encoding, &inputs, &value)?));
    }
    let undefined = CallRecord::of_value(encoding, &Inputs::Empty, &js::Value::Undefined);
    Ok(Query {
        records,
        calls: Box::new(calls.into_iter()),
        fallback: undefined.ok(),
        ..Query::default()
    })
}

/// The inputs of a user's iterator. If the iterator panics, it ends with an error.
struct CaughtInputs {
    inputs: Box<dyn Iterator<Item = Result<String, ValueWriteError>> + Send>,
    has_panicked: bool,
}

impl Iterator for CaughtInputs {
    type Item = Result<String, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_panicked {
            return None;
        }
        match catch_unwind(AssertUnwindSafe(|| self.inputs.next())) {
            Ok(input) => Some(input?.map_err(|error| error.to_string())),
            Err(panic) => {
                self.has_panicked = true;
                let message = panic_message(&*panic).unwrap_or("it gave no message");
                Some(Err(format!("the iterator of inputs panicked: {message}")))
            }
        }
    }
}

/// Runs a user's dump function and turns its panic into an error.
async fn catch_panic<T>(
    dumping: Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + '_>>,
) -> Result<T, BoxError> {
    let dumped = AssertUnwindSafe(dumping).catch_unwind().await;
    dumped.unwrap_or_else(|panic| {
        let message = panic_message(&*panic).unwrap_or("its dump panicked");
        Err(message.into())
    })
}
