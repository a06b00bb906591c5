//! Builds a program from the options of its builder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "client")]
use std::task::{Context, Poll, Waker};

use crate::devtools::builder::DevToolsBuilder;
use crate::devtools::collected::{collected, runs_on_client, runs_on_server};
use crate::devtools::error::BuildError;
use crate::devtools::handle::DevTools;
#[cfg(feature = "recording")]
use crate::devtools::recording;
#[cfg(feature = "typescript")]
use crate::devtools::types::write_openrpc;
#[cfg(feature = "inspector")]
use crate::dump::coverage;
#[cfg(feature = "metrics")]
use crate::function::CallMetrics;
#[cfg(feature = "inspector")]
use crate::host::Mode;
use crate::host::{
    Auth, BoxedPlugin, DevToolsContext, InProcess, NoHost, NoOrigin, OriginPattern,
    ServingSettings, Settings, SetupError, join_fleet, patterns, register_builtin,
};
#[cfg(feature = "inspector")]
use crate::inspector;
use crate::protocol::is_built_in;
#[cfg(feature = "recording")]
use crate::recording::RecordingWriter;
use crate::vite;

/// The names of files and folders that mark the root of a workspace.
const WORKSPACE_MARKERS: [&str; 2] = [".git", "pnpm-workspace.yaml"];

impl DevToolsBuilder {
    /// Builds a program without plugins, which waits for nothing.
    #[cfg(feature = "client")]
    pub(crate) fn built_at_once(self) -> Result<DevTools, BuildError> {
        debug_assert!(self.plugins.is_empty(), "plugins may wait");
        let mut context = Context::from_waker(Waker::noop());
        match self.built().as_mut().poll(&mut context) {
            Poll::Ready(built) => built,
            // Only the setup of a plugin can make the future wait, and there are no plugins.
            Poll::Pending => Err(BuildError::Cwd(std::io::ErrorKind::WouldBlock.into())),
        }
    }

    /// Returns a boxed future, so that it is compiled in this crate and not in every program.
    pub(super) fn built(
        self,
    ) -> Pin<Box<dyn Future<Output = Result<DevTools, BuildError>> + Send>> {
        Box::pin(async move {
            check_auth(&self.options.auth)?;
            let settings = ServingSettings {
                base: check_base(self.base)?,
                allowed_origins: origins(&self.allowed_origins)?,
                allowed_hosts: patterns(&self.allowed_hosts)
                    .map_err(|NoHost(host)| BuildError::Host(host))?,
                allowed_frames: origins(&self.allowed_frames)?,
                expose_without_auth: self.expose_without_auth,
                use_workers: self.use_workers,
                process_name: self.process_name,
                quiet: self.quiet,
                #[cfg(feature = "typescript")]
                openrpc: Some(write_openrpc),
                #[cfg(not(feature = "typescript"))]
                openrpc: None,
            };
            let cwd = std::path::absolute(self.cwd.unwrap_or_else(|| PathBuf::from(".")))
                .map_err(BuildError::Cwd)?;
            let workspace_root = match self.workspace_root {
                Some(root) => std::path::absolute(root).map_err(BuildError::Cwd)?,
                None => find_workspace_root(&cwd),
            };
            let mut options = self.options;
            options.root_path = options.root_path.map(check_root_path).transpose()?;
            let is_collected = options.collected;
            let mut client_functions = self.client_functions;
            if is_collected {
                client_functions.extend(collected(runs_on_client));
            }
            client_functions.sort_by(|a, b| a.name().cmp(b.name()));
            // A listed function may have been collected too.
            client_functions.dedup_by(|a, b| a.is_same_function(b));
            #[cfg(feature = "recording")]
            let recorder = match &self.recorder {
                Some(recorder) => Some(RecordingWriter::start(recorder)?),
                None => None,
            };
            let context = DevToolsContext::new(Settings {
                cwd,
                workspace_root,
                limits: Arc::new(self.limits),
                client_functions,
                backplane: self.backplane.unwrap_or_else(|| Arc::new(InProcess::new())),
                #[cfg(feature = "metrics")]
                metrics: self.metrics.then(CallMetrics::described),
                #[cfg(feature = "inspector")]
                traffic: match options.mode {
                    Mode::Dev => self.inspector.traffic_log(),
                    Mode::Build => None,
                },
                #[cfg(feature = "recording")]
                frame_sink: recorder.clone().map(|recorder| recorder as _),
                options,
            });
            #[cfg(feature = "recording")]
            if let Some(recorder) = recorder {
                recording::attach(&context, recorder);
            }

            register_builtin(&context)?;
            let joined = join_fleet(&context).await?;
            vite::register(&context, self.vite_config)?;
            #[cfg(feature = "inspector")]
            {
                inspector::register(&context, self.inspector)?;
                coverage::register(&context)?;
            }
            if is_collected {
                for function in collected(runs_on_server) {
                    context.rpc().register(function)?;
                }
            }
            for function in self.functions {
                context.rpc().register(function)?;
            }
            set_up(&self.plugins, &context).await?;
            check_state(&context)?;
            let functions = context.rpc().list();
            let own = functions.iter().filter(|it| !is_built_in(it.name()));
            let own = own.count();
            if is_collected && own == 0 {
                tracing::warn!(
                    "the program has no functions: a crate that it depends on and never names is not linked, so write \
                     `use my_functions as _;`"
                );
            }
            tracing::debug!(functions = own, "built");
            Ok(DevTools::new(context, settings, joined))
        })
    }
}

