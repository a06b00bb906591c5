//! Prepares a program for a static dump of a recording: its functions answer from the recording, for the recorded arguments.

use std::sync::Arc;

use crate::function::{
    Call, DefinedDump, FunctionDefinition, FunctionKind, Handler, RemoteError, ReplyText, ReplyTo,
    Side, Started, WrittenDump,
};
use crate::host::DevToolsContext;
use crate::protocol::is_built_in;
use crate::recording::entry::RecordedReply;
use crate::recording::key::RequestKey;
use crate::recording::recording::Recording;
use crate::recording::script::Scripts;
use crate::recording::states::last_values;
use crate::wire;
use crate::wire::js::Value;

/// Makes the functions of `context` answer from the recording. Removes those that were not called. Returns the
/// recorded functions that the program does not have.
pub(crate) fn prepare(context: &DevToolsContext, recording: &Recording) -> Vec<String> {
    let scripts = Arc::new(Scripts::new(recording));
    let functions = context.functions();
    for function in context.rpc().list() {
        let is_dumped = matches!(function.kind(), FunctionKind::Query | FunctionKind::Static);
        if is_built_in(function.name()) || function.side() != Side::Server || !is_dumped {
            continue;
        }
        if scripts.arguments.contains_key(function.name()) {
            functions.replace(recorded(&scripts, function));
        } else {
            functions.remove(function.name());
        }
    }
    for (key, value) in last_values(recording) {
        // The states of the program itself have types, and keep their values.
        if !context.states().keys().contains(&key) {
            if let Err(error) = context.rpc().shared_state(&key, value) {
                tracing::warn!(%error, key, "a recorded state is not in the dump");
            }
        }
    }
    let known = context.rpc();
    let missing = scripts.arguments.keys().filter(|name| !known.has(name));
    missing.cloned().collect()
}

/// Returns the function with the recorded answers, for the recorded arguments.
fn recorded(scripts: &Arc<Scripts>, function: FunctionDefinition) -> FunctionDefinition {
    let (name, encoding) = (function.owned_name(), function.encoding());
    let is_snapshot = function.is_snapshot();
    let dumped = Arc::clone(scripts);
    let asked = name.clone();
    let dump: Arc<DefinedDump> = Arc::new(move |_| {
        let inputs = dumped.arguments.get(&*asked).cloned().unwrap_or_default();
        let inputs = inputs.into_iter();
        let inputs = inputs.map(move |arguments| wire::arguments(encoding, &arguments));
        let written = WrittenDump {
            inputs: Box::new(inputs),
            records: Vec::new(),
            fallback: None,
        };
        Box::pin(async move { Ok(Some(written)) })
    });
    let scripts = Arc::clone(scripts);
    let answer = move |call: Call<'_>| -> Started {
        let arguments = match call.arguments.read() {
            Ok(Value::Array(arguments)) => arguments,
            _ => Vec::new(),
        };
        let key = RequestKey::new(&name, &arguments, &scripts.left_out);
        // The last recorded answer is used for every function, so that all results in the dump are from the end of
        // the recording.
        let answers = scripts.answers.get(&key).into_iter().flatten();
        let outcome = answers.rev().find_map(|answer| answer.outcome.as_ref());
        Started::Done(match outcome {
            Some(outcome) => reply(&call.reply, encoding, outcome),
            None => call.reply.error(&RemoteError::new(format!(
                "the recording has no answer of `{name}` for these arguments"
            ))),
        })
    };
    let function = function.answered_by(Handler::Dynamic(Arc::new(answer)));
    if is_snapshot {
        function
    } else {
        function.dumped_by(dump)
    }
}

fn reply(reply: &ReplyTo, encoding: wire::Encoding, outcome: &RecordedReply) -> ReplyText {
    match outcome {
        RecordedReply::Returned(value) => reply.success(encoding, value),
        RecordedReply::Failed(error) => reply.error(&RemoteError {
            name: error.name.clone(),
            code: error.code.clone(),
            data: error
                .data
                .as_ref()
                .and_then(|data| serde_json::to_value(data).ok()),
            ..RemoteError::new(error.message.clone())
        }),
        RecordedReply::Thrown(value) => reply.failure(&format!("{value:?}")),
        RecordedReply::LeftOut => {
            reply.failure("the result was left out of the recording, because it holds a secret")
        }
    }
}
