//! What a function is: its identity and types, its definition, and how a call of it runs.

mod arguments;
mod call;
mod closure;
mod concealed;
mod define;
mod definition;
mod dump;
mod error;
mod handler;
mod identity;
mod implements;
mod info;
mod inject;
mod invoke;
mod kept;
mod kind;
mod list;
mod missing;
mod name;
mod not_run;
mod options;
mod propagation;
mod protocol_function;
mod registry;
mod returned;
mod rpc_error;
mod rules;
mod setup;
mod shape;
mod source_location;
mod tuples;
#[cfg(feature = "typescript")]
mod types;

#[cfg(any(test, feature = "_fuzz"))]
pub(crate) use self::arguments::read_clone;
#[cfg(feature = "_fuzz")]
pub(crate) use self::arguments::{Misfit, read_json};
pub(crate) use self::arguments::{Positional, read};
pub(crate) use self::call::{Call, Outcome, ReplyTo};
#[cfg(feature = "client")]
pub(crate) use self::closure::ClientFunction;
pub(crate) use self::concealed::panic_message;
#[cfg(feature = "client")]
pub(crate) use self::definition::Handler;
pub(crate) use self::definition::Handling;
pub(crate) use self::dump::{DefinedDump, DumpFn, Dumping, KeptRecord};
pub(crate) use self::invoke::{
    CallLimits, Ended, Invocation, LayerFn, Layers, Over, TimeLimit, Waiting, Warnings,
    missing_role, run_local,
};
pub(crate) use self::kept::KeptCall;
pub(crate) use self::name::{is_scoped_name, is_scoped_or_reserved};
#[cfg(feature = "client")]
pub(crate) use self::protocol_function::protocol_event;
pub(crate) use self::protocol_function::protocol_function;
pub(crate) use self::registry::{FunctionTable, Registry};
pub(crate) use self::returned::Carried;
pub(crate) use self::rpc_error::Disclosed;
pub(crate) use self::setup::run_local as run_set_up;

pub use self::arguments::{IntoArgument, Parameter, RpcArgument, RpcArguments};
pub use self::closure::ClientHandler;
pub use self::concealed::FailedCall;
pub use self::define::{
    Apply, ComputeDump, DumpOf, DumpedBy, RpcFunctionBuilder, define_rpc_function,
};
pub use self::definition::{FunctionDefinition, Registration};
pub use self::dump::{Dump, DumpOutcome, Dumped, IntoDump, WrittenDump};
pub use self::error::{
    ArgumentError, BoxError, CallError, Delivery, MissingState, NotifyError, RemoteError,
};
pub use self::handler::{Implementation, Run, blocking, boxed, guarded, later, now, threads_of};
pub use self::identity::RpcFunction;
pub use self::implements::{Same, declared, same_result};
pub use self::info::{AgentInfo, FunctionInfo, ParameterInfo};
pub use self::inject::{
    Inject, InjectIntoSetup, Injection, PluginState, Scope, SharedScope, inject,
};
pub(crate) use self::invoke::Started;
pub use self::invoke::{
    CallFailure, CallOrigin, CallSuccess, FailureReason, LayerCall, LayerFuture, LayerResult, Next,
};
pub use self::kind::{FunctionKind, Side};
pub use self::list::{
    At, AtMostOne, Contents, Entry, FunctionList, Lookup, Name, Several, definitions, distinct,
    entry, id, id_of, is_event, is_named,
};
pub use self::missing::{Broadcasts, Invokes, not_broadcast, not_invoked};
pub use self::not_run::NotRun;
pub use self::options::{AgentOptions, AgentSafety, FunctionOptions, StaticLayer};
pub(crate) use self::propagation::current as current_traceparent;
pub use self::propagation::{AlreadySet, Propagation, set_propagation};
pub use self::registry::DuplicateFunction;
pub use self::returned::{Probe, ProbeFallback, Returned, Returns, RpcFailure, RpcOutput};
pub use self::rpc_error::{
    Disclosure, ErrorData, ErrorField, Failure, Key, RpcError, RpcErrorField, error_field,
};
pub use self::rules::Rule;
pub use self::setup::{
    AsyncHandlerOf, HandlerOf, HandlerSignature, IntoSetup, Setup, SetupFailure,
    SetupImplementation,
};
pub use self::source_location::SourceLocation;
#[cfg(feature = "typescript")]
pub(crate) use self::types::describe;
#[cfg(feature = "typescript")]
pub use self::types::{DescribeType, DescribedTypes, FunctionSchema, Types};
