//! Answers the calls of the page.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::files;
use crate::function::{FunctionInfo, RemoteError};
use crate::host::{
    Callers, DevToolsContext, RegisterError, RpcSession, Serving, add_function_on_connection,
    add_protocol_function, try_add_protocol_function, try_add_remote_function,
};
use crate::inspector::editor::EditorLauncher;
use crate::inspector::functions::{
    CloseSession, FrameContent, InspectedSession, LeaveTraffic, OpenSource, Program, ProgramInfo,
    Revision, RevokeSession, SessionList, Sessions, Traffic,
};
use crate::inspector::options::Inspector;
use crate::inspector::{frames, panel_answers, states, streams};
use crate::peer::TrafficLog;

/// The most frames that one call returns. A page that asks a few times a second cannot show more.
const MOST_FRAMES: usize = 1000;

/// The reason that the client of a closed session gets.
const CLOSED: &str = "it was closed in the inspector";

/// The error of a token that is still in its file.
const NOT_REVOKED: &str = "the token could not be removed from its file, so it is valid again after a restart; the log has the reason";

/// Registers the functions, if the context has an inspector. The function that starts an editor is registered only if
/// `inspector` names an editor.
pub(crate) fn register(
    context: &DevToolsContext,
    inspector: Inspector,
) -> Result<(), RegisterError> {
    let Some(log) = &context.settings().traffic else {
        return Ok(());
    };
    let history = inspector.state_history();
    if let Some(launcher) = inspector.launcher() {
        register_editor(context, launcher)?;
    }
    add_protocol_function::<Program, _>(
        context,
        |context, _, ()| async move { program(&context) },
    )?;
    add_protocol_function::<Revision, _>(
        context,
        |context, _, ()| async move { revision(&context) },
    )?;
    add_protocol_function::<Sessions, _>(context, |context, own, ()| async move {
        let sessions = context.rpc().sessions();
        SessionList {
            sessions: sessions.iter().map(|it| session(it, &own)).collect(),
            stats: context.rpc().stats(),
        }
    })?;
    add_protocol_function::<CloseSession, _>(context, |context, _, (id,)| async move {
        let found = find(&context, id);
        found.inspect(|session| session.close(CLOSED)).is_some()
    })?;
    try_add_protocol_function::<RevokeSession, _>(context, |context, _, (id,)| async move {
        let Some(session) = find(&context, id) else {
            return Ok(false);
        };
        let revoked = context.rpc().revoke(&session).await;
        revoked.map(|()| true).map_err(|error| {
            tracing::warn!(%error, session = id, "a token could not be removed from its file");
            NOT_REVOKED
        })
    })?;
    add_function_on_connection::<Traffic, _>(context, |context, session, (since,)| async move {
        let read = |log: &Arc<TrafficLog>| log.read(session.id(), since, MOST_FRAMES);
        let recent = context.settings().traffic.as_ref().map(read);
        frames::describe(&recent.unwrap_or_default(), session.id())
    })?;
    add_protocol_function::<LeaveTraffic, _>(context, |context, session, ()| async move {
        if let Some(log) = &context.settings().traffic {
            log.leave(session.id());
        }
    })?;
    let left = Arc::clone(log);
    context
        .rpc()
        .on_disconnect(move |session| left.leave(session.id()));
    states::register(context, history)?;
    streams::register(context)?;
    panel_answers::register(context)?;
    add_protocol_function::<FrameContent, _>(context, |context, _, (number,)| async move {
        let frame = context.settings().traffic.as_ref()?.frame(number)?;
        Some(frame.frame.as_str().to_owned())
    })
}

/// Registers the function that opens source files in an editor.
fn register_editor(
    context: &DevToolsContext,
    launcher: EditorLauncher,
) -> Result<(), RegisterError> {
    // A context is registered once, so there is no other launcher.
    let _ = context.insert_state(launcher);
    try_add_remote_function::<OpenSource, _>(
        context,
        Callers::All,
        |context, _, (name,)| async move {
            let of_clients = || {
                let mut declared = context.settings().client_functions.iter();
                declared.find(|it| it.name() == name).cloned()
            };
            let Some(function) = context.rpc().get(&name).or_else(of_clients) else {
                let what = format!("there is no function named `{name}`");
                return Err(RemoteError::new(what));
            };
            let launcher = context.state::<EditorLauncher>();
            let launcher = launcher.map_err(|error| RemoteError::new(error.to_string()))?;
            let root = context.workspace_root();
            launcher.open(function.location(), root).await
        },
    )
}

/// Returns the description of a program, as the page in a static dump reads it.
pub(crate) fn describe(serving: &Serving) -> Vec<u8> {
    #[derive(Serialize)]
    struct Description<'a> {
        base: &'a str,
        program: ProgramInfo,
        functions: Vec<FunctionInfo>,
    }

    let context = &serving.context;
    let description = Description {
        base: &serving.settings.base,
        program: program(context),
        functions: context.rpc().describe(),
    };
    // Serializing strings, numbers and JSON cannot fail.
    serde_json::to_vec(&description).unwrap_or_default()
}

/// Returns the hash of everything that the page lists, without counters, which change all the time.
fn revision(context: &DevToolsContext) -> String {
    let mut hasher = DefaultHasher::new();
    for function in context.rpc().list() {
        function.name().hash(&mut hasher);
        function.location().line.hash(&mut hasher);
    }
    context.views().bases().hash(&mut hasher);
    context.rpc().shared_states().keys().hash(&mut hasher);
    for channel in context.channels().describe() {
        (channel.name, channel.streams).hash(&mut hasher);
        channel.stats.uploads.hash(&mut hasher);
    }
    for listed in values(&context.docks().list())
        .iter()
        .chain(&values(&context.commands().list()))
    {
        listed.to_string().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Describes the program.
fn program(context: &DevToolsContext) -> ProgramInfo {
    let editor = context.state::<EditorLauncher>();
    ProgramInfo {
        name: files::program_name(),
        runtime_version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: context.mode(),
        cwd: context.cwd().display().to_string(),
        workspace_root: context.workspace_root().display().to_string(),
        has_schemas: cfg!(feature = "typescript"),
        editor: editor.ok().map(EditorLauncher::name),
        views: context.views().bases(),
        docks: values(&context.docks().list()),
        commands: values(&context.commands().list()),
        states: context.rpc().shared_states().keys(),
        channels: context.channels().describe(),
    }
}

fn session(session: &RpcSession, own: &RpcSession) -> InspectedSession {
    InspectedSession {
        id: session.id(),
        is_own: session.id() == own.id(),
        transport: session.transport(),
        origin: session.origin().map(str::to_owned),
        address: session.address().map(|address| address.to_string()),
        user_agent: session.user_agent().map(str::to_owned),
        trusted: session.is_trusted(),
        roles: session.roles(),
        token_name: session.token_name(),
        stats: session.stats(),
    }
}

fn find(context: &DevToolsContext, id: u64) -> Option<RpcSession> {
    let mut sessions = context.rpc().sessions().into_iter();
    sessions.find(|session| session.id() == id)
}

/// Converts values to JSON. A value that has no JSON is left out.
fn values<T: Serialize>(list: &[T]) -> Vec<Value> {
    let values = list.iter().map(serde_json::to_value);
    values.filter_map(Result::ok).collect()
}
