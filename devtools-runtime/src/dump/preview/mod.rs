//! A server that answers as its static dump would.
//!
//! The dump is written into a folder of its own, and read from there as a client would. A second registry stands before the
//! context's ([`ReplacementFunctions`]): it has the functions that the dump holds, each answered from it, and the protocol's own. Whatever
//! the dump does not hold is noted.

mod folder;
mod missed;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dump::hash::hash_arguments;
use crate::dump::read::{Folder, Recalled, StaticDump};
use crate::function::{Call, FunctionDefinition, Handler, Outcome, Registry, Started};
use crate::host::{DevToolsContext, ReplacementFunctions};
use crate::protocol::is_built_in;
use crate::wire::js::{self, Value};
use crate::wire::{self, Envelope, FrameText, Payload, RemoteErrorText, RequestId};

pub(crate) use self::folder::TemporaryFolder;
pub use self::missed::{MissedCall, MissedCalls};

/// The name of the dump in its temporary folder.
pub(crate) const DUMP: &str = "dump";

/// A server that answers as its static dump would: from
/// [`DevTools::preview_static`](crate::DevTools::preview_static).
///
/// The server goes on so when this is dropped.
pub struct StaticPreview(Arc<Preview>);

impl StaticPreview {
    /// The calls that the dump missed so far.
    pub fn missed(&self) -> MissedCalls {
        self.0.missed().clone()
    }
}

impl fmt::Debug for StaticPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticPreview")
            .field("missed", &*self.0.missed())
            .finish_non_exhaustive()
    }
}

/// Why a server cannot answer as its static dump would.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviewError {
    /// The dump could not be written.
    #[error(transparent)]
    Dump(#[from] crate::dump::DumpError),
    /// There is no folder to write it into.
    #[error("there is no folder for the dump of the preview")]
    Folder(#[source] std::io::Error),
    /// The dump could not be read.
    #[error("the dump of the preview could not be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server answers so already.
    #[error("the server answers as a static dump already")]
    Already,
}

/// What the handlers share.
struct Preview {
    dump: StaticDump,
    missed: Mutex<MissedCalls>,
    tell: Box<Tell>,
    /// What the dump is read from.
    _folder: TemporaryFolder,
}

type Tell = dyn Fn(&MissedCall) + Send + Sync;

/// Has sessions that connect to `context` from now on answered from the dump in `folder`. `tell` is called with each call that it misses.
pub(crate) async fn begin(
    context: &DevToolsContext,
    folder: TemporaryFolder,
    tell: Box<Tell>,
) -> Result<StaticPreview, PreviewError> {
    let source = Folder::new(folder.path().join(DUMP));
    let dump = StaticDump::open(source, context.limits())
        .await
        .map_err(|error| PreviewError::Read(error.into()))?;
    let preview = Arc::new(Preview {
        dump,
        missed: Mutex::default(),
        tell,
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
    // Not the context: it keeps this.
    let (known, overlooking) = (context.functions().subscribe(), Arc::clone(&preview));
    let replacement = ReplacementFunctions {
        functions,
        // The dump has none of its calls, whatever the kind is.
        on_unknown_call: Arc::new(move |name, arguments| {
            let function = known.borrow().get(name).cloned();
            if let Some(function) = function {
                overlooking.note(&function, &values(arguments), false);
            }
        }),
    };
    if context.replace_functions(replacement) {
        Ok(StaticPreview(preview))
    } else {
        Err(PreviewError::Already)
    }
}

/// The function, answered from the dump.
fn from_dump(preview: &Arc<Preview>, function: FunctionDefinition) -> FunctionDefinition {
    let preview = Arc::clone(preview);
    let called = Arc::new(function.clone());
    function.answered_by(Handler::Dynamic(Arc::new(move |call: Call<'_>| {
        let Call {
            arguments, reply, ..
        } = call;
        // On a dump, what wants no reply does nothing.
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

/// Arguments that are no array are none, as for the function itself.
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
    ) -> Outcome {
        let recalled = self.dump.recall(function.name(), arguments.clone(), id);
        let reply = match recalled.await {
            Recalled::Record(reply) => reply,
            Recalled::Fallback(reply) => {
                // The one result of a snapshot is meant for every call.
                if !function.is_snapshot() {
                    self.note(function, &arguments, true);
                }
                reply
            }
            Recalled::Nothing(reply) => {
                self.note(function, &arguments, false);
                reply
            }
        };
        Some(as_sent(reply, id))
    }

    fn note(&self, function: &FunctionDefinition, arguments: &[Value], fallback: bool) {
        let name = function.name();
        // Arguments without a hash are in no dump: one such call is as good as another.
        let key = hash_arguments(arguments).map_or_else(|_| String::new(), |hash| hash.to_string());
        let call = MissedCall::new(
            name,
            function.kind(),
            function.parameters(),
            arguments,
            fallback,
        );
        let new = self.missed().add(&key, call);
        if let Some(call) = new {
            (self.tell)(&call);
        }
    }

    fn missed(&self) -> MutexGuard<'_, MissedCalls> {
        // No critical section can leave the list half changed.
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reply as a server sends it: an error is the object that a dump keeps of it, and no error to live JavaScript.
fn as_sent(reply: String, id: &RequestId) -> String {
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
    // Two strings and an id can always be written.
    wire::failure(id, error).unwrap_or(reply)
}

#[cfg(test)]
mod tests {
    use super::as_sent;
    use crate::wire::RequestId;

    #[test]
    fn errors_are_those_of_a_server() {
        let id = RequestId::from(7);
        let recorded = r#"{"t":"s","e":{"name":"Error","message":"boom","cause":{"name":"Error","message":"disk"},"status":5},"i":"7"}"#;
        assert_eq!(
            as_sent(recorded.to_owned(), &id),
            r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"7"],[0,"e"],[7,{"name":"Error","message":"boom"}]]"#
        );
        let output = r#"{"t":"s","r":{"message":"fine"},"i":"7"}"#;
        assert_eq!(as_sent(output.to_owned(), &id), output);
    }
}
