//! Views that are described in JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A view that is described in JSON. The interface needs a renderer for `json-render`, which
/// [`Docks::renderer`](crate::docks::Docks::renderer) sets.
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
