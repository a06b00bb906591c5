//! What a static dump is to hold of a query: said in the types of the function, kept without them.

use std::pin::Pin;

use crate::function::handler::finish;
use crate::function::{
    BoxError, FailedCall, Outcome, Positional, ReplyTo, Returned, RpcFunction, SharedScope,
};
use crate::wire::{self, RequestId};

/// What a static dump holds of a query that takes the arguments `A`, a tuple, and returns `R`.
///
/// ```standalone_crate
/// use devtools_runtime::{DevToolsContext, Dump, PluginState, rpc_function};
///
/// #[derive(PluginState)]
/// struct Graph(Vec<String>);
///
/// #[rpc_function(name = "my-plugin:get-size", dump = dump_sizes)]
/// async fn get_size(graph: &Graph, id: String) -> Option<usize> {
///     graph.0.contains(&id).then_some(id.len())
/// }
///
/// fn dump_sizes(ctx: &DevToolsContext) -> Dump<(String,), Option<usize>> {
///     let ids = ctx.state::<Graph>().map(|graph| graph.0.clone()).unwrap_or_default();
///     Dump::inputs(ids.into_iter().map(|id| (id,))).fallback(None)
/// }
/// ```
#[derive(Debug)]
#[must_use = "a dump does nothing until it is returned"]
pub struct Dump<A, R> {
    inputs: Vec<A>,
    fallback: Fallback<R>,
}

#[derive(Debug)]
enum Fallback<R> {
    None,
    Returned(R),
    /// The reply that says it: to write it takes the value.
    Written(Outcome),
}

impl<A, R> Dump<A, R> {
    /// The function is called with each of these, and what it returns is kept. None at all is fine.
    pub fn inputs(inputs: impl IntoIterator<Item = A>) -> Self {
        Self {
            inputs: inputs.into_iter().collect(),
            fallback: Fallback::None,
        }
    }

    /// What a call with any other arguments returns. Without it, such a call fails.
    pub fn fallback(self, returned: R) -> Self {
        Self {
            fallback: Fallback::Returned(returned),
            ..self
        }
    }
}

/// A dump without its types.
#[derive(Debug)]
pub struct WrittenDump {
    /// A request for each of the inputs.
    pub requests: Vec<String>,
    /// The reply to any other, if there is one.
    pub fallback: Option<String>,
}

/// Computes what a dump is to hold.
pub(crate) type DumpFn = fn(SharedScope) -> Dumping;

pub(crate) type Dumping =
    Pin<Box<dyn Future<Output = Result<Option<WrittenDump>, BoxError>> + Send>>;

/// A query whose dump a function of its own computes.
///
/// [`#[rpc_function(dump = path)]`](macro@crate::rpc_function) implements this.
pub trait Dumped: RpcFunction {
    /// Its return type, taken apart.
    type Returned: Returned<Output = Self::Output, Error = Self::Error>;

    /// Computes the dump.
    fn dump(
        scope: SharedScope,
    ) -> impl Future<
        Output = Result<Dump<Self::Args, <Self::Returned as Returned>::Written>, BoxError>,
    > + Send;
}

/// Computes the dump of `F`.
pub(crate) fn dump<F: Dumped>(scope: SharedScope) -> Dumping {
    Box::pin(async move {
        let mut dump = F::dump(scope).await?;
        write::<F, F::Returned>(&mut dump).map(Some)
    })
}

/// Writes the dump of `F`, for whoever does not know its types. It can be written again.
pub(crate) fn write<F, R>(dump: &mut Dump<F::Args, R::Written>) -> Result<WrittenDump, BoxError>
where
    F: RpcFunction,
    R: Returned<Output = F::Output, Error = F::Error>,
{
    let id = RequestId::from(1);
    let request = |arguments: &F::Args| {
        let arguments = Positional(arguments);
        wire::request(F::ENCODING, F::NAME, &arguments, false, Some(&id))
    };
    let requests: Result<_, _> = dump.inputs.iter().map(request).collect();
    let reply = ReplyTo(Some(id.clone()));
    let fallback = match std::mem::replace(&mut dump.fallback, Fallback::None) {
        Fallback::None => None,
        Fallback::Returned(returned) => {
            let call = FailedCall {
                function: F::NAME,
                session: None,
            };
            finish::<F, R>(&reply, call, Ok(returned))
        }
        Fallback::Written(outcome) => outcome,
    };
    dump.fallback = Fallback::Written(fallback.clone());
    Ok(WrittenDump {
        requests: requests?,
        fallback,
    })
}

/// What the function of the option `dump` may return: a [`Dump`], or a future of one that may fail.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no dump of this function",
    label = "not `Dump<{A}, {R}>`",
    note = "a dump is typed by its function: the tuple of its parameters, and its return type"
)]
pub trait IntoDump<A, R> {
    /// The dump, or why there is none.
    fn into_dump<'f>(self) -> DumpFuture<'f, A, R>
    where
        Self: 'f;
}

/// A future of a dump, which has a name: that of one that is no dump would be a second error.
type DumpFuture<'f, A, R> = Pin<Box<dyn Future<Output = Result<Dump<A, R>, BoxError>> + Send + 'f>>;

impl<A: Send, R: Send> IntoDump<A, R> for Dump<A, R> {
    fn into_dump<'f>(self) -> DumpFuture<'f, A, R>
    where
        Self: 'f,
    {
        Box::pin(std::future::ready(Ok(self)))
    }
}

impl<A, R, F: Future<Output: DumpOutcome<A, R>> + Send> IntoDump<A, R> for F {
    fn into_dump<'f>(self) -> DumpFuture<'f, A, R>
    where
        Self: 'f,
    {
        Box::pin(async move { self.await.into_outcome() })
    }
}

/// What a future of a dump may end in: a [`Dump`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no dump of this function",
    label = "not `Dump<{A}, {R}>`",
    note = "a dump is typed by its function: the tuple of its parameters, and its return type"
)]
pub trait DumpOutcome<A, R> {
    /// The dump, or why there is none.
    ///
    /// # Errors
    ///
    /// That of the `Result`.
    fn into_outcome(self) -> Result<Dump<A, R>, BoxError>;
}

impl<A, R> DumpOutcome<A, R> for Dump<A, R> {
    fn into_outcome(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

impl<A, R, E: Into<BoxError>> DumpOutcome<A, R> for Result<Dump<A, R>, E> {
    fn into_outcome(self) -> Result<Dump<A, R>, BoxError> {
        self.map_err(Into::into)
    }
}
