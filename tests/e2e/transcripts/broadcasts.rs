//! The actions on the recorded server while its clients were there, done here.

use devtools_runtime::context::BroadcastReply;
use devtools_runtime::{CallError, DevToolsContext, RpcFunction, RpcSession, rpc_function};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::recording::undefined;
use crate::{functions, states, streams};

/// Something to be done, and when.
pub(crate) struct Action {
    /// The mark that stands before what came of it; without one, before the first frame that the server pushed.
    pub(crate) mark: Option<&'static str>,
    /// The label of the action, as the recorded outcome is called if there is one.
    pub(crate) label: &'static str,
}

/// The clients' answers as the server saw them, if it looks at them.
pub(crate) type Seen = Option<Result<Value, String>>;

pub(crate) fn action(mark: &'static str, label: &'static str) -> Action {
    Action {
        mark: Some(mark),
        label,
    }
}

/// Something done to a shared state.
fn state(mark: &'static str) -> Action {
    action(mark, mark)
}

/// Returns the actions of a transcript, in order.
pub(crate) fn actions(transcript: &str) -> Vec<Action> {
    match transcript {
        "broadcast/call-results" => vec![
            action("before broadcast.$call ui:sum", "$call ui:sum"),
            action("before $callOptional ui:only-a", "$callOptional ui:only-a"),
            action("before $call ui:only-a", "$call ui:only-a (b lacks it)"),
            action("before $call ui:throws", "$call ui:throws"),
            action("before $call ui:json", "$call ui:json"),
            action("before $callRaw with event+optional", "$callRaw event"),
        ],
        "broadcast/ctx-rpc-broadcast" => vec![
            Action {
                mark: None,
                label: "broadcast",
            },
            action("event:false", "broadcast event:false"),
            action(
                "event:false, optional:false",
                "broadcast event:false optional:false",
            ),
            action("filter: first only", "broadcast filtered"),
            action("unknown event on clients", "broadcast unknown"),
        ],
        "cache/invalidate-on-register" => vec![action("register on the server", "register")],
        "json/server-to-client" => vec![
            action("broadcast.$call proto:json-echo", "json-echo on client"),
            action("ui:x", "ui:x"),
        ],
        "auth/revoked-still-subscribed" => vec![
            state("server mutates after the revocation"),
            action(
                "untrusted second connection, then ctx.rpc.broadcast",
                "broadcast to all",
            ),
        ],
        "state/get-subscribe-update" => vec![state("server mutates")],
        // Nothing: but both have subscribed by then.
        "state/two-clients" => vec![state("a mutates")],
        "state/patches" => vec![
            state("replace"),
            state("push"),
            state("splice middle"),
            state("add and delete keys"),
            state("replace root"),
        ],
        _ => streams::actions(transcript),
    }
}

#[rpc_function(name = "ui:sum", as = Sum, side = "client", encoding = "structured-clone")]
async fn sum(a: i64, b: i64) -> i64;

#[rpc_function(name = "ui:sum", as = SumEvent, kind = "event", side = "client", encoding = "structured-clone")]
async fn sum_event(a: i64, b: i64);

#[rpc_function(name = "ui:only-a", as = OnlyA, side = "client", encoding = "structured-clone")]
async fn only_a() -> String;

#[rpc_function(name = "ui:throws", as = Throws, side = "client", encoding = "structured-clone")]
async fn throws() -> String;

#[rpc_function(name = "ui:json", as = Json, side = "client", encoding = "structured-clone")]
async fn json() -> Value;

#[rpc_function(name = "ui:x", as = X, side = "client", encoding = "structured-clone")]
async fn x() -> String;

#[rpc_function(name = "proto:json-echo", as = Echo, side = "client")]
async fn echo(value: u8) -> Vec<Value>;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Count {
    n: u8,
}

#[rpc_function(name = "ui:notify", as = Hi, kind = "event", side = "client", encoding = "structured-clone")]
async fn hi(message: String, count: Count);

#[rpc_function(name = "ui:notify", as = Number, kind = "action", side = "client", encoding = "structured-clone")]
async fn number(n: u8) -> Option<Value>;

