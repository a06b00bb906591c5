//! Compares the calls that clients make with what a static build would record, for the inspector.
//!
//! Calls are noted from the time when the page asks for it, until the page asks for the comparison or disconnects.
//! Meanwhile the frame of each call is parsed a second time.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dump::collect::{RecordedCalls, recorded_calls};
use crate::dump::hash::{ArgumentHash, hash_arguments};
use crate::dump::missed::{MissedCall, MissedCalls};
use crate::function::{FunctionKind, PluginState};
use crate::host::{
    DevToolsContext, RegisterError, add_function_on_connection, add_protocol_function,
};
use crate::mutex::Mutex;
use crate::peer::Frame;
use crate::protocol::{functions, is_built_in};
use crate::wire::{Envelope, FrameText, js};

/// The number of different calls that are noted. Further calls are only counted.
const MOST_CALLS: usize = 1000;

/// The total size of the frames of the noted calls, in bytes. Further calls are only counted.
const MOST_BYTES: usize = 4 << 20;

functions! {
    /// Notes the calls of all clients from now on, and forgets those before.
    NoteCalls = "devtools-runtime:inspector:note-calls", Action, Server, Json,
    () -> ();

    /// Returns the number of different calls that were noted so far. `None` if none are noted now.
    NotedCalls = "devtools-runtime:inspector:noted-calls", Query, Server, Json,
    () -> Option<usize>;

    /// Ends noting, and compares the noted calls with what a static build would record.
    CompareCalls = "devtools-runtime:inspector:compare-calls", Action, Server, Json,
    () -> Coverage;
}

/// The comparison of the calls of clients with those that a build would record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Coverage {
    /// The number of different calls that were compared.
    pub(crate) compared: usize,
    /// The number of further calls, which were not noted, because there were too many.
    pub(crate) beyond: usize,
    pub(crate) missed: Vec<Missed>,
    /// The functions whose dump fails.
    pub(crate) problems: Vec<String>,
    /// The missed calls as Rust code, for the inputs of dumps.
    pub(crate) code: String,
}

/// A call that a static build would miss.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Missed {
    pub(crate) function: String,
    pub(crate) kind: FunctionKind,
    /// The call as JavaScript would write it.
    pub(crate) call: String,
    /// Whether the dump has an answer for calls without a record.
    pub(crate) fallback: bool,
}

/// The calls that clients have made.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Mutex<CoverageNotes>>);

impl PluginState for Notes {}

#[derive(Debug, Default)]
struct CoverageNotes {
    /// The session that has asked to note calls. `None` if none are noted now.
    owner: Option<u64>,
    seen: HashSet<(String, ArgumentHash)>,
    calls: Vec<(String, Vec<js::Value>, ArgumentHash)>,
    bytes: usize,
    beyond: usize,
}

/// Registers the functions, if the context has an inspector.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    let Some(log) = &context.settings().traffic else {
        return Ok(());
    };
    let log = Arc::clone(log);
    let notes = context.own_state::<Notes>().clone();
    context.rpc().on_disconnect(move |session| {
        let is_owner = notes.0.lock().owner.take_if(|it| *it == session.id());
        if is_owner.is_some() {
            log.observe(None);
        }
    });
    add_function_on_connection::<NoteCalls, _>(context, |context, session, ()| async move {
        let notes = context.own_state::<Notes>();
        *notes.0.lock() = CoverageNotes {
            owner: Some(session.id()),
            ..CoverageNotes::default()
        };
        let notes = notes.clone();
        if let Some(log) = &context.settings().traffic {
            log.observe(Some(Arc::new(move |frame| notes.note(frame))));
        }
    })?;
    add_protocol_function::<NotedCalls, _>(context, |context, _, ()| async move {
        let calls = context.own_state::<Notes>().0.lock();
        calls.owner.map(|_| calls.calls.len())
    })?;
    add_protocol_function::<CompareCalls, _>(context, |context, _, ()| async move {
        if let Some(log) = &context.settings().traffic {
            log.observe(None);
        }
        let made = std::mem::take(&mut *context.own_state::<Notes>().0.lock());
        compare(&context, made).await
    })
}

impl Notes {
    /// Notes the call of a frame, unless it is known.
    fn note(&self, frame: &Frame) {
        let Ok(text) = FrameText::open(frame.as_str()) else {
            return;
        };
        let Ok(Envelope::Request(request)) = text.envelope() else {
            return;
        };
        if is_built_in(&request.method) {
            return;
        }
        // Anything that is not an array counts as no arguments, as for the function itself.
        let arguments = match request.arguments.read() {
            Ok(js::Value::Array(arguments)) => arguments,
            _ => Vec::new(),
        };
        let Ok(hash) = hash_arguments(&arguments) else {
            return;
        };
        let mut noted = self.0.lock();
        let key = (request.method.into_owned(), hash);
        if noted.seen.contains(&key) {
            return;
        }
        let bytes = noted.bytes + frame.len();
        if noted.calls.len() >= MOST_CALLS || bytes > MOST_BYTES {
            noted.beyond += 1;
            return;
        }
        noted.bytes = bytes;
        noted.calls.push((key.0.clone(), arguments, hash));
        noted.seen.insert(key);
    }
}

/// Compares calls with what a build would record.
async fn compare(context: &DevToolsContext, noted: CoverageNotes) -> Coverage {
    let mut recorded = BTreeMap::new();
    let mut missed = MissedCalls::default();
    let mut problems = Vec::new();
    for (name, arguments, hash) in &noted.calls {
        let Some(function) = context.rpc().get(name) else {
            continue; // it never had an answer
        };
        if !recorded.contains_key(name) {
            let found = recorded_calls(context, &function).await;
            let found = found.unwrap_or_else(|error| {
                problems.push(format!("the function `{name}` cannot be dumped: {error}"));
                RecordedCalls::None
            });
            recorded.insert(name, found);
        }
        let fallback = match &recorded[name] {
            RecordedCalls::All => continue,
            RecordedCalls::Some { hashes, .. } if hashes.contains(hash) => continue,
            RecordedCalls::Some { has_fallback, .. } => *has_fallback,
            RecordedCalls::None => false,
        };
        let (kind, parameters) = (function.kind(), function.parameters());
        let call = MissedCall::new(name, kind, parameters, arguments, fallback);
        missed.add(&hash.to_string(), call);
    }
    let calls = missed.calls().iter();
    Coverage {
        problems,
        compared: noted.calls.len(),
        beyond: noted.beyond,
        missed: calls
            .map(|call| Missed {
                function: call.function.clone(),
                kind: call.kind,
                call: call.call.clone(),
                fallback: call.fallback,
            })
            .collect(),
        code: missed.to_string(),
    }
}
