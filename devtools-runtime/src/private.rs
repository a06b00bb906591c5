//! Support for the macros' expansions. Not public: nothing in here is covered by semver.

#[path = "private/bench.rs"]
pub mod bench;
// A module of this crate, because it uses private types. Its file is in the folder of the fuzz targets that run it.
#[cfg(feature = "_fuzz")]
#[path = "../../fuzz/checks/mod.rs"]
pub mod fuzz;

use std::pin::Pin;

use crate::function::{Implementation, RpcFunction};
use crate::host::{
    self, Audience, BroadcastReply, Broadcasting, DevToolsContext, Invoking, RpcSession,
};
use crate::peer::{Caller, Calling, CallingOptional, Notifying};
use crate::state::{RpcSharedState, SharedState, SharedStateError, StateOptions};
use crate::streaming::{Channel, ChannelError, ChannelOptions, RpcChannel};
#[cfg(feature = "client")]
use crate::streaming::{StreamReader, StreamingClient, UploadSink};

pub use crate::dump::declared::{DumpOutcome, Dumped, IntoDump};
pub use crate::function::{
    BoxError, FailedCall, IntoSetup, NotRun, Same, SetupFailure, SetupImplementation, StaticLayer,
    WrittenDump, blocking, boxed, declared, guarded, later, now, same_result, threads_of,
};
pub use crate::function::{Broadcasts, Invokes, not_broadcast, not_invoked};
pub use crate::function::{Disclosure, ErrorData, ErrorField, Failure, FieldPosition, error_field};
pub use crate::function::{
    Injection, IntoArgument, Probe, ProbeFallback, Registration, Returned, Returns, RpcFailure,
    Rule, Run, Scope, SharedScope, inject, returns,
};
pub use crate::peer::Peer;
#[cfg(feature = "client")]
pub use crate::state::client::ClientStates;
pub use crate::state::declared::StateCarrier;
pub use crate::state::server::States;
#[cfg(feature = "client")]
pub use crate::streaming::client::ClientStreams;
pub use crate::streaming::declared::ChunkCarrier;
pub use inventory;

// The items that the attributes, `rpc_functions!`, `call!` and `assert_registered!` expand to.
pub use crate::__channel_of_client as channel_of_client;
pub use crate::__described_value as described_value;
pub use crate::__of_types as of_types;
pub use crate::__of_variants as of_variants;
pub use crate::__state_of_client as state_of_client;
pub use crate::devtools::{assert_function_registered, assert_registered};
pub use crate::function::{
    At, AtMostOne, Contents, ListedFunction, Lookup, Name, Several, definitions, distinct, entry,
    id, id_of, is_event, is_named,
};
pub use crate::peer::{
    BoundFunction, BoundFunctionOf, ListedCaller, Named, Pass, Through, through,
};
pub use devtools_macros::{call, rpc_functions};

#[cfg(feature = "typescript")]
pub use crate::function::{DescribeType, ErrorVariant, Types};
#[cfg(feature = "typescript")]
pub use crate::state::declared::DeclaredState;
#[cfg(feature = "typescript")]
pub use crate::streaming::declared::DeclaredChannel;
pub use std::marker::PhantomData;

pub use std::vec::Vec;

/// The boxed future of a call on the server's own side, so that its type has a name.
pub type Local<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Implements the wrapper `create` of a channel.
///
/// # Errors
///
/// If a channel of this name exists already.
pub fn create_channel<C: RpcChannel>(
    context: &DevToolsContext,
    options: ChannelOptions,
) -> Result<Channel<C::Chunk>, ChannelError> {
    context.rpc().streaming().create(C::NAME, options)
}

/// Implements the wrapper `subscribe` of a channel.
#[cfg(feature = "client")]
pub fn subscribe_channel<C: RpcChannel>(
    streaming: StreamingClient<'_>,
    id: &str,
) -> StreamReader<C::Chunk> {
    C::Carrier::subscribe(streaming.streams(), C::NAME, id)
}

/// Implements the wrapper `upload` of a channel.
#[cfg(feature = "client")]
pub fn upload_channel<C: RpcChannel>(
    streaming: StreamingClient<'_>,
    id: &str,
) -> UploadSink<C::Chunk> {
    C::Carrier::upload(streaming.streams(), C::NAME, id)
}

/// The part of a channel's wrappers that needs a client.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_of_client {
    (($($runtime:tt)*) ($($vis:tt)*) $identity:ident ($chunk:ty)) => {
        #[automatically_derived]
        #[allow(dead_code, deprecated, reason = "a program may use some of these only")]
        impl $identity {
            /// Reads a stream of the channel.
            $($vis)* fn subscribe<L>(
                client: &$($runtime)*::DevToolsRpcClient<L>,
                id: &::core::primitive::str,
            ) -> $($runtime)*::streaming::StreamReader<$chunk> {
                $($runtime)*::__private::subscribe_channel::<Self>(client.streaming(), id)
            }

            /// Uploads to a stream of the channel.
            $($vis)* fn upload<L>(
                client: &$($runtime)*::DevToolsRpcClient<L>,
                id: &::core::primitive::str,
            ) -> $($runtime)*::streaming::UploadSink<$chunk> {
                $($runtime)*::__private::upload_channel::<Self>(client.streaming(), id)
            }
        }
    };
}

