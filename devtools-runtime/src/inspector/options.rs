//! The options of the inspector.

use std::sync::Arc;

use crate::inspector::editor::{Editor, EditorLauncher};
use crate::peer::TrafficLog;
use crate::state::StateHistory;

/// The options of the inspector, for [`DevToolsBuilder::inspector`](crate::DevToolsBuilder::inspector). Created from `true` or `false`, they
/// turn it on or off.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::inspector::Inspector;
///
/// let builder = DevTools::builder().inspector(Inspector::new().traffic_frames(500));
/// let without = DevTools::builder().inspector(false);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "options do nothing until a builder has them"]
pub struct Inspector {
    is_on: bool,
    traffic_frames: usize,
    traffic_bytes: usize,
    state_changes: usize,
    state_bytes: usize,
    editor: Option<Editor>,
}

impl Inspector {
    /// Creates options for an inspector that is on.
    pub const fn new() -> Self {
        Self {
            is_on: true,
            traffic_frames: 2000,
            traffic_bytes: 8 << 20,
            state_changes: 500,
            state_bytes: 4 << 20,
            editor: None,
        }
    }

    crate::setters! {
        /// Sets how many frames are recorded while a page shows the traffic. Default: 2000. A further frame replaces the oldest one, and
        /// the page shows how many it has missed. Between two questions of the page, at most 1000 frames are recorded.
        pub fn traffic_frames(frames: usize) { traffic_frames = frames }

        /// Sets how many bytes these frames may have. Default: 8 MiB. Further frames replace the oldest ones. A frame counts for 128 bytes
        /// more than its text, and a frame that is larger than this is not recorded.
        pub fn traffic_bytes(bytes: usize) { traffic_bytes = bytes }

        /// Sets how many changes of shared states are kept, with the session that has made each. Default: 500. A further change replaces the
        /// oldest one.
        pub fn state_changes(changes: usize) { state_changes = changes }

        /// Sets how many bytes the values of these changes may have, before and after them together. Default: 4 MiB. Further changes replace the oldest
        /// ones. A change with larger values is kept without them.
        pub fn state_bytes(bytes: usize) { state_bytes = bytes }

        /// Sets the editor that a trusted page opens the source files of functions in. Default: none, so that no page starts a program. The page
        /// names a function, never a path.
        ///
        /// ```
        /// use devtools_runtime::DevTools;
        /// use devtools_runtime::inspector::{Editor, Inspector};
        ///
        /// let editor: Editor = "code --new-window".parse()?;
        /// let builder = DevTools::builder().inspector(Inspector::new().editor(editor));
        /// # Ok::<(), devtools_runtime::inspector::NoEditor>(())
        /// ```
        pub fn editor(editor: Editor) { editor = Some(editor) }
    }

    /// Returns the record of frames for a context, or `None` if the inspector is off.
    pub(crate) fn traffic_log(&self) -> Option<Arc<TrafficLog>> {
        let log = || TrafficLog::new(self.traffic_frames, self.traffic_bytes);
        self.is_on.then(|| Arc::new(log()))
    }

    /// Returns the record of the changes of shared states.
    pub(crate) fn state_history(&self) -> Arc<StateHistory> {
        let history = StateHistory::new(self.state_changes, self.state_bytes);
        Arc::new(history)
    }

    /// Returns the launcher that opens source files, if there is an editor.
    pub(crate) fn launcher(self) -> Option<EditorLauncher> {
        self.editor.map(EditorLauncher::new)
    }
}

crate::default_is_new!(Inspector);

impl From<bool> for Inspector {
    fn from(is_on: bool) -> Self {
        Self {
            is_on,
            ..Self::new()
        }
    }
}