/// Sets the plugins up, one after the other, and then lets each of them check the context that all have set up.
async fn set_up(plugins: &[BoxedPlugin], context: &DevToolsContext) -> Result<(), BuildError> {
    check_plugins(plugins)?;
    for plugin in plugins {
        let set_up = plugin.setup(context).await;
        set_up.map_err(failed(plugin))?;
    }
    for plugin in plugins {
        plugin.check(context).map_err(failed(plugin))?;
    }
    Ok(())
}

/// Refuses functions that need state that no plugin has added.
fn check_state(context: &DevToolsContext) -> Result<(), BuildError> {
    for function in context.rpc().list() {
        if let Some(missing) = context.missing_state(&function) {
            let (function, location) = (function.name().to_owned(), function.location());
            return Err(BuildError::MissingState {
                function,
                location,
                missing,
            });
        }
    }
    Ok(())
}

/// Refuses an empty token, which every client has. It usually comes from a variable that is not set.
fn check_auth(auth: &Auth) -> Result<(), BuildError> {
    match auth {
        Auth::Gated(gate) if gate.fixed.iter().any(|token| token.secret.is_empty()) => {
            Err(BuildError::EmptyToken)
        }
        _ => Ok(()),
    }
}

/// Refuses plugins that share a name, because messages identify plugins by name.
fn check_plugins(plugins: &[BoxedPlugin]) -> Result<(), BuildError> {
    let mut names = HashSet::new();
    for plugin in plugins {
        if !names.insert(plugin.name()) {
            return Err(BuildError::DuplicatePlugin(plugin.name().to_owned()));
        }
    }
    Ok(())
}

fn check_base(base: String) -> Result<String, BuildError> {
    let is_path = base.starts_with('/') && base.ends_with('/') && !base.contains("//");
    if is_path {
        Ok(base)
    } else {
        Err(BuildError::Base(base))
    }
}

fn check_root_path(path: String) -> Result<String, BuildError> {
    let trimmed = path.trim_end_matches('/');
    let is_path = trimmed.is_empty() || trimmed.starts_with('/');
    if is_path && !trimmed.contains("//") && !trimmed.contains(['?', '#']) {
        Ok(trimmed.to_owned())
    } else {
        Err(BuildError::RootPath(path))
    }
}

fn origins(origins: &[String]) -> Result<Vec<OriginPattern>, BuildError> {
    patterns(origins).map_err(|NoOrigin(origin)| BuildError::Origin(origin))
}

fn find_workspace_root(cwd: &Path) -> PathBuf {
    let is_root = |folder: &&Path| {
        WORKSPACE_MARKERS
            .iter()
            .any(|name| folder.join(name).exists())
    };
    cwd.ancestors().find(is_root).unwrap_or(cwd).to_owned()
}

/// Names the plugin in the error of its setup.
fn failed(plugin: &BoxedPlugin) -> impl FnOnce(SetupError) -> BuildError {
    let plugin = plugin.name().to_owned();
    |source| BuildError::Plugin { plugin, source }
}
