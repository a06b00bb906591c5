//! The functions for shared state ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::wire::js;

functions! {
    /// Subscribes to the changes of a shared state.
    SubscribeState = "devframe:rpc:server-state:subscribe", Event, Server, Json,
    (key: String) -> ();

    /// Reads a shared state. Returns `undefined` if no state has this key.
    GetState = "devframe:rpc:server-state:get", Query, Server, StructuredClone,
    (key: String) -> js::Value;

    /// Replaces the value of a shared state with `value`. Creates the state if no state has this key.
    SetState<T> = "devframe:rpc:server-state:set", Action, Server, StructuredClone,
    (key: String, value: T, sync_id: Option<String>) -> js::Undefined;

    /// Changes parts of a shared state.
    PatchState = "devframe:rpc:server-state:patch", Action, Server, StructuredClone,
    (key: String, patches: Vec<Patch>, sync_id: Option<String>) -> js::Undefined;

    /// Tells a client the new value of a shared state.
    StateUpdated<T> = "devframe:rpc:client-state:updated", Event, Client, StructuredClone,
    (key: String, value: T, sync_id: Option<String>) -> ();

    /// Tells a client the patches of a shared state.
    StatePatched = "devframe:rpc:client-state:patch", Event, Client, StructuredClone,
    (key: String, patches: Vec<Patch>, sync_id: Option<String>) -> ();
}

/// A change of one part of a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Patch {
    pub(crate) op: Op,
    /// The path from the root to the part.
    pub(crate) path: Vec<Step>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub(crate) value: Option<js::Value>,
}

/// Deserializes a value that is present, which `null` is too.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<js::Value>, D::Error> {
    js::Value::deserialize(deserializer).map(Some)
}

/// The operation of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    Add,
    Replace,
    Remove,
}

/// One step of a path: into an array, or an object or a `Map`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Index(u32),
    Name(String),
}

impl Step {
    /// Returns the name of the property that the step leads to in an object.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Index(index) => index.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An untagged enum cannot read the numbers of `serde_json` if the program enables its feature
        // `arbitrary_precision`.
        let step = js::Value::deserialize(deserializer)?;
        let index = step
            .as_integer()
            .and_then(|index| u32::try_from(index).ok());
        match (index, step) {
            (Some(index), _) => Ok(Self::Index(index)),
            (None, js::Value::String(name)) => Ok(Self::Name(name)),
            _ => Err(D::Error::custom("a step of a path is an index or a name")),
        }
    }
}
