//! Support for the macros' expansions. Not public: nothing in here is covered by semver.

#[path = "private/bench.rs"]
pub mod bench;
// A module of this crate, because it looks at private types, in the folder of the targets that run it.
#[cfg(feature = "_fuzz")]
#[path = "../../fuzz/checks/mod.rs"]
pub mod fuzz;

use std::pin::Pin;

use crate::function::{CallError, Implementation, RpcFunction};
use crate::host::{self, Audience, BroadcastReply, Broadcasting, DevToolsContext, RpcSession};
use crate::peer::{Caller, Calling, CallingOptional, Notifying};
use crate::state::{RpcSharedState, SharedState, SharedStateError, StateOptions};
use crate::streaming::{Channel, ChannelError, ChannelOptions, RpcChannel};
#[cfg(feature = "client")]
use crate::streaming::{StreamReader, StreamingClient, UploadSink};

pub use crate::function::{
    BoxError, DumpOutcome, Dumped, FailedCall, IntoDump, IntoSetup, NotRun, Same, SetupFailure,
    SetupImplementation, StaticLayer, WrittenDump, blocking, boxed, declared, guarded, later, now,
    same_result, threads_of,
};
pub use crate::function::{Broadcasts, Invokes, not_broadcast, not_invoked};
pub use crate::function::{Disclosure, ErrorData, ErrorField, Failure, Key, error_field};
pub use crate::function::{
    Injection, IntoArgument, Probe, ProbeFallback, Registration, Returned, Returns, RpcFailure,
    Rule, Run, Scope, SharedScope, inject,
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

// What the attributes, `rpc_functions!`, `call!` and `assert_registered!` expand to.
pub use crate::__channel_of_client as channel_of_client;
pub use crate::__described_value as described_value;
pub use crate::__of_types as of_types;
pub use crate::__state_of_client as state_of_client;
pub use crate::devtools::{assert_function_registered, assert_registered};
pub use crate::function::{
    At, AtMostOne, Contents, Entry, Lookup, Name, Several, definitions, distinct, entry, id, id_of,
    is_event, is_named,
};
pub use crate::peer::{
    BoundFunction, BoundFunctionOf, ListedCaller, Named, Pass, Through, through,
};
pub use devtools_macros::{call, rpc_functions};

#[cfg(feature = "typescript")]
pub use crate::function::{DescribeType, Types};
#[cfg(feature = "typescript")]
pub use crate::state::declared::DeclaredState;
#[cfg(feature = "typescript")]
pub use crate::streaming::declared::DeclaredChannel;
pub use std::marker::PhantomData;

pub use std::vec::Vec;

/// A future of the server's own side, boxed so that it has a name.
pub type Local<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the wrapper `create` of a channel does.
///
/// # Errors
///
/// If there is a channel of the name already.
pub fn create_channel<C: RpcChannel>(
    context: &DevToolsContext,
    options: ChannelOptions,
) -> Result<Channel<C::Chunk>, ChannelError> {
    context.rpc().streaming().create(C::NAME, options)
}

/// What the wrapper `subscribe` of a channel does.
#[cfg(feature = "client")]
pub fn subscribe_channel<C: RpcChannel>(
    streaming: StreamingClient<'_>,
    id: &str,
) -> StreamReader<C::Chunk> {
    C::Carrier::subscribe(streaming.streams(), C::NAME, id)
}

/// What the wrapper `upload` of a channel does.
#[cfg(feature = "client")]
pub fn upload_channel<C: RpcChannel>(
    streaming: StreamingClient<'_>,
    id: &str,
) -> UploadSink<C::Chunk> {
    C::Carrier::upload(streaming.streams(), C::NAME, id)
}

/// The half of a channel's wrappers that needs a client.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_of_client {
    (($($runtime:tt)*) ($($vis:tt)*) $identity:ident ($chunk:ty)) => {
        #[automatically_derived]
        #[allow(dead_code, deprecated)]
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

/// There is no client.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_of_client {
    ($($anything:tt)*) => {};
}

/// What the wrapper `create` of a shared state does.
///
/// # Errors
///
/// If there is a state of the key with another type, or `initial` cannot be written.
pub fn create_state<S: RpcSharedState>(
    context: &DevToolsContext,
    initial: S::Value,
    options: StateOptions,
) -> Result<SharedState<S::Value>, SharedStateError> {
    S::Carrier::create(context.states(), S::NAME, initial, options)
}

/// What the wrappers `open` and `open_or` of a shared state do.
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

/// The half of a shared state's wrappers that needs a client.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __state_of_client {
    (($($runtime:tt)*) ($($vis:tt)*) $identity:ident ($value:ty)) => {
        #[automatically_derived]
        #[allow(dead_code, deprecated)]
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

/// There is no client.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __state_of_client {
    ($($anything:tt)*) => {};
}

/// What the wrapper `call` does.
pub fn call<F: RpcFunction>(through: &impl Caller, arguments: F::Args) -> Calling<F> {
    through.peer().call(&arguments)
}

/// What the wrapper `call_optional` does.
pub fn call_optional<F: RpcFunction>(
    through: &impl Caller,
    arguments: F::Args,
) -> CallingOptional<F> {
    through.peer().call_optional(&arguments)
}

/// What the wrapper `notify` does.
pub fn notify<F: RpcFunction>(through: &impl Caller, arguments: F::Args) -> Notifying {
    through.peer().notify::<F>(&arguments)
}

/// What the wrapper `broadcast` of an event does.
pub fn broadcast<F: RpcFunction>(through: impl Into<Audience>, arguments: F::Args) -> Broadcasting {
    host::broadcast_event::<F>(through.into(), &arguments)
}

/// What the wrapper `broadcast` of any other function does.
pub fn broadcast_call<F: RpcFunction>(
    through: impl Into<Audience>,
    arguments: F::Args,
) -> Local<Vec<BroadcastReply<F>>> {
    Box::pin(host::broadcast_call::<F>(through.into(), &arguments))
}

/// What the wrapper `invoke_local` does.
pub fn invoke_local<F: Implementation>(
    through: &DevToolsContext,
    arguments: F::Args,
) -> Local<Result<F::Output, CallError<F::Error>>> {
    Box::pin(host::invoke_local::<F>(through.clone(), arguments))
}

/// What the wrapper `invoke_local` of a function does that is set up.
pub fn invoke_set_up<F: SetupImplementation>(
    through: &DevToolsContext,
    arguments: F::Args,
) -> Local<Result<F::Output, CallError<F::Error>>> {
    Box::pin(host::invoke_set_up::<F>(through.clone(), arguments))
}

/// What a dump is to hold of a function of this name, if it says so.
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
