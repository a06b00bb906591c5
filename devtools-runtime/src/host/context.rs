//! The context, which a program's functions and plugins share.

use std::any::{Any, TypeId};
use std::path::Path;
use std::sync::{Arc, OnceLock, Weak};

use crate::blocking::{SessionShare, ThreadPool};
#[cfg(feature = "metrics")]
use crate::function::CallMetrics;
use crate::function::{
    CallLimits, FunctionDefinition, Inject, InjectIntoSetup, Layers, MissingState, PluginState,
    Registry, RpcFunction as _, Scope, SharedScope, Warnings,
};
use crate::host::backplane::Backplane;
use crate::host::context_settings::Settings;
use crate::host::docks::{CommandList, DockList, OWN_STATES};
use crate::host::fleet::StreamsElsewhere;
use crate::host::mode::Mode;
use crate::host::replacement::ReplacementFunctions;
use crate::host::session::RpcSession;
use crate::host::sessions::Sessions;
use crate::host::settings::SettingsFiles;
use crate::host::state::{DuplicateState, StateMap};
use crate::host::trust::Trust;
use crate::host::utils::Utils;
use crate::host::views::Views;
use crate::listeners::Listeners;
use crate::peer::Limits;
#[cfg(feature = "recording")]
use crate::peer::{AccessCell, Interpose, Interposer};
use crate::protocol::docks::ExecuteCommand;
use crate::protocol::is_built_in;
use crate::state::States;
use crate::streaming::Channels;

/// A handle to everything that functions and plugins share. Cloning is cheap, and all clones are the same context.
///
/// A function takes it by reference, `&DevToolsContext`. A closure or a task may keep a clone.
///
/// ```
/// use devtools_runtime::{DevTools, DevToolsContext, define_rpc_function};
///
/// /// Registers a function while the program runs.
/// fn add_greeting(ctx: &DevToolsContext) -> Result<(), Box<dyn std::error::Error>> {
///     let folder = ctx.cwd().display().to_string();
///     let greet = define_rpc_function("my-plugin:greet")
///         .handler(move |name: String| format!("Hello {name}, from {folder}"));
///     ctx.rpc().register(greet)?;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// add_greeting(devtools.context())?;
/// assert!(devtools.context().rpc().has("my-plugin:greet"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DevToolsContext(Arc<Context>);

/// A handle that does not keep a context alive.
#[derive(Debug, Clone)]
pub(crate) struct WeakContext(Weak<Context>);

impl WeakContext {
    pub(crate) fn upgrade(&self) -> Option<DevToolsContext> {
        self.0.upgrade().map(DevToolsContext)
    }
}

#[derive(Debug)]
struct Context {
    settings: Settings,
    trust: Option<Trust>,
    functions: Registry,
    replacement: OnceLock<ReplacementFunctions>,
    #[cfg(feature = "recording")]
    interpose: OnceLock<Box<dyn Interpose>>,
    state: StateMap,
    views: Views,
    channels: Channels,
    /// The listeners that are called with the name of each new channel.
    channel_added: Listeners<str>,
    sessions: Sessions,
    states: States,
    docks: DockList,
    commands: CommandList,
    /// The threads of `blocking` functions that sessions call.
    calls: Arc<ThreadPool>,
    /// The threads that read hosted files.
    #[cfg(feature = "static-files")]
    files: Arc<ThreadPool>,
}

