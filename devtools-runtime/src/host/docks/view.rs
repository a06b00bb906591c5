//! The kinds of views that a dock entry can open, and their serialization.

use serde::{Deserialize, Serialize};

use crate::host::docks::group::GroupDock;
use crate::host::docks::json_render::JsonRenderDock;
use crate::host::docks::launcher::LauncherDock;
use crate::host::docks::page::IframeDock;
use crate::host::docks::script::{ActionDock, ClientScript, CustomRenderDock};

/// The view that opens when a user chooses an entry.
///
/// ```
/// use devtools_runtime::DockEntry;
/// use devtools_runtime::docks::DockView;
///
/// /// Counts the entries that open a page.
/// fn pages(entries: &[DockEntry]) -> usize {
///     entries.iter().filter(|entry| matches!(entry.view(), DockView::Iframe(_))).count()
/// }
///
/// let entries = [DockEntry::iframe("docs", "Docs", "/__docs/"), DockEntry::new("~x", "X", DockView::Builtin)];
/// assert_eq!(pages(&entries), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DockView {
    /// A page in a frame.
    Iframe(IframeDock),
    /// A script that runs in the inspected page.
    Action(ActionDock),
    /// A panel that a script renders.
    CustomRender(CustomRenderDock),
    /// A button that starts something.
    Launcher(LauncherDock),
    /// A panel that JSON describes.
    JsonRender(JsonRenderDock),
    /// A group of entries.
    Group(GroupDock),
    /// A view that is built into the interface.
    #[serde(rename = "~builtin")]
    Builtin,
}

impl DockView {
    /// Returns the script that the interface may import for the view.
    pub(super) fn script(&self) -> Option<&ClientScript> {
        match self {
            Self::Iframe(page) => page.client_script.as_ref(),
            Self::Action(action) => Some(&action.action),
            Self::CustomRender(panel) => Some(&panel.renderer),
            _ => None,
        }
    }
}

macro_rules! views {
    ($($variant:ident($view:ident)),*) => {$(
        impl From<$view> for DockView {
            fn from(view: $view) -> Self {
                Self::$variant(view)
            }
        }
    )*};
}

views! {
    Iframe(IframeDock), Action(ActionDock), CustomRender(CustomRenderDock), Launcher(LauncherDock),
    JsonRender(JsonRenderDock), Group(GroupDock)
}
