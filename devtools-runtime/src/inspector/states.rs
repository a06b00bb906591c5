//! Answers the calls of the page about the changes of shared states.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::function::PluginState;
use crate::host::{
    DevToolsContext, RegisterError, RpcSession, SessionTransport, add_protocol_function,
};
use crate::js;
use crate::mutex::Mutex;
use crate::protocol::functions;
use crate::state::{StateChange, StateHistory, text};

/// The most changes that one call returns.
const MOST_CHANGES: usize = 50;

/// The number of ended sessions whose names are kept.
const MOST_ENDED: usize = 200;

functions! {
    /// Returns the newest recorded changes of a state from the number `since` on.
    StateChanges = "devtools-runtime:inspector:state-changes", Query, Server, StructuredClone,
    (key: String, since: u64) -> ChangePage;
}

/// A part of the record of changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChangePage {
    /// The number to ask from next.
    pub(crate) next: u64,
    pub(crate) changes: Vec<ChangeInfo>,
}

/// The description of a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChangeInfo {
    pub(crate) number: u64,
    /// In milliseconds since 1970.
    pub(crate) at: f64,
    /// The session that has made it. `None` for the program itself.
    pub(crate) session: Option<u64>,
    /// The name of the session for people.
    pub(crate) by: Option<String>,
    /// The values before and after. `None` if they were too large to be kept.
    pub(crate) values: Option<(js::Value, js::Value)>,
}

/// The names of sessions that have ended, because their changes outlive them.
#[derive(Debug, Clone, Default)]
struct EndedSessions(Arc<Mutex<VecDeque<(u64, String)>>>);

impl PluginState for EndedSessions {}

impl EndedSessions {
    fn add(&self, session: &RpcSession) {
        let mut ended = self.0.lock();
        ended.push_back((session.id(), name_of(session)));
        if ended.len() > MOST_ENDED {
            ended.pop_front();
        }
    }

    fn name(&self, id: u64) -> Option<String> {
        let ended = self.0.lock();
        let found = ended.iter().find(|(ended, _)| *ended == id);
        found.map(|(_, name)| name.clone())
    }
}

/// Registers the function, and records changes from now on.
pub(super) fn register(
    context: &DevToolsContext,
    history: Arc<StateHistory>,
) -> Result<(), RegisterError> {
    context.states().record(history);
    let ended = EndedSessions::default();
    // A context is registered once, so there is no other list.
    let _ = context.insert_state(ended.clone());
    context
        .rpc()
        .on_disconnect(move |session| ended.add(session));
    add_protocol_function::<StateChanges, _>(context, |context, _, (key, since)| async move {
        let history = context.states().history();
        let found = history.map(|history| history.of(&key, since, MOST_CHANGES));
        let (changes, next) = found.unwrap_or_default();
        ChangePage {
            next,
            changes: changes.iter().map(|it| describe(&context, it)).collect(),
        }
    })
}

fn describe(context: &DevToolsContext, change: &StateChange) -> ChangeInfo {
    let values = change.values.as_ref();
    let since_1970 = change.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    ChangeInfo {
        number: change.number,
        at: since_1970.as_secs_f64() * 1000.0,
        session: change.author,
        by: change.author.and_then(|id| author(context, id)),
        values: values.map(|(before, after)| (text::any(before), text::any(after))),
    }
}

/// Returns the name of a session that is open or has ended lately.
fn author(context: &DevToolsContext, id: u64) -> Option<String> {
    let open = context.rpc().sessions();
    if let Some(session) = open.iter().find(|session| session.id() == id) {
        return Some(name_of(session));
    }
    let ended = context.state::<EndedSessions>().ok();
    ended.and_then(|ended| ended.name(id))
}

/// Returns the name of a session for people: the name of its token, its origin, or its program.
fn name_of(session: &RpcSession) -> String {
    let of_client = || {
        let origin = session.origin().or_else(|| session.user_agent());
        origin.map(str::to_owned)
    };
    let unnamed = match session.transport() {
        SessionTransport::Local => "inside the program",
        _ => "a program",
    };
    let name = session.token_name().or_else(of_client);
    name.unwrap_or_else(|| unnamed.to_owned())
}
