//! Views that are pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::host::docks::script::{ClientScript, is_false};

/// A view that shows a page.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{DockEntry, IframeDock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let page = IframeDock::new("/__my-plugin/").address_bar();
/// devtools.context().docks().register(DockEntry::new("my-plugin", "My plugin", page))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct IframeDock {
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_script: Option<ClientScript>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nav_target: Option<NavTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub_tabs: Option<SubTabs>,
    #[serde(default, skip_serializing_if = "is_false")]
    address_bar: bool,
}

/// The location within a shared page that an entry opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NavTarget {
    path: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<String, Value>,
}

/// The protocol by which a page reports its own tabs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubTabs {
    protocol: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handshake_timeout_ms: Option<u32>,
}

impl IframeDock {
    /// Shows the page at this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            frame_id: None,
            client_script: None,
            nav_target: None,
            sub_tabs: None,
            address_bar: false,
        }
    }

    crate::setters! {
        /// Shows the page in one frame together with all entries that use the same frame id.
        pub fn frame_id(frame: impl Into<String>) { frame_id = Some(frame.into()) }

        /// Adds a script that runs in the inspected page.
        pub fn client_script(script: ClientScript) { client_script = Some(script) }
    }

    /// Sets the location within the shared frame that the entry opens.
    pub fn nav_target(mut self, path: impl Into<String>) -> Self {
        self.nav_target = Some(NavTarget {
            path: path.into(),
            query: BTreeMap::new(),
        });
        self
    }

    /// Lets the page report its tabs. The interface shows each of them as an entry.
    pub fn sub_tabs(mut self) -> Self {
        self.sub_tabs = Some(SubTabs {
            protocol: "postmessage".to_owned(),
            handshake_timeout_ms: None,
        });
        self
    }

    /// Shows the address of the page in a bar.
    pub fn address_bar(mut self) -> Self {
        self.address_bar = true;
        self
    }
}
