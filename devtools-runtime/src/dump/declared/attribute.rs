//! The option `dump` of an annotated function.

use crate::dump::declared::dump::Dump;
use crate::function::{
    BoxError, Dumping, FunctionDefinition, Returned, RpcFunction, ShapeOf, SharedScope,
};

/// A query with the option `dump`: a function computes its dump.
///
/// [`#[rpc_function(dump = path)]`](macro@crate::rpc_function) implements this.
pub trait Dumped: RpcFunction {
    /// The return type of the query, taken apart.
    type Returned: Returned<Output = Self::Output, Error = Self::Error>;

    /// Computes the dump.
    fn dump(
        scope: SharedScope,
    ) -> impl Future<
        Output = Result<Dump<Self::Args, <Self::Returned as Returned>::Written>, BoxError>,
    > + Send;
}

impl FunctionDefinition {
    /// Returns the definition with the function that computes its dump.
    #[must_use]
    pub const fn dumped<F: Dumped>(self) -> Self {
        self.with_dump(dump::<F>)
    }
}

/// Computes the dump of `F`.
fn dump<F: Dumped>(scope: SharedScope) -> Dumping {
    Box::pin(async move {
        let mut dump = F::dump(scope).await?;
        dump.written(ShapeOf::<F, F::Returned>::WRITER).map(Some)
    })
}
