//! What a static dump is to hold of a query: said in the types of the function, kept without them.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::function::arguments::{Positional, RpcArguments};
use crate::function::definition::FunctionDefinition;
use crate::function::error::BoxError;
use crate::function::identity::RpcFunction;
use crate::function::inject::SharedScope;
use crate::function::kept::KeptCall;
use crate::function::reply::{Outcome, ReplyTo};
use crate::function::returned::Returned;
use crate::function::shape::ShapeOf;
use crate::function::written_dump::{Dumping, KeptRecord, WrittenDump};
use crate::wire::{self, Encoding, Inputs};

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
#[must_use = "a dump does nothing until it is returned"]
pub struct Dump<A, R> {
    inputs: DumpInputs<A>,
    records: Vec<DumpRecord<A, R>>,
    fallback: Option<Stored<R>>,
}

/// The arguments to call a function with, one call after the other.
enum DumpInputs<A> {
    /// Behind a lock because they need not be `Sync`. It is held to write one.
    Listed(Arc<Mutex<Vec<A>>>),
    Made(Arc<MakeInputs<A>>),
}

type MakeInputs<A> = dyn Fn() -> Box<dyn Iterator<Item = A> + Send> + Send + Sync;

struct DumpRecord<A, R> {
    arguments: A,
    returned: Stored<R>,
}

/// What a function returned, or would.
enum Stored<R> {
    Returned(R),
    /// To write it takes the value.
    Written(KeptRecord),
}

impl<A, R> Dump<A, R> {
    /// The function is called with each of these, and what it returns is kept. None at all is fine.
    ///
    /// A trailing parameter that is an `Option` and `None` here is kept for all that JavaScript may call it
    /// with: nothing, `undefined` and `null`.
    ///
    /// The arguments are collected first. [`inputs_from`](Self::inputs_from) is for more of them than should be in
    /// memory at once.
    pub fn inputs(inputs: impl IntoIterator<Item = A>) -> Self {
        let inputs = inputs.into_iter().collect();
        Self::of(DumpInputs::Listed(Arc::new(Mutex::new(inputs))))
    }

    /// As [`inputs`](Self::inputs), with arguments that are made one by one, as their turn comes. `make` is called for
    /// each dump that is written.
    ///
    /// ```
    /// use devtools_runtime::Dump;
    ///
    /// let dump: Dump<(u64,), String> = Dump::inputs_from(|| (0..1_000_000).map(|page| (page,)));
    /// ```
    pub fn inputs_from<I>(make: impl Fn() -> I + Send + Sync + 'static) -> Self
    where
        I: IntoIterator<Item = A, IntoIter: Send + 'static>,
    {
        Self::of(DumpInputs::Made(Arc::new(move || {
            Box::new(make().into_iter())
        })))
    }

    /// A dump for which the function is not called: [`record`](Self::record) and [`fallback`](Self::fallback) say all
    /// that it holds.
    pub fn new() -> Self {
        Self::inputs([])
    }

    fn of(inputs: DumpInputs<A>) -> Self {
        Self {
            inputs,
            records: Vec::new(),
            fallback: None,
        }
    }

    /// What a call with these arguments returns: the function is not called for it. Where the same arguments are among
    /// the [`inputs`](Self::inputs) too, what the function returns is kept.
    pub fn record(mut self, arguments: A, returned: R) -> Self {
        self.records.push(DumpRecord {
            arguments,
            returned: Stored::Returned(returned),
        });
        self
    }

    /// What a call with any other arguments returns. Without it, such a call fails. A fallback of `None`, which
    /// JavaScript reads as `null`, is one too.
    pub fn fallback(self, returned: R) -> Self {
        Self {
            fallback: Some(Stored::Returned(returned)),
            ..self
        }
    }
}

impl<A, R> Default for Dump<A, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A, R> fmt::Debug for Dump<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dump")
            .field("records", &self.records.len())
            .field("has_fallback", &self.fallback.is_some())
            .finish_non_exhaustive()
    }
}

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

impl FunctionDefinition {
    /// The definition with the function that computes its dump.
    #[must_use]
    pub const fn dumped<F: Dumped>(self) -> Self {
        self.with_dump(dump::<F>)
    }
}

/// Computes the dump of `F`.
fn dump<F: Dumped>(scope: SharedScope) -> Dumping {
    Box::pin(async move {
        let mut dump = F::dump(scope).await?;
        write::<F, F::Returned>(&mut dump).map(Some)
    })
}

/// Writes the dump of `F`, for whoever does not know its types. It can be written again.
pub(crate) fn write<F, R>(dump: &mut Dump<F::Args, R::Written>) -> Result<WrittenDump, BoxError>
where
    F: RpcFunction,
    R: Returned<Output = F::Output, Error = F::Error> + 'static,
{
    write_by(dump, F::ENCODING, |reply, returned| {
        let ending = ShapeOf::<F, R>::SHAPE.ending(reply, None);
        ending.finish(Ok(returned))
    })
}

/// Writes a dump of a function that travels in `encoding`; `finish` writes what it returns.
pub(crate) fn write_by<A: RpcArguments, R>(
    dump: &mut Dump<A, R>,
    encoding: Encoding,
    finish: impl Fn(ReplyTo, R) -> Outcome,
) -> Result<WrittenDump, BoxError> {
    let write = move |arguments: &A| wire::arguments(encoding, &Positional(arguments));
    let inputs: Box<dyn Iterator<Item = _> + Send> = match &dump.inputs {
        DumpInputs::Listed(listed) => {
            let listed = Arc::clone(listed);
            Box::new((0..).map_while(move |index| {
                let listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
                listed.get(index).map(write)
            }))
        }
        DumpInputs::Made(make) => Box::new(make().map(move |arguments| write(&arguments))),
    };
    let mut records = Vec::with_capacity(dump.records.len());
    for record in &mut dump.records {
        let arguments = write(&record.arguments)?;
        let inputs = Inputs::of(encoding, &arguments)?;
        let kept = record.returned.write(encoding, inputs, &finish);
        records.push((arguments, kept));
    }
    let fallback = dump.fallback.as_mut();
    Ok(WrittenDump {
        inputs,
        records,
        fallback: fallback.map(|stored| stored.write(encoding, Inputs::None, &finish)),
    })
}

impl<R> Stored<R> {
    /// What is kept of it beside these arguments, which are always the same.
    fn write(
        &mut self,
        encoding: Encoding,
        inputs: Inputs,
        finish: &impl Fn(ReplyTo, R) -> Outcome,
    ) -> KeptRecord {
        let kept = Arc::new(KeptCall::new(encoding, Some(inputs)));
        let unwritten = Self::Written(KeptRecord {
            text: None,
            failure: None,
        });
        let record = match std::mem::replace(self, unwritten) {
            Self::Written(record) => record,
            Self::Returned(returned) => KeptRecord {
                text: finish(ReplyTo::Dump(Arc::clone(&kept)), returned),
                failure: kept.failure().map(str::to_owned),
            },
        };
        *self = Self::Written(record.clone());
        record
    }
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
pub(crate) type DumpFuture<'f, A, R> =
    Pin<Box<dyn Future<Output = Result<Dump<A, R>, BoxError>> + Send + 'f>>;

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
