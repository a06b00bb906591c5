//! The dump that the setup of a function returns.

use crate::dump::declared::dump::Dump;
use crate::function::{BoxError, HandlerSignature, Setup, ValueWriter, WriteDump, WrittenDump};

impl<S: HandlerSignature> Setup<S> {
    /// Sets the records of the function in a static dump. The function must be a query; the setup of another kind fails.
    /// This dump wins over the option `dump`, and a warning is logged if there are both.
    pub fn dump(self, dump: Dump<S::Args, S::Returned>) -> Self {
        self.with_dump(dump)
    }
}

impl<S: HandlerSignature> WriteDump<S> for Dump<S::Args, S::Returned> {
    fn write(
        &mut self,
        writer: ValueWriter<S::Args, S::Returned>,
    ) -> Result<WrittenDump, BoxError> {
        self.written(writer)
    }
}
