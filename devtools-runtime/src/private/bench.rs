//! The private steps of a call that benches measure one by one.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::devtools::DevTools;
use crate::dump::hash::hash_payload;
use crate::function::BoxError;
use crate::host::RpcSession;
use crate::peer::{Counters, Dispatcher, Functions};
use crate::wire::{self, Document, FrameText, Payload};

/// Returns whether a frame is an envelope, by reading its fields.
pub fn read_envelope(frame: &str) -> bool {
    FrameText::open(frame).is_ok_and(|text| text.envelope().is_ok())
}

/// Writes structured-clone text.
///
/// # Errors
///
/// If JavaScript has no form for the value.
pub fn encode<T: Serialize>(value: &T) -> Result<String, BoxError> {
    let mut text = String::new();
    wire::write_clone(&mut text, value)?;
    Ok(text)
}

/// Reads structured-clone text.
///
/// # Errors
///
/// If the text is not structured clone, or its value has another type.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, BoxError> {
    Ok(Document::parse(text)?.root().read()?)
}

/// Returns the hash of arguments, from a JSON array of them.
///
/// # Errors
///
/// If the arguments have no hash.
pub fn hash(arguments: &str) -> Result<String, BoxError> {
    Ok(hash_payload(Payload::Json(arguments))?.to_string())
}

/// A dispatcher without a connection.
pub struct DispatchBench(Dispatcher);

impl DispatchBench {
    /// Dispatches to the functions of `devtools`.
    pub fn new(devtools: &DevTools) -> Self {
        let context = devtools.context();
        let scope = context.scope_of(RpcSession::local());
        let functions = Functions::new(context.functions().subscribe(), scope);
        let counters = Arc::new(Counters::default());
        Self(Dispatcher::new(functions, context.limits(), counters))
    }

    /// Returns the reply to a request, if it is ready at once.
    pub fn dispatch(&mut self, frame: &str) -> Option<String> {
        self.0.answer(frame).0
    }
}

crate::debug_impl! { DispatchBench { .. } }
