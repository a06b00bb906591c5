//! Support for the macros' expansions. Not public: nothing in here is covered by semver.

#[cfg(feature = "_fuzz")]
#[path = "private/fuzz.rs"]
pub mod fuzz;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::devtools::DevTools;
use crate::function::{CallError, Implementation, RpcFunction};
use crate::host::{self, Audience, BroadcastReply, Broadcasting, DevToolsContext, RpcSession};
use crate::peer::{Caller, Calling, CallingOptional, Counters, Dispatcher, Functions, Notifying};
use crate::streaming::{Channel, ChannelError, ChannelOptions, RpcChannel};
#[cfg(feature = "client")]
use crate::streaming::{StreamReader, StreamingClient, UploadSink};

pub use crate::function::{
    BoxError, DumpOutcome, Dumped, IntoDump, IntoSetup, NotRun, Same, SetupFailure,
    SetupImplementation, WrittenDump, blocking, boxed, declared, guarded, later, now, same_result,
    within,
};
pub use crate::function::{Disclosure, ErrorData, ErrorField, Failure, Key, error_field};
pub use crate::function::{
    Injection, IntoArgument, Probe, ProbeFallback, Registration, Returned, Returns, RpcFailure,
    Rule, Run, Scope, SharedScope, inject,
};
pub use crate::peer::Peer;
pub use crate::streaming::ChunkCarrier;
#[cfg(feature = "client")]
pub use crate::streaming::Readers;
pub use inventory;

// What `rpc_functions!`, `call!` and `assert_registered!` expand to.
pub use crate::__channel_of_client as channel_of_client;
pub use crate::__of_types as of_types;
pub use crate::devtools::{assert_function_registered, assert_registered};
pub use crate::function::{
    At, AtMostOne, Contents, Entry, Lookup, Name, Several, definitions, distinct, entry, id, id_of,
    is_event, is_named,
};
pub use crate::peer::{ListedCaller, Named, Pass, Sought, SoughtFunction, Through, through};
pub use devtools_macros::{call, rpc_functions};

#[cfg(feature = "typescript")]
pub use crate::function::{DescribeType, Types};
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
    C::Carrier::subscribe(streaming.readers(), C::NAME, id)
}

/// What the wrapper `upload` of a channel does.
#[cfg(feature = "client")]
pub fn upload_channel<C: RpcChannel>(
    streaming: StreamingClient<'_>,
    id: &str,
) -> UploadSink<C::Chunk> {
    C::Carrier::upload(streaming.readers(), C::NAME, id)
}

/// The half of a channel's wrappers that needs a client.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_of_client {
    (($($runtime:tt)*) ($($vis:tt)*) $identity:ident ($chunk:ty)) => {
        #[automatically_derived]
        #[allow(dead_code)]
        impl $identity {
            /// Reads a stream of the channel.
            $($vis)* fn subscribe<L>(
                client: &$($runtime)*::DevToolsRpcClient<L>,
                id: &::core::primitive::str,
            ) -> $($runtime)*::StreamReader<$chunk> {
                $($runtime)*::__private::subscribe_channel::<Self>(client.streaming(), id)
            }

            /// Uploads to a stream of the channel.
            $($vis)* fn upload<L>(
                client: &$($runtime)*::DevToolsRpcClient<L>,
                id: &::core::primitive::str,
            ) -> $($runtime)*::UploadSink<$chunk> {
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

/// Dispatch alone, without a connection: for the benches.
pub struct DispatchBench(Dispatcher);

impl DispatchBench {
    /// Dispatches to the functions of `devtools`.
    pub fn new(devtools: &DevTools) -> Self {
        let context = devtools.context();
        let scope = context.scope_of(RpcSession::local());
        let functions = Functions::new(context.functions().subscribe(), scope);
        let counters = Arc::new(Counters::default());
        Self(Dispatcher::new(functions, context.limits(), counters))
    }

    /// The reply to a request, if it is ready at once.
    pub fn dispatch(&mut self, frame: &str) -> Option<String> {
        self.0.answer(frame)
    }
}

impl fmt::Debug for DispatchBench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DispatchBench").finish_non_exhaustive()
    }
}
