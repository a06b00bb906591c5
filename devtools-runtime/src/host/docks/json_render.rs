//! Views that are described in JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A view that is described in JSON. The interface needs a renderer for `json-render`, which
/// [`Docks::renderer`](crate::docks::Docks::renderer) sets.
///
/// ```
/// use devtools_runtime::docks::{DockEntry, JsonRenderDock};
/// use devtools_runtime::DevTools;
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let ctx = devtools.context();
/// let view = |text: &str| json!({
///     "root": "text",
///     "elements": { "text": { "type": "Text", "props": { "text": text }, "children": [] } },
/// });
/// let state = ctx.rpc().shared_state("my-plugin:view", view("nothing yet"))?;
/// ctx.docks().register(DockEntry::new("report", "Report", JsonRenderDock::state("my-plugin:view")))?;
///
/// state.set(view("3 problems"))?; // the interface shows it at once
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct JsonRenderDock {
    view: JsonView,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum JsonView {
    State {
        #[serde(rename = "stateKey")]
        state_key: String,
    },
    Spec {
        spec: Value,
    },
}

impl JsonRenderDock {
    /// Shows the view that the shared state of this key describes.
    pub fn state(key: impl Into<String>) -> Self {
        let state_key = key.into();
        Self {
            view: JsonView::State { state_key },
        }
    }

    /// Shows the view that `spec` describes.
    pub fn spec(spec: impl Into<Value>) -> Self {
        let spec = spec.into();
        Self {
            view: JsonView::Spec { spec },
        }
    }
}
