//! The dump of a function that is defined by a closure.

use std::any::Any;
use std::sync::Arc;

use crate::dump::declared::into_dump::{DumpFuture, IntoDump};
use crate::function::{DefinedDump, DumpOf, RpcFunctionBuilder, SharedScope, ValueWriter, inject};

impl RpcFunctionBuilder {
    /// Sets the records of a query in a static dump ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)). The closure takes the context, and returns a
    /// [`Dump`](crate::Dump) of the handler's types, a future of one, or a future of a `Result` of one. A future owns the parts of the
    /// context that it needs, such as a clone.
    ///
    /// ```
    /// use devtools_runtime::{DevToolsContext, Dump, define_rpc_function};
    ///
    /// let function = define_rpc_function("my-plugin:measure")
    ///     .dump(|ctx: &DevToolsContext| {
    ///         let root = ctx.cwd().display().to_string();
    ///         Dump::inputs([(root,)]).fallback(0)
    ///     })
    ///     .handler(|path: String| path.len());
    /// ```
    pub fn dump<C, A, R, F>(self, dump: F) -> RpcFunctionBuilder<DumpedBy<A, R>>
    where
        C: Any,
        F: ComputeDump<C, A, R>,
    {
        let dump = Arc::new(dump);
        self.with_dump(DumpedBy(Arc::new(move |scope| {
            let dump = Arc::clone(&dump);
            Box::pin(async move {
                let computing = dump.compute(inject::<C>(&scope)?);
                computing.await
            })
        })))
    }
}

/// The dump of a function that takes the arguments `A`, a tuple, and returns `R`: from
/// [`RpcFunctionBuilder::dump`].
pub struct DumpedBy<A, R>(Compute<A, R>);

type Compute<A, R> = Arc<dyn Fn(SharedScope) -> DumpFuture<'static, A, R> + Send + Sync>;

impl<A, R> Clone for DumpedBy<A, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

crate::debug_impl! { <A, R> DumpedBy<A, R> => "a dump" }

impl<A: Send + 'static, R: 'static> DumpOf<A, R> for DumpedBy<A, R> {
    fn defined(self, writer: ValueWriter<A, R>) -> Option<Arc<DefinedDump>> {
        Some(Arc::new(move |scope| {
            let computing = (self.0)(scope);
            Box::pin(async move { computing.await?.written(writer).map(Some) })
        }))
    }
}

/// A closure that computes a dump from the context.
#[diagnostic::on_unimplemented(
    message = "this closure does not compute a dump",
    label = "computes something else",
    note = "it takes `&DevToolsContext`, and returns a `Dump`, a future of one, or a future of a `Result` of one"
)]
pub trait ComputeDump<C, A, R>: Send + Sync + 'static {
    #[doc(hidden)]
    fn compute(&self, context: &C) -> DumpFuture<'static, A, R>;
}

#[diagnostic::do_not_recommend]
impl<C, A, R, F, O> ComputeDump<C, A, R> for F
where
    F: Fn(&C) -> O + Send + Sync + 'static,
    O: IntoDump<A, R> + 'static,
{
    fn compute(&self, context: &C) -> DumpFuture<'static, A, R> {
        self(context).into_dump()
    }
}
