//! A server that answers calls from its static dump.
//!
//! The dump is written to a temporary folder and read from there as a client would. A second registry
//! ([`ReplacementFunctions`]) takes precedence over the context's: it has the protocol's own functions, and the functions
//! of the dump, which it answers from the files. Calls that the dump cannot answer are recorded.

use std::sync::Arc;

use crate::dump::hash::hash_arguments;
use crate::dump::missed::{MissedCall, MissedCalls};
use crate::dump::preview::error::PreviewError;
use crate::dump::preview::folder::TemporaryFolder;
use crate::dump::read::{DumpReply, Folder, StaticDump};
use crate::function::{Call, FunctionDefinition, Handler, Registry, ReplyText, Started};
use crate::host::{DevToolsContext, ReplacementFunctions};
use crate::mutex::Mutex;
use crate::protocol::is_built_in;
use crate::wire::js::{self, Value};
use crate::wire::{self, Envelope, FrameText, Payload, RemoteErrorText, RequestId};

/// The name of the dump in its temporary folder.
pub(crate) const DUMP: &str = "dump";

/// A server that answers calls from its static dump. Returned by
/// [`DevTools::preview_static`](crate::DevTools::preview_static).
///
/// Dropping this value does not end the preview.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::dump::{DumpOptions, StaticPreview};
///
/// /// Lists the calls that a static build would not answer.
/// fn report(preview: &StaticPreview) {
///     for missed in preview.missed().calls() {
///         println!("not in the dump: {}", missed.call);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().without_collected().build().await?;
/// let preview = devtools.preview_static(DumpOptions::new(), |_| ()).await?;
/// report(&preview);
/// # Ok(())
/// # }
/// ```
pub struct StaticPreview(Arc<Preview>);

impl StaticPreview {
    /// Returns the calls that the dump missed so far.
    pub fn missed(&self) -> MissedCalls {
        self.0.missed.lock().clone()
    }
}

crate::debug_impl! { StaticPreview as it { missed: *it.0.missed.lock(), .. } }

/// The state that the handlers share.
struct Preview {
    dump: StaticDump,
    missed: Mutex<MissedCalls>,
    on_missed: Box<OnMissed>,
    /// The folder that the dump is read from.
    _folder: TemporaryFolder,
}

type OnMissed = dyn Fn(&MissedCall) + Send + Sync;

/// Makes the dump in `folder` answer the sessions that connect to `context` from now on. Calls `on_missed` with each call
/// that the dump misses.
pub(crate) async fn begin(
    context: &DevToolsContext,
    folder: TemporaryFolder,
    on_missed: Box<OnMissed>,
) -> Result<StaticPreview, PreviewError> {
    let source = Folder::new(folder.path().join(DUMP));
    let dump = StaticDump::open(source, context.limits())
        .await
        .map_err(|error| PreviewError::Read(error.into()))?;
    let preview = Arc::new(Preview {
        dump,
        missed: Mutex::default(),
        on_missed,
        _folder: folder,
    });

    let functions = Registry::new();
    for function in context.rpc().list() {
        if is_built_in(function.name()) {
            functions.replace(function);
        } else if preview.dump.holds(function.name()) {
            functions.replace(from_dump(&preview, function));
        }
    }
    // The closure holds no context, because the context owns the closure.
    let (known, recorder) = (context.functions().subscribe(), Arc::clone(&preview));
    let replacement = ReplacementFunctions {
        functions,
        // The dump has no calls of these functions, whatever their kind.
        on_unknown_call: Arc::new(move |name, arguments| {
            let function = known.borrow().get(name).cloned();
            if let Some(function) = function {
                recorder.record_miss(&function, &values(arguments), false);
            }
        }),
    };
    if context.replace_functions(replacement) {
        Ok(StaticPreview(preview))
    } else {
        Err(PreviewError::Already)
    }
}

/// Returns the function with a handler that answers from the dump.
fn from_dump(preview: &Arc<Preview>, function: FunctionDefinition) -> FunctionDefinition {
    let preview = Arc::clone(preview);
    let called = Arc::new(function.clone());
    function.answered_by(Handler::Dynamic(Arc::new(move |call: Call<'_>| {
        let Call {
            arguments, reply, ..
        } = call;
        // In a dump, a call without a reply has no effect.
        let Some(id) = reply.id().cloned() else {
            return Started::Done(None);
        };
        let arguments = values(arguments);
        let (preview, called) = (Arc::clone(&preview), Arc::clone(&called));
        Started::Running(Box::pin(async move {
            preview.answer(&called, arguments, &id).await
        }))
    })))
}

/// Reads the arguments. Anything that is not an array counts as no arguments, as for the function itself.
fn values(arguments: Payload<'_>) -> Vec<Value> {
    match arguments.read() {
        Ok(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

impl Preview {
    async fn answer(
        &self,
        function: &FunctionDefinition,
        arguments: Vec<Value>,
        id: &RequestId,
    ) -> ReplyText {
        let found = self.dump.lookup(function.name(), arguments.clone(), id);
        let reply = match found.await {
            DumpReply::Record(reply) => reply,
            DumpReply::Fallback(reply) => {
                // A snapshot's result answers every call, so this is not a miss.
                if !function.is_snapshot() {
                    self.record_miss(function, &arguments, true);
                }
                reply
            }
            DumpReply::Missing(reply) => {
                self.record_miss(function, &arguments, false);
                reply
            }
        };
        Some(live_reply(reply, id))
    }

    fn record_miss(&self, function: &FunctionDefinition, arguments: &[Value], fallback: bool) {
        let name = function.name();
        // Arguments without a hash are in no dump, so all such calls count as one.
        let key = hash_arguments(arguments).map_or_else(|_| String::new(), |hash| hash.to_string());
        let call = MissedCall::new(
            name,
            function.kind(),
            function.parameters(),
            arguments,
            fallback,
        );
        let new = self.missed.lock().add(&key, call);
        if let Some(call) = new {
            (self.on_missed)(&call);
        }
    }
}

/// Converts a reply to what a server sends. A dump stores an error as an object, which live JavaScript does not read
/// as an error.
fn live_reply(reply: String, id: &RequestId) -> String {
    let error = FrameText::open(&reply)
        .ok()
        .and_then(|text| match text.envelope().ok()? {
            Envelope::Response(response) => response.result.err()?.read::<js::Error>().ok(),
            Envelope::Request(_) => None,
        });
    let Some(error) = error else {
        return reply;
    };
    let error = RemoteErrorText {
        name: &error.name,
        message: &error.message,
    };
    // Serializing two strings and an id cannot fail.
    wire::failure(id, error).unwrap_or(reply)
}

#[cfg(test)]
mod tests {
    use super::live_reply;
    use crate::wire::RequestId;

    #[test]
    fn errors_are_those_of_a_server() {
        let id = RequestId::from(7);
        let recorded = r#"{"t":"s","e":{"name":"Error","message":"boom","cause":{"name":"Error","message":"disk"},"status":5},"i":"7"}"#;
        assert_eq!(
            live_reply(recorded.to_owned(), &id),
            r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"7"],[0,"e"],[7,{"name":"Error","message":"boom"}]]"#
        );
        let output = r#"{"t":"s","r":{"message":"fine"},"i":"7"}"#;
        assert_eq!(live_reply(output.to_owned(), &id), output);
    }
}
