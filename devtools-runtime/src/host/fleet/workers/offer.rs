//! A function that a worker offers.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::function::FunctionInfo;

/// A function that a worker offers, and the fingerprint of its types.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) info: FunctionInfo,
    pub(crate) fingerprint: String,
}

/// The functions that a process offers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Offers {
    /// The number of the list, which changes with its content. 0 is the empty list.
    pub(crate) version: u64,
    /// The name that the program has given to the process.
    pub(crate) name: Option<String>,
    pub(crate) functions: Vec<Offer>,
}

/// The answer to a process that may know the list already.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Offered {
    /// The list has the version that was named.
    Same,
    Changed(Offers),
}

impl Offer {
    pub(crate) fn new(info: FunctionInfo) -> Self {
        let types = (info.kind, info.encoding, &info.parameters, &info.schema);
        // Names and schemas can always be written.
        let text = serde_json::to_vec(&types).unwrap_or_default();
        let mut fingerprint = String::with_capacity(16);
        for byte in &Sha256::digest(text)[..8] {
            // Writing to a string cannot fail.
            let _ = write!(fingerprint, "{byte:02x}");
        }
        Self { info, fingerprint }
    }
}