/// Without the feature `client`, there are no such wrappers.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_of_client {
    ($($anything:tt)*) => {};
}

/// Implements the wrapper `create` of a shared state.
///
/// # Errors
///
/// If a state of this key has another type, or `initial` cannot be encoded.
pub fn create_state<S: RpcSharedState>(
    context: &DevToolsContext,
    initial: S::Value,
    options: StateOptions,
) -> Result<SharedState<S::Value>, SharedStateError> {
    S::Carrier::create(context.states(), S::NAME, initial, options)
}

/// Implements the wrappers `open` and `open_or` of a shared state.
///
/// # Errors
///
/// As [`DevToolsRpcClient::shared_state`](crate::DevToolsRpcClient::shared_state).
#[cfg(feature = "client")]
pub async fn open_state<S: RpcSharedState, L>(
    client: &crate::DevToolsRpcClient<L>,
    initial: Option<S::Value>,
) -> Result<SharedState<S::Value>, SharedStateError> {
    client.open_declared::<S>(initial).await
}

/// The part of a shared state's wrappers that needs a client.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __state_of_client {
    (($($runtime:tt)*) ($($vis:tt)*) $identity:ident ($value:ty)) => {
        #[automatically_derived]
        #[allow(dead_code, deprecated, reason = "a program may use some of these only")]
        impl $identity {
            /// The state that the server has: waits for it.
            $($vis)* async fn open<L>(
                client: &$($runtime)*::DevToolsRpcClient<L>,
            ) -> ::core::result::Result<
                $($runtime)*::state::SharedState<$value>,
                $($runtime)*::state::SharedStateError,
            > {
                $($runtime)*::__private::open_state::<Self, L>(
                    client,
                    ::core::option::Option::None,
                )
                .await
            }

            /// The state, which is `initial` until the server says otherwise.
            $($vis)* async fn open_or<L>(
                client: &$($runtime)*::DevToolsRpcClient<L>,
                initial: $value,
            ) -> ::core::result::Result<
                $($runtime)*::state::SharedState<$value>,
                $($runtime)*::state::SharedStateError,
            > {
                $($runtime)*::__private::open_state::<Self, L>(
                    client,
                    ::core::option::Option::Some(initial),
                )
                .await
            }
        }
    };
}

/// Without the feature `client`, there are no such wrappers.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __state_of_client {
    ($($anything:tt)*) => {};
}

/// Implements the wrapper `call`.
pub fn call<F: RpcFunction>(through: &impl Caller, arguments: F::Args) -> Calling<F> {
    through.peer().call(&arguments)
}

/// Implements the wrapper `call_optional`.
pub fn call_optional<F: RpcFunction>(
    through: &impl Caller,
    arguments: F::Args,
) -> CallingOptional<F> {
    through.peer().call_optional(&arguments)
}

/// Implements the wrapper `notify`.
pub fn notify<F: RpcFunction>(through: &impl Caller, arguments: F::Args) -> Notifying {
    through.peer().notify::<F>(&arguments)
}

/// Implements the wrapper `broadcast` of an event.
pub fn broadcast<F: RpcFunction>(through: impl Into<Audience>, arguments: F::Args) -> Broadcasting {
    host::broadcast_event::<F>(through.into(), &arguments)
}

/// Implements the wrapper `broadcast` of a function that is not an event.
pub fn broadcast_call<F: RpcFunction>(
    through: impl Into<Audience>,
    arguments: F::Args,
) -> Local<Vec<BroadcastReply<F>>> {
    Box::pin(host::broadcast_call::<F>(through.into(), &arguments))
}

/// Implements the wrapper `invoke_local`.
pub fn invoke_local<F: Implementation>(
    through: &DevToolsContext,
    arguments: F::Args,
) -> Invoking<F> {
    Invoking::new(host::invoke_local::<F>(through.clone(), arguments))
}

/// Implements the wrapper `invoke_local` of a function with a setup.
pub fn invoke_set_up<F: SetupImplementation>(
    through: &DevToolsContext,
    arguments: F::Args,
) -> Invoking<F> {
    Invoking::new(host::invoke_set_up::<F>(through.clone(), arguments))
}

/// Returns the dump of the function with this name, if it has one.
///
/// # Errors
///
/// If there is no such function, or its setup or its dump failed.
pub async fn dump_of(
    context: &DevToolsContext,
    name: &str,
) -> Result<Option<WrittenDump>, BoxError> {
    let function = context.rpc().get(name).ok_or("there is no such function")?;
    function.dump(context.scope_of(RpcSession::local())).await
}
