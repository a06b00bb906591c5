//! Running a call for a client of another process.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::function::{Call, CallLimits, Invocation, ReplyTo};
use crate::host::arrival::Arrival;
use crate::host::backplane::Message;
use crate::host::context::DevToolsContext;
use crate::host::fleet::request::{head, message};
use crate::host::fleet::workers::call::WorkCall;
use crate::host::fleet::workers::cancellable::Cancellable;
use crate::host::fleet::workers::working::{WorkAnswer, Working};
use crate::host::session::RpcSession;
use crate::host::trust::ClientIdentity;
use crate::peer::Peer;
use crate::wire::{Document, MAX_DEPTH, Payload, RequestId};

/// Runs a call of another process, if this one offers the function. It ends early if the gateway cancels it.
pub(in crate::host::fleet) async fn run(
    context: &DevToolsContext,
    call: WorkCall,
    cancellable: Option<Cancellable>,
    arguments: &[u8],
) -> Message {
    let working = context.own_state::<Working>();
    let limit = context.limits().calls_in_flight;
    let _running = match working.take(&call.function, &call.fingerprint, limit) {
        Ok(running) => running,
        Err(refused) => return message(&refused),
    };
    let function = context.functions().snapshot().get(&*call.function).cloned();
    let Some(function) = function else {
        return message(&WorkAnswer::NotOffered);
    };
    let reply = match RequestId::from_text(&call.id) {
        Some(id) => ReplyTo::Caller(id),
        None => ReplyTo::Nobody,
    };
    let started = {
        let scope = context.scope_of(caller(context, &call));
        let time = Duration::from_millis(call.milliseconds);
        let own = context.limits().handler_timeout;
        let invocation = Invocation {
            function: &function,
            limits: CallLimits {
                handler_timeout: Some(own.map_or(time, |own| own.min(time))),
                reply_bytes: Some(context.limits().frame_bytes),
            },
            parent: call.traceparent.as_deref(),
        };
        let begin = |arguments: Payload<'_>| {
            let reply = reply.clone();
            invocation.begin(Call {
                scope: &scope,
                arguments,
                reply,
            })
        };
        let text = std::str::from_utf8(arguments).unwrap_or_default();
        if call.is_structured {
            match Document::parse(text) {
                Ok(document) => begin(Payload::Clone(document.root().with_levels(MAX_DEPTH + 1))),
                Err(error) => {
                    let problem = format!("the arguments cannot be read: {error}");
                    return replied(reply.failure(&problem));
                }
            }
        } else {
            begin(Payload::Json(text))
        }
    };
    let ended = match cancellable {
        None => started.end().await,
        Some(mut cancellable) => tokio::select! {
            biased;
            ended = started.end() => ended,
            () = cancellable.cancelled() => return message(&WorkAnswer::Cancelled),
        },
    };
    replied(ended.outcome)
}

/// The session of the caller. It has no client that could be called.
fn caller(context: &DevToolsContext, call: &WorkCall) -> RpcSession {
    let Some(roles) = call.roles.clone() else {
        return RpcSession::local();
    };
    let arrival = Arrival {
        identity: Some(Arc::new(ClientIdentity {
            name: call.token_name.clone(),
            roles,
        })),
        ..Arrival::local()
    };
    let peer = context.own_state::<Working>().nobody.get_or_init(|| {
        let access = Arc::clone(&arrival.access);
        Peer::new(context.limits(), CancellationToken::new(), access).0
    });
    let sessions = context.sessions();
    let id = sessions.next_id();
    RpcSession::new(id, arrival, None, peer.clone())
}

fn replied(frame: Option<String>) -> Message {
    Message {
        head: head(&WorkAnswer::Replied),
        body: frame.unwrap_or_default().into(),
    }
}