impl DevToolsContext {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(Context {
            trust: Trust::new(&settings.options.auth),
            channels: Channels::new(
                settings.limits.frame_bytes,
                Some(Box::new(StreamsElsewhere::new(&settings.backplane))),
            ),
            channel_added: Listeners::default(),
            states: States::new(
                &settings.limits,
                Box::new(SettingsFiles::new(&settings)),
                OWN_STATES,
            ),
            calls: Arc::new(ThreadPool::new(
                "devtools-calls",
                settings.limits.blocking_calls,
            )),
            #[cfg(feature = "static-files")]
            files: Arc::new(ThreadPool::new(
                "devtools-files",
                settings.limits.file_reads,
            )),
            settings,
            functions: Registry::new(),
            replacement: OnceLock::new(),
            #[cfg(feature = "recording")]
            interpose: OnceLock::new(),
            state: StateMap::default(),
            views: Views::default(),
            sessions: Sessions::default(),
            docks: DockList::default(),
            commands: CommandList::default(),
        }))
    }

    /// Returns whether the context serves panels or builds a dump.
    pub fn mode(&self) -> Mode {
        self.0.settings.options.mode
    }

    /// Returns the absolute path of the directory that the tool works in.
    pub fn cwd(&self) -> &Path {
        &self.0.settings.cwd
    }

    /// Returns the absolute path of the workspace that contains [`cwd`](Self::cwd).
    pub fn workspace_root(&self) -> &Path {
        &self.0.settings.workspace_root
    }

    /// Returns the hosted pages.
    pub fn views(&self) -> &Views {
        &self.0.views
    }

    /// Small helpers for plugins: scripts without a file, ids, hashes.
    pub fn utils(&self) -> Utils {
        Utils(())
    }

    /// Stores a plugin's state, one value for each type. Functions take it by reference, `&T`.
    ///
    /// # Errors
    ///
    /// If the context already has state of this type.
    pub fn insert_state<T: PluginState>(&self, state: T) -> Result<(), DuplicateState> {
        self.0.state.insert(state)
    }

    /// Returns a plugin's state.
    ///
    /// # Errors
    ///
    /// If the context has no state of this type.
    pub fn state<T: PluginState>(&self) -> Result<&T, MissingState> {
        let found = self
            .0
            .state
            .find(TypeId::of::<T>())
            .and_then(|any| any.downcast_ref());
        found.ok_or(MissingState {
            type_name: std::any::type_name::<T>(),
        })
    }

    /// Returns the state of a part of this crate. It is created when it is first asked for.
    pub(crate) fn own_state<T: PluginState + Default>(&self) -> &T {
        self.0.state.find_or_default()
    }

    /// Returns the settings that the builder has made for the context.
    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn downgrade(&self) -> WeakContext {
        WeakContext(Arc::downgrade(&self.0))
    }

    pub(crate) fn functions(&self) -> &Registry {
        &self.0.functions
    }

    /// Returns the functions that sessions reach instead of [`functions`](Self::functions), if they were replaced.
    pub(crate) fn replacement(&self) -> Option<&ReplacementFunctions> {
        self.0.replacement.get()
    }

    /// Makes sessions that connect from now on reach `replacement`. Returns `false` if the functions were replaced before.
    pub(crate) fn replace_functions(&self, replacement: ReplacementFunctions) -> bool {
        self.0.replacement.set(replacement).is_ok()
    }

    pub(crate) fn channels(&self) -> &Channels {
        &self.0.channels
    }

    pub(crate) fn channel_added(&self) -> &Listeners<str> {
        &self.0.channel_added
    }

    /// Returns the path below which browsers see the paths of the program. Empty if it is not known.
    pub(crate) fn root_path(&self) -> &str {
        let root_path = self.0.settings.options.root_path.as_deref();
        root_path.unwrap_or_default()
    }

    pub(crate) fn dock_list(&self) -> &DockList {
        &self.0.docks
    }

    pub(crate) fn command_list(&self) -> &CommandList {
        &self.0.commands
    }

    pub(crate) fn states(&self) -> &States {
        &self.0.states
    }

    /// Returns the connection to the other processes of the program.
    pub(crate) fn backplane(&self) -> &Arc<dyn Backplane> {
        &self.0.settings.backplane
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Returns the state of the gate, or `None` if every client is trusted.
    pub(crate) fn trust(&self) -> Option<&Trust> {
        self.0.trust.as_ref()
    }

    pub(crate) fn limits(&self) -> &Arc<Limits> {
        &self.0.settings.limits
    }

    /// Begins to count the bytes of a request that arrives, within [`Limits::arriving_bytes`].
    #[cfg(feature = "server")]
    pub(crate) fn arriving_request(&self) -> crate::peer::ArrivingRequest {
        self.sessions().arriving.begin(self.limits().arriving_bytes)
    }

    /// Puts interposers between the program and the sessions that connect from now on. Returns `false` if this was done
    /// before.
    #[cfg(feature = "recording")]
    pub(crate) fn interpose(&self, interpose: Box<dyn Interpose>) -> bool {
        self.0.interpose.set(interpose).is_ok()
    }

    /// Returns the object that answers the clients in the place of the program, if there is one.
    #[cfg(feature = "recording")]
    pub(crate) fn interposed(&self) -> Option<&dyn Interpose> {
        self.0.interpose.get().map(|interpose| &**interpose)
    }

    /// Creates the interposer of a session with this access, if the clients are answered in the place of the program.
    #[cfg(feature = "recording")]
    pub(crate) fn interposer(&self, access: &Arc<AccessCell>) -> Option<Box<dyn Interposer>> {
        Some(self.interposed()?.session(Arc::clone(access)))
    }

    /// Returns the limits of calls that the program makes itself. Their replies may have any size, because they stay in
    /// the process.
    pub(crate) fn call_limits(&self) -> CallLimits {
        CallLimits {
            handler_timeout: self.limits().handler_timeout,
            reply_bytes: None,
        }
    }

    /// Returns the threads that read hosted files.
    #[cfg(feature = "static-files")]
    pub(crate) fn file_threads(&self) -> &Arc<ThreadPool> {
        &self.0.files
    }

    /// Returns the values that calls of `session` can take by reference.
    pub(crate) fn scope_of(&self, session: RpcSession) -> SharedScope {
        Arc::new(CallScope {
            context: self.clone(),
            blocking: (!session.is_local()).then(|| SessionShare::of(&self.0.calls)),
            session,
        })
    }

    /// Returns the first reference that `function` takes and this context cannot supply.
    pub(crate) fn missing_state(&self, function: &FunctionDefinition) -> Option<MissingState> {
        let missing = function.injected().iter().find(|injection| {
            let type_id = injection.wanted();
            type_id != TypeId::of::<Self>()
                && type_id != TypeId::of::<RpcSession>()
                && self.0.state.find(type_id).is_none()
        });
        missing.map(|injection| MissingState {
            type_name: injection.path(),
        })
    }
}

