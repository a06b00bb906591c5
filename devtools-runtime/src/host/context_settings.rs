//! The settings of a context.

use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "metrics")]
use crate::function::CallMetrics;
use crate::function::{FunctionDefinition, Layers, Warnings};
use crate::host::backplane::Backplane;
use crate::host::mode::Mode;
use crate::host::trust::Auth;
use crate::peer::Limits;

/// The options of a program that the builder takes and a context reads.
#[derive(Debug, Default)]
pub(crate) struct ContextOptions {
    pub(crate) mode: Mode,
    /// The path below which browsers see the paths of the program. In a context it begins with a slash and ends without
    /// one, and is empty at the root of a server. `None` if it is not known.
    pub(crate) root_path: Option<String>,
    /// Whether results are validated, if their types have rules.
    pub(crate) check_results: bool,
    /// Whether callers may read the text of panics and of internal errors, in `Mode::Dev`.
    pub(crate) reveal_errors: bool,
    /// The fixed configuration that clients get with the metadata.
    pub(crate) configs: serde_json::Map<String, serde_json::Value>,
    /// Whether the annotated functions, channels and states of the program are collected.
    pub(crate) collected: bool,
    /// The name and version of the program's package, if the program gives them.
    #[cfg(any(feature = "cli", feature = "typescript"))]
    pub(crate) package: Option<(String, String)>,
    /// The TypeScript names that the program gives to types, by schema id.
    #[cfg(feature = "typescript")]
    pub(crate) type_names: std::collections::BTreeMap<String, String>,
    pub(crate) auth: Auth,
    /// The layers around the calls of the program's functions.
    pub(crate) layers: Layers,
    /// The warnings that the program wants about its calls.
    pub(crate) warnings: Warnings,
    /// The folder that stores settings. `None` means the default folders.
    pub(crate) storage: Option<PathBuf>,
}

/// The settings of a context: the options of the program, and the values that the builder has made from further options.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) options: ContextOptions,
    pub(crate) cwd: PathBuf,
    pub(crate) workspace_root: PathBuf,
    pub(crate) limits: Arc<Limits>,
    /// The client functions that the program declares, for listings and TypeScript declarations.
    pub(crate) client_functions: Vec<FunctionDefinition>,
    /// The connection to the other processes of the program.
    pub(crate) backplane: Arc<dyn Backplane>,
    /// The metrics of calls, if calls are counted and timed.
    #[cfg(feature = "metrics")]
    pub(crate) metrics: Option<CallMetrics>,
    /// The record of frames for the inspector. `None` if there is no inspector.
    #[cfg(feature = "inspector")]
    pub(crate) traffic: Option<Arc<crate::peer::TrafficLog>>,
    /// The receiver of all frames, if the sessions are recorded.
    #[cfg(feature = "recording")]
    pub(crate) frame_sink: Option<Arc<dyn crate::peer::FrameSink>>,
}
