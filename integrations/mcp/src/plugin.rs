//! The plugin that offers functions to agents.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use devtools_runtime::context::Route;
use devtools_runtime::{DevToolsContext, DevToolsPlugin, RpcFunction, Server, SetupError};
use tokio::sync::watch;

use crate::confirm::{AgentCall, Confirmation};
use crate::http;
use crate::instance::InstanceFile;
use crate::tools::Tools;

/// The path of the route below the mount, and its name in the metadata.
const PATH: &str = "__mcp";
const METADATA: &str = "mcp";

/// A plugin that offers the functions with the option `agent` to coding agents, as tools of the Model Context Protocol.
///
/// Its route is `__mcp` below the mount of the functions. It answers only requests from this machine; [`remote`](Self::remote) changes
/// that.
///
/// ```
/// use devtools_mcp::Mcp;
/// use devtools_runtime::DevTools;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mcp = Mcp::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
///     .instructions("Ask for the modules first.");
/// let devtools = DevTools::builder().plugin(mcp).build().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a plugin works once a builder has it"]
pub struct Mcp {
    options: Options,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) instructions: Option<String>,
    pub(crate) remote: bool,
    pub(crate) confirmation: Option<Confirmation>,
    pub(crate) request_bytes: usize,
    pub(crate) stream_bytes: usize,
    states: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// Sends a value for each shared state that is created.
    pub(crate) new_states: watch::Sender<()>,
}

impl Options {
    /// Returns whether agents may read the shared state with this key.
    pub(crate) fn exposes_state(&self, key: &str) -> bool {
        (self.states)(key)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}

impl Mcp {
    /// Creates the plugin with the name and the version of the program, which agents show.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            options: Options {
                name: name.into(),
                version: version.into(),
                instructions: None,
                remote: false,
                confirmation: None,
                request_bytes: 4 * 1024 * 1024,
                stream_bytes: 1024 * 1024,
                states: Arc::new(|_| false),
                new_states: watch::Sender::default(),
            },
        }
    }

    /// Sets a text about the program for agents: what it is for, and which tools to begin with. Default: none.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.options.instructions = Some(instructions.into());
        self
    }

    /// Answers agents on other machines too. With a gate they need a token of it. Without a gate, every machine that reaches the
    /// server may call, so such a server binds only loopback addresses, unless
    /// [`expose_without_auth`](devtools_runtime::DevToolsBuilder::expose_without_auth) allows others. Default: requests from other
    /// machines are refused.
    pub fn remote(mut self) -> Self {
        self.options.remote = true;
        self
    }

    /// Sets the largest request over HTTP, in bytes. Default: 4 MiB. A larger one is answered with the status 413.
    pub fn request_bytes(mut self, bytes: usize) -> Self {
        self.options.request_bytes = bytes;
        self
    }

    /// Sets how much of a stream is the result of a tool, in bytes of its chunks. Default: 1 MiB. A longer stream is cancelled there,
    /// and the result says so.
    pub fn stream_bytes(mut self, bytes: usize) -> Self {
        self.options.stream_bytes = bytes;
        self
    }

    /// Lets agents read the shared states whose keys `may_read` accepts, as resources. Default: none.
    ///
    /// ```
    /// # use devtools_mcp::Mcp;
    /// let mcp = Mcp::new("my-tool", "1.0.0").states(|key| key.starts_with("my-tool:"));
    /// ```
    pub fn states(mut self, may_read: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.options.states = Arc::new(may_read);
        self
    }

    /// Has the user of a panel confirm each call of a destructive function, by a function of the client that answers whether the call
    /// may run. All panels are asked, and the first answer counts. Without a panel, the call fails. Default: destructive functions
    /// run without a question.
    ///
    /// ```
    /// use devtools_mcp::{AgentCall, Mcp};
    /// use devtools_runtime::rpc_function;
    ///
    /// /// Asks the user whether an agent may call a function.
    /// #[rpc_function(name = "my-tool:confirm", kind = "action", side = "client")]
    /// async fn confirm(call: AgentCall) -> bool;
    ///
    /// let mcp = Mcp::new("my-tool", "1.0.0").confirmed_by::<Confirm>();
    /// ```
    pub fn confirmed_by<F: RpcFunction<Args = (AgentCall,), Output = bool>>(mut self) -> Self {
        self.options.confirmation = Some(Confirmation::by::<F>());
        self
    }

    /// Sets how long the user may take to confirm a call, which then fails. Default: five minutes. Without
    /// [`confirmed_by`](Self::confirmed_by), nothing is confirmed.
    pub fn confirmed_within(mut self, patience: Duration) -> Self {
        if let Some(confirmation) = &mut self.options.confirmation {
            confirmation.patience = patience;
        }
        self
    }

    pub(crate) fn options(&self) -> Arc<Options> {
        Arc::new(self.options.clone())
    }
}

impl DevToolsPlugin for Mcp {
    fn name(&self) -> &'static str {
        "devtools-mcp"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let options = self.options();
        let route = Route::new(PATH, move |request| {
            http::respond(request, Arc::clone(&options))
        });
        ctx.add_route(route.announced_as(METADATA))?;
        let options = self.options();
        ctx.on_listen(move |server: &Server| InstanceFile::write(server, &options, PATH));
        let options = self.options();
        let states = ctx.rpc().shared_states();
        states.on_key_added(move |key| {
            if options.exposes_state(key) {
                options.new_states.send_replace(());
            }
        });
        Ok(())
    }

    fn check(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let channels = ctx.rpc().streaming().names();
        for function in ctx.agents().functions() {
            let stream = function.agent().and_then(|agent| agent.stream());
            if let Some(channel) = stream.filter(|it| !channels.iter().any(|name| name == it)) {
                let name = function.name();
                tracing::warn!(
                    "agents get the stream of `{name}` from the channel `{channel}`, which does not exist yet"
                );
            }
        }
        match Tools::of(ctx).collision() {
            Some(collision) => Err(collision.clone().into()),
            None => Ok(()),
        }
    }
}