#[rpc_function(name = "ui:notify", as = Notify, kind = "event", side = "client", encoding = "structured-clone")]
async fn notify(message: String);

#[rpc_function(name = "ui:missing", as = Missing, kind = "action", side = "client", encoding = "structured-clone")]
async fn missing() -> Option<Value>;

#[rpc_function(name = "ui:nobody", as = Nobody, kind = "event", side = "client", encoding = "structured-clone")]
async fn nobody();

#[rpc_function(name = "ui:note", as = Note, kind = "event", side = "client", encoding = "structured-clone")]
async fn note(text: String);

#[rpc_function(
    name = "ui:secret",
    as = Secret,
    kind = "event",
    side = "client",
    encoding = "structured-clone"
)]
async fn secret(message: String);

/// Does it.
pub(crate) async fn act(context: DevToolsContext, label: &'static str) -> Seen {
    if let Some(seen) = streams::act(&context, label).await {
        return seen;
    }
    let sessions = context.rpc().sessions();
    match label {
        "$call ui:sum" => return Some(all(Sum::broadcast(&context, 1, 2).await)),
        "$callOptional ui:only-a" => {
            let calls = sessions.iter().map(OnlyA::call_optional);
            let answers = join_all(calls).await.into_iter().map(|answer| {
                let answer = answer.map_err(|error| error.to_string())?;
                Ok(answer.map_or_else(undefined, Value::from))
            });
            return Some(answers.collect());
        }
        "$call ui:only-a (b lacks it)" => return Some(all(OnlyA::broadcast(&context).await)),
        "$call ui:throws" => return Some(all(Throws::broadcast(&context).await)),
        "$call ui:json" => return Some(all(Json::broadcast(&context).await)),
        "json-echo on client" => return Some(all(Echo::broadcast(&context, 1).await)),
        "broadcast $call" => return Some(all(Sum::broadcast(&context, 2, 3).await)),
        "ui:x" => return Some(all(X::broadcast(&context).await)),

        "$callRaw event" => reached(SumEvent::broadcast(&context, 5, 5).await, &sessions),
        "broadcast" => {
            let reply = Hi::broadcast(&context, "hi", Count { n: 1 }).await;
            reached(reply, &sessions);
        }
        "broadcast event:false" => {
            let calls = sessions
                .iter()
                .map(|session| Number::call_optional(session, 2));
            join_all(calls).await.into_iter().for_each(|answer| {
                answer.unwrap();
            });
        }
        "broadcast event:false optional:false" => {
            for reply in Missing::broadcast(&context).await {
                assert!(matches!(reply.result, Err(CallError::UnknownFunction(_))));
            }
        }
        "broadcast filtered" => {
            let first = vec![sessions[0].clone()];
            reached(Notify::broadcast(first.clone(), "only first").await, &first);
        }
        "broadcast unknown" => reached(Nobody::broadcast(&context).await, &sessions),
        // Whom it reaches depends on whom the server trusts.
        "broadcast to all" => drop(Secret::broadcast(&context, "to everyone").await.unwrap()),
        "note" => reached(Note::broadcast(&context, "multi\nline").await, &sessions),
        "register" => context.rpc().register(functions::late()).unwrap(),
        state if states::act(&context, state) => {}
        other => panic!("{other} is not known"),
    }
    None
}

fn reached<E: std::fmt::Debug>(reached: Result<usize, E>, sessions: &[RpcSession]) {
    assert_eq!(reached.unwrap(), sessions.len());
}

/// All answers, or the message of the first failure, which is what a JavaScript server gets.
fn all<F>(replies: Vec<BroadcastReply<F>>) -> Result<Value, String>
where
    F: RpcFunction<Output: Serialize>,
{
    let answers = replies.into_iter().map(|reply| match reply.result {
        Ok(answer) => Ok(serde_json::to_value(answer).unwrap()),
        Err(CallError::UnknownFunction(name)) => {
            Err(format!("[birpc] function \"{name}\" not found"))
        }
        Err(error) => Err(error.to_string()),
    });
    answers.collect()
}
