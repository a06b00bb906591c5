//! Dumps of functions without their types.

use std::fmt;
use std::pin::Pin;

use crate::function::error::BoxError;
use crate::function::inject::SharedScope;
use crate::function::reply::Outcome;
use crate::wire::WriteError;

/// A dump without its types.
pub struct WrittenDump {
    /// The arguments of the calls to be made, each written as its turn comes.
    pub(crate) inputs: Box<dyn Iterator<Item = Result<String, WriteError>> + Send>,
    /// What is kept without a call, beside the arguments.
    pub(crate) records: Vec<(String, KeptRecord)>,
    /// What any other call gets.
    pub(crate) fallback: Option<KeptRecord>,
}

impl WrittenDump {
    /// The arguments of the calls to be made: for tests.
    pub fn into_inputs(self) -> Vec<String> {
        self.inputs.filter_map(Result::ok).collect()
    }

    /// The file of the fallback: for tests.
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_ref()?.text.as_deref()
    }
}

impl fmt::Debug for WrittenDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenDump")
            .field("records", &self.records.len())
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

/// What a dump keeps of a call, written.
#[derive(Debug, Clone)]
pub(crate) struct KeptRecord {
    /// The content of the file; nothing if it could not be written.
    pub(crate) text: Outcome,
    /// What the call failed with.
    pub(crate) failure: Option<String>,
}

/// Computes what a dump is to hold.
pub(crate) type DumpFn = fn(SharedScope) -> Dumping;

/// Computes what a dump is to hold of a function that is defined while the program runs.
pub(crate) type DefinedDump = dyn Fn(SharedScope) -> Dumping + Send + Sync;

pub(crate) type Dumping =
    Pin<Box<dyn Future<Output = Result<Option<WrittenDump>, BoxError>> + Send>>;
