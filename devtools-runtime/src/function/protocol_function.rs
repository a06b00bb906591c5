//! The functions of the protocol itself. The runtime defines each of them by a closure.

use std::sync::Arc;

use crate::function::definition::FunctionDefinition;
use crate::function::erased::Handler;
use crate::function::identity::RpcFunction;
use crate::function::reply::Call;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
#[cfg(feature = "client")]
use crate::wire::Payload;

/// Defines the function `F`, whose calls `start` begins.
#[track_caller]
pub(crate) fn protocol_function<F: RpcFunction>(
    start: impl Fn(Call<'_>) -> Started + Send + Sync + 'static,
) -> FunctionDefinition {
    let location = SourceLocation::of_caller(env!("CARGO_PKG_NAME"));
    FunctionDefinition::declared::<F>(location).handled_by(Handler::Dynamic(Arc::new(start)))
}

/// Defines the event `F`, which `hear` handles at once: events are handled in the order in which they arrive.
#[cfg(feature = "client")]
#[track_caller]
pub(crate) fn protocol_event<F: RpcFunction>(
    hear: impl Fn(Payload<'_>) + Send + Sync + 'static,
) -> FunctionDefinition {
    protocol_function::<F>(move |call| {
        hear(call.arguments);
        Started::Done(call.reply.success(F::ENCODING, &()))
    })
}
