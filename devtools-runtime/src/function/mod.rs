//! The definition of a function: its identity and types, and how a call of it runs.

mod agent;
mod argument_problem;
mod arguments;
mod attributes;
mod closure;
mod constants;
mod define;
mod definition;
mod definition_form;
mod definition_of;
mod dump_hook;
mod erased;
mod error;
mod exceeded_limit;
mod facts;
mod facts_of;
mod failed_call;
mod forwarded;
mod handler;
mod identity;
mod implements;
mod info;
mod inject;
mod invoke;
mod kind;
mod list;
mod missing;
mod name;
mod named_arguments;
mod not_run;
mod options;
mod output;
mod parameter;
mod per_context;
mod probe;
mod probe_fallback;
mod propagation;
mod protocol_function;
mod read_arguments;
mod recording;
mod registration;
mod registry;
mod reply;
mod returned;
mod rpc_error;
mod rules;
mod setup;
mod shape;
mod source_location;
mod started;
mod thrown;
mod tuples;
#[cfg(feature = "typescript")]
mod types;
mod value_writer;
mod warnings;

#[cfg(feature = "_fuzz")]
pub(crate) use self::argument_problem::ArgumentProblem;
pub(crate) use self::arguments::Positional;
#[cfg(feature = "client")]
pub(crate) use self::closure::ClientFunction;
pub(crate) use self::dump_hook::{CallRecord, DefinedDump, Dumping};
#[cfg(feature = "client")]
pub(crate) use self::erased::Handler;
pub(crate) use self::erased::HandlerRef;
pub(crate) use self::exceeded_limit::ExceededLimit;
#[cfg(feature = "client")]
pub(crate) use self::failed_call::WithCauses;
pub(crate) use self::failed_call::panic_message;
pub(crate) use self::forwarded::forwarded_function;
#[cfg(feature = "metrics")]
pub(crate) use self::invoke::CallMetrics;
pub(crate) use self::invoke::{
    CallLimits, EndedCall, Invocation, LayerFn, Layers, TimeLimit, WaitingCall, missing_role,
    run_local,
};
pub(crate) use self::name::{is_scoped_name, is_scoped_or_reserved};
pub(crate) use self::output::SerdeOutput;
#[cfg(feature = "client")]
pub(crate) use self::protocol_function::protocol_event;
pub(crate) use self::protocol_function::protocol_function;
pub(crate) use self::read_arguments::read;
#[cfg(any(test, feature = "_fuzz"))]
pub(crate) use self::read_arguments::read_clone;
#[cfg(feature = "_fuzz")]
pub(crate) use self::read_arguments::read_json;
pub(crate) use self::recording::RecordedFailure;
pub(crate) use self::registry::{FunctionTable, Registry};
pub(crate) use self::reply::{Call, ReplyText, ReplyTo};
#[cfg(feature = "server")]
pub(crate) use self::reply::{Fault, Observed};
pub(crate) use self::setup::{WriteDump, run_local as run_set_up};
pub(crate) use self::shape::ShapeOf;
pub(crate) use self::started::Started;
pub(crate) use self::value_writer::ValueWriter;
pub(crate) use self::warnings::Warnings;

pub use self::agent::{AgentOptions, AgentSafety};
pub use self::arguments::{IntoArgument, RpcArgument, RpcArguments};
pub use self::closure::ClientHandler;
pub use self::define::{Apply, RpcFunctionBuilder, define_rpc_function};
pub use self::definition::FunctionDefinition;
pub use self::dump_hook::{DumpOf, WrittenDump};
pub use self::error::{
    ArgumentError, BoxError, CallError, Delivery, MissingState, NotifyError, RemoteError,
};
pub use self::failed_call::FailedCall;
pub use self::handler::{Implementation, Run, blocking, boxed, guarded, later, now, threads_of};
pub use self::identity::RpcFunction;
pub use self::implements::{Same, declared, same_result};
pub use self::info::{AgentInfo, FunctionInfo, ParameterInfo};
pub use self::inject::{
    Inject, InjectIntoSetup, Injection, PluginState, Scope, SharedScope, inject,
};
pub use self::invoke::{
    CallFailure, CallOrigin, CallSuccess, FailureReason, LayerCall, LayerFuture, LayerResult, Next,
};
pub use self::kind::{FunctionKind, Side};
pub use self::list::{
    At, AtMostOne, Contents, FunctionList, ListedFunction, Lookup, Name, Several, definitions,
    distinct, entry, id, id_of, is_event, is_named,
};
pub use self::missing::{Broadcasts, Invokes, not_broadcast, not_invoked};
pub use self::named_arguments::{NamedArgumentsError, by_position};
pub use self::not_run::NotRun;
pub use self::options::{FunctionOptions, StaticLayer};
pub use self::output::{RpcFailure, RpcOutput};
pub use self::parameter::Parameter;
pub use self::probe::Probe;
pub use self::probe_fallback::ProbeFallback;
pub(crate) use self::propagation::current as current_traceparent;
pub use self::propagation::{AlreadySet, Propagation, set_propagation};
pub use self::registration::Registration;
pub use self::registry::DuplicateFunction;
pub use self::returned::{Returned, Returns, returns};
#[cfg(feature = "typescript")]
pub use self::rpc_error::ErrorVariant;
pub use self::rpc_error::{
    Disclosure, ErrorData, ErrorField, Failure, FieldPosition, RpcError, RpcErrorField, error_field,
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
