//! The handle of a context to the Vite process: its coming and going, and its events.

use tokio::sync::watch;

use crate::host::{DevToolsContext, Mode};
use crate::protocol::vite::{FileEvent, HotUpdate, TransformEvent, ViteConfig};
use crate::vite::attachments::Attachments;
use crate::vite::server::ViteServer;

/// Waits for Vite to attach, and listens to its events. From [`DevToolsContext::vite`].
///
/// ```
/// use devtools_runtime::{DevToolsContext, DevToolsPlugin, SetupError};
///
/// struct Watcher;
///
/// impl DevToolsPlugin for Watcher {
///     fn name(&self) -> &str {
///         "watcher"
///     }
///
///     async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
///         ctx.vite().on_file_event(|file| println!("{:?} {}", file.event, file.path.display()));
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Vite<'a> {
    context: &'a DevToolsContext,
}

impl DevToolsContext {
    /// Returns the latest configuration of the Vite project that the program belongs to, or `None` until a Vite process has sent it.
    ///
    /// A program that a Vite plugin has started knows the configuration from the start. It stays known when Vite is
    /// gone.
    pub fn vite_config(&self) -> Option<&ViteConfig> {
        Attachments::of(self).config()
    }

    /// Returns the Vite server that is attached to the program, or `None` before a Vite process has attached, after it is gone, and in
    /// [`Mode::Build`].
    pub fn vite_server(&self) -> Option<ViteServer> {
        (self.mode() == Mode::Dev)
            .then(|| Attachments::of(self).current())
            .flatten()
    }

    /// Returns the methods that wait for Vite to attach and listen to its events.
    pub fn vite(&self) -> Vite<'_> {
        Vite { context: self }
    }
}

impl Vite<'_> {
    /// Waits until a Vite server is attached, and returns it. Returns at once if there is one.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn attached(self) -> ViteServer {
        let mut current = self.watch();
        loop {
            if let Some(server) = current.borrow_and_update().clone() {
                return server;
            }
            // The sender lives as long as the context, which the caller borrows.
            if current.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Returns a receiver of the attached server: `Some` while there is one, `None` before and after. If several Vite processes are
    /// attached, it is the one that was attached last.
    pub fn watch(self) -> watch::Receiver<Option<ViteServer>> {
        Attachments::of(self.context).watch()
    }

    /// Calls `listener` with each change that Vite's watcher sees from now on, also after Vite has restarted.
    ///
    /// It runs in the task of the connection, so work that takes time belongs into a task of its own. Hundreds of files may change at
    /// once: note the changes, and let a task tell clients of all of them, instead of changing a shared state for each.
    pub fn on_file_event(self, listener: impl Fn(&FileEvent) + Send + Sync + 'static) {
        Attachments::of(self.context).files().add(listener);
    }

    /// Calls `listener` with each hot update from now on, also after Vite has restarted.
    ///
    /// It runs in the task of the connection, so work that takes time belongs into a task of its own.
    pub fn on_hot_update(self, listener: impl Fn(&HotUpdate) + Send + Sync + 'static) {
        Attachments::of(self.context).updates().add(listener);
    }

    /// Calls `listener` with each module that Vite transforms from now on. When Vite attaches, it first reports the modules that it
    /// has transformed before, so a listener of a plugin's `setup` learns of all modules.
    ///
    /// It runs in the task of the connection, so work that takes time belongs into a task of its own.
    pub fn on_transform(self, listener: impl Fn(&TransformEvent) + Send + Sync + 'static) {
        Attachments::of(self.context).transforms().add(listener);
    }
}
