//! Views that represent a group of entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A view that represents a group of entries. Its members name it with [`DockEntry::group_id`](crate::DockEntry::group_id).
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{DockEntry, GroupDock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let docks = devtools.context().docks();
/// docks.register(DockEntry::new("tools", "Tools", GroupDock::new().default_child("graph")))?;
/// docks.register(DockEntry::iframe("graph", "Graph", "/__graph/").group_id("tools"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct GroupDock {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_child_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category_order: Option<BTreeMap<String, i32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accent_color: Option<String>,
}

impl GroupDock {
    /// Creates a group without options.
    pub fn new() -> Self {
        Self::default()
    }

    crate::setters! {
        /// Sets the member that opens when the group is chosen.
        pub fn default_child(id: impl Into<String>) { default_child_id = Some(id.into()) }

        /// Sets the colour, in the syntax of CSS.
        pub fn accent_color(color: impl Into<String>) { accent_color = Some(color.into()) }
    }
}
