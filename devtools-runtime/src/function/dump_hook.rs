//! The types by which a definition, a setup and a builder hold the dump of a function, which `dump/` computes.

use std::pin::Pin;
use std::sync::Arc;

use crate::function::error::BoxError;
use crate::function::inject::SharedScope;
use crate::function::value_writer::ValueWriter;
use crate::wire::ValueWriteError;

/// The dump of a function without its types.
pub struct WrittenDump {
    /// The arguments of the calls to make, each written when it is taken.
    pub(crate) inputs: Box<dyn Iterator<Item = Result<String, ValueWriteError>> + Send>,
    /// The records that need no call, each with its arguments.
    pub(crate) records: Vec<(String, CallRecord)>,
    /// The answer to every other call.
    pub(crate) fallback: Option<CallRecord>,
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

crate::debug_impl! { WrittenDump as it { records: it.records.len(), fallback, .. } }

/// The record of one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallRecord {
    /// The content of the file. `None` if it could not be written.
    pub(crate) text: Option<String>,
    /// The message of the error that the call failed with.
    pub(crate) failure: Option<String>,
}

/// Computes the dump of a function. `None` if it has none.
pub(crate) type Dumping =
    Pin<Box<dyn Future<Output = Result<Option<WrittenDump>, BoxError>> + Send>>;

/// The option `dump` of an annotated function.
pub(crate) type DumpFn = fn(SharedScope) -> Dumping;

/// The dump of a function that is defined while the program runs.
pub(crate) type DefinedDump = dyn Fn(SharedScope) -> Dumping + Send + Sync;

/// The dump of a function that takes the arguments `A`, a tuple, and returns `R`. `()` stands for no dump.
#[diagnostic::on_unimplemented(
    message = "the dump is not that of this handler",
    label = "the handler takes `{A}` and returns `{R}`",
    note = "a dump is typed by its handler: `Dump<{A}, {R}>`"
)]
pub trait DumpOf<A, R> {
    #[doc(hidden)]
    fn defined(self, writer: ValueWriter<A, R>) -> Option<Arc<DefinedDump>>;
}

impl<A, R> DumpOf<A, R> for () {
    fn defined(self, _: ValueWriter<A, R>) -> Option<Arc<DefinedDump>> {
        None
    }
}
