//! Forwarding a call to a worker.

use bytes::Bytes;

use crate::function::{
    Call, CallError, FunctionDefinition, ReplyText, ReplyTo, Started, current_traceparent,
    forwarded_function, inject,
};
use crate::host::context::DevToolsContext;
use crate::host::fleet::workers::call::WorkCall;
use crate::host::fleet::workers::directory::Forwarded;
use crate::host::fleet::workers::forward::forward;
use crate::host::session::RpcSession;
use crate::peer::{Frame, Reply};
use crate::wire::{self, Encoding, Envelope, FrameText, Payload, RequestId, js};

/// Defines a function that forwards its calls to workers.
pub(super) fn definition(function: &Forwarded) -> FunctionDefinition {
    let fingerprint = function.fingerprint.clone();
    let (name, kind) = (function.info.name.clone(), function.info.kind);
    let encoding = function.info.encoding;
    forwarded_function(&function.info, move |call| {
        let caller = inject::<DevToolsContext>(call.scope)
            .and_then(|context| Ok((context.clone(), inject::<RpcSession>(call.scope)?)));
        let (context, session) = match caller {
            Ok(caller) => caller,
            Err(missing) => return Started::Done(call.reply.error(&missing)),
        };
        let Call {
            arguments, reply, ..
        } = call;
        let (arguments, is_structured) = match text_of(arguments) {
            Ok(text) => text,
            Err(problem) => return Started::Done(reply.failure(&problem)),
        };
        // Boxed, because the future of the call would contain it twice.
        let work = Box::new(WorkCall {
            function: name.clone(),
            fingerprint: fingerprint.clone(),
            is_structured,
            id: id_of(&reply),
            number: None,
            milliseconds: 0,
            roles: (!session.is_local()).then(|| session.roles()),
            token_name: session.token_name(),
            traceparent: current_traceparent(),
        });
        Started::Running(Box::pin(async move {
            match forward(&context, kind, work, arguments, None).await {
                Ok(frame) => pass(&reply, frame, encoding),
                Err(error) => reply.error(&error),
            }
        }))
    })
}

/// Returns the text of the arguments, and whether it is structured clone.
fn text_of(arguments: Payload<'_>) -> Result<(Bytes, bool), String> {
    match arguments {
        Payload::Absent => Ok((Bytes::from_static(b"[]"), false)),
        Payload::Json(text) => Ok((Bytes::copy_from_slice(text.as_bytes()), false)),
        Payload::Clone(node) => {
            let values = node
                .read::<js::Value>()
                .map_err(|error| error.to_string())?;
            let text = wire::arguments(Encoding::StructuredClone, &values);
            let text = text.map_err(|error| error.to_string())?;
            Ok((text.into(), true))
        }
    }
}

/// Returns the id that the worker writes into its reply: that of the caller, if it is a string. Empty for an event.
fn id_of(reply: &ReplyTo) -> String {
    match reply.innermost() {
        ReplyTo::Nobody => String::new(),
        _ => reply
            .id()
            .map_or_else(|| "1".to_owned(), RequestId::to_string),
    }
}

/// Returns the worker's reply for the caller. A result goes to the caller as the worker has written it.
fn pass(reply: &ReplyTo, frame: Bytes, encoding: Encoding) -> ReplyText {
    if frame.is_empty() {
        return None; // An event has no reply.
    }
    let Ok(text) = String::from_utf8(frame.into()) else {
        return reply.failure("the reply of a worker cannot be read");
    };
    let is_result_for = |id: &RequestId| {
        let text = FrameText::open(&text);
        let envelope = text.as_ref().map(FrameText::envelope);
        matches!(envelope, Ok(Ok(Envelope::Response(response))) if response.result.is_ok() && response.id.as_ref() == Some(id))
    };
    if reply.id().is_some_and(is_result_for) {
        return Some(text);
    }
    let answer = Reply::of(Frame::from(text));
    match answer.read::<js::Value>("", Encoding::StructuredClone) {
        Ok(value) => reply.success(encoding, &value),
        Err(CallError::Remote(error)) => reply.error(&error),
        Err(error) => reply.failure(&error.to_string()),
    }
}
