//! A function that a worker offers.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::function::FunctionInfo;

/// A function that a worker offers, and the fingerprint of its types.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OfferedFunction {
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
    pub(crate) functions: Vec<OfferedFunction>,
}

/// The number of bytes of functions in one answer. The last function may exceed it.
const PAGE_BYTES: usize = 256 * 1024;

/// The answer to a process that may know the list already.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Offered {
    /// The list has the version that was named.
    Same,
    /// A part of the list, and whether it is the last one.
    Changed { part: Offers, is_last: bool },
}

impl Offers {
    /// Returns the answer to a process that knows the list `known`, and the functions of this one before `from`.
    pub(crate) fn answer(&self, known: u64, from: usize) -> Offered {
        if self.version == known {
            return Offered::Same;
        }
        let mut bytes = 0;
        let functions = self.functions.iter().skip(from).take_while(|it| {
            let is_room = bytes < PAGE_BYTES;
            // Names and schemas can always be written.
            bytes += serde_json::to_vec(it).map_or(0, |text| text.len());
            is_room
        });
        let functions: Vec<OfferedFunction> = functions.cloned().collect();
        Offered::Changed {
            is_last: from.saturating_add(functions.len()) >= self.functions.len(),
            part: Self {
                version: self.version,
                name: self.name.clone(),
                functions,
            },
        }
    }
}

impl OfferedFunction {
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
