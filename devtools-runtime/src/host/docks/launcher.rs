//! Views with a button that starts something.

use serde::{Deserialize, Serialize};

/// A view with a button that starts something.
///
/// ```
/// use devtools_runtime::docks::{Command, DockEntry, LauncherDock};
/// use devtools_runtime::{DevTools, js};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let ctx = devtools.context();
/// let command = Command::new("my-plugin:start", "Start the server");
/// ctx.commands().register(command, |_arguments| async { Ok(js::Value::Undefined) })?;
///
/// let launcher = LauncherDock::new("Start the server").command("my-plugin:start").button("Start");
/// ctx.docks().register(DockEntry::new("server", "Server", launcher))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct LauncherDock {
    launcher: Launcher,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Launcher {
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<LauncherStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    button_start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    button_loading: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terminal_session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// The progress of a launcher.
///
/// ```
/// use devtools_runtime::docks::{DockEntry, LauncherDock, LauncherStatus};
///
/// /// The entry of a server that is started by a click.
/// fn entry(status: LauncherStatus) -> DockEntry {
///     let launcher = LauncherDock::new("Start the server")
///         .command("my-plugin:start")
///         .button_loading("Starting")
///         .status(status);
///     DockEntry::new("server", "Server", launcher)
/// }
///
/// let json = serde_json::to_value(entry(LauncherStatus::Loading)).unwrap();
/// assert_eq!(json["launcher"]["status"], "loading");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LauncherStatus {
    /// It has not been started.
    Idle,
    /// It is being started.
    Loading,
    /// It has been started.
    Success,
    /// It could not be started.
    Error,
}

impl LauncherDock {
    /// Creates a launcher with this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            launcher: Launcher {
                title: title.into(),
                status: None,
                description: None,
                icon: None,
                button_start: None,
                button_loading: None,
                error: None,
                command: None,
                terminal_session_id: None,
                digest: None,
            },
        }
    }

    crate::setters! {
        /// Sets the command that the button runs.
        pub fn command(id: impl Into<String>) { launcher.command = Some(id.into()) }

        /// Sets the progress that the button shows.
        pub fn status(status: LauncherStatus) { launcher.status = Some(status) }

        /// Sets the text that explains the launcher to a user.
        pub fn description(description: impl Into<String>) { launcher.description = Some(description.into()) }

        /// Sets the text of the button.
        pub fn button(start: impl Into<String>) { launcher.button_start = Some(start.into()) }

        /// Sets the text of the button while it starts something.
        pub fn button_loading(loading: impl Into<String>) { launcher.button_loading = Some(loading.into()) }

        /// Sets the error that is shown if it could not be started.
        pub fn error(error: impl Into<String>) { launcher.error = Some(error.into()) }
    }
}