#[diagnostic::do_not_recommend]
impl Inject for DevToolsContext {}

#[diagnostic::do_not_recommend]
impl InjectIntoSetup for DevToolsContext {}

/// The values that calls of one session can take by reference.
struct CallScope {
    context: DevToolsContext,
    session: RpcSession,
    blocking: Option<SessionShare>,
}

impl Scope for CallScope {
    fn find(&self, type_id: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        if type_id == TypeId::of::<DevToolsContext>() {
            Some(&self.context)
        } else if type_id == TypeId::of::<RpcSession>() {
            Some(&self.session)
        } else if type_id == TypeId::of::<Layers>() {
            Some(&self.context.0.settings.options.layers)
        } else {
            #[cfg(feature = "metrics")]
            if type_id == TypeId::of::<CallMetrics>() {
                return self.context.0.settings.metrics.as_ref().map(|it| it as _);
            }
            self.context.0.state.find(type_id)
        }
    }

    fn session(&self) -> Option<u64> {
        Some(self.session.id())
    }

    fn is_layered(&self, function: &str) -> bool {
        !self.context.0.settings.options.layers.is_empty() && is_layered(function)
    }

    fn warnings(&self) -> Warnings {
        self.context.0.settings.options.warnings
    }

    #[cfg(feature = "metrics")]
    fn is_measured(&self, function: &str) -> bool {
        self.context.0.settings.metrics.is_some() && is_layered(function)
    }

    fn has_role(&self, role: &str) -> bool {
        self.session.is_local() || self.session.has_role(role)
    }

    fn reveals_errors(&self) -> bool {
        self.context.0.settings.options.reveal_errors && self.context.mode() == Mode::Dev
    }

    fn blocking(&self) -> Option<SessionShare> {
        self.blocking.clone()
    }

    fn checks_results(&self) -> bool {
        self.context.0.settings.options.check_results
    }
}

/// Returns whether calls of the function of this name pass the layers, and are measured: those of the program's
/// functions, and those that execute a command, because commands belong to the program. Calls of the protocol's other
/// functions do not.
fn is_layered(function: &str) -> bool {
    !is_built_in(function) || function == ExecuteCommand::NAME
}
