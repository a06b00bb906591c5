//! The dump of a query, in the types of its function.

use std::sync::Arc;

use crate::dump::record::Inputs;
use crate::function::{BoxError, CallRecord, RecordedFailure, ReplyTo, ValueWriter, WrittenDump};
use crate::mutex::Mutex;

/// The part of a static dump that belongs to a query, which takes the arguments `A`, a tuple, and returns `R`.
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
    fallback: Option<StoredResult<R>>,
}

/// The arguments of the calls to make.
enum DumpInputs<A> {
    /// The lock is held to write one of them, because they need not be `Sync`.
    Listed(Arc<Mutex<Vec<A>>>),
    Made(Arc<MakeInputs<A>>),
}

type MakeInputs<A> = dyn Fn() -> Box<dyn Iterator<Item = A> + Send> + Send + Sync;

struct DumpRecord<A, R> {
    arguments: A,
    returned: StoredResult<R>,
}

/// The result of a call that is not made.
enum StoredResult<R> {
    Returned(R),
    /// The value was taken to write it.
    Written(CallRecord),
}

impl<A, R> Dump<A, R> {
    /// Calls the function with each of these arguments and records the results. There may be none.
    ///
    /// The record of a trailing `None` answers all calls of JavaScript that mean the same: without the argument, with `undefined`
    /// and with `null`.
    ///
    /// The arguments are collected first. Use [`inputs_from`](Self::inputs_from) for more of them than fit into memory.
    pub fn inputs(inputs: impl IntoIterator<Item = A>) -> Self {
        let inputs = inputs.into_iter().collect();
        Self::of(DumpInputs::Listed(Arc::new(Mutex::new(inputs))))
    }

    /// Calls the function as [`inputs`](Self::inputs) does, with arguments that are taken from an iterator one by one. `make` is
    /// called for each dump that is written.
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

    /// Creates a dump for which the function is not called. [`record`](Self::record) and [`fallback`](Self::fallback) add its
    /// content.
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

    /// Adds the result of a call with these arguments, without calling the function. If the [`inputs`](Self::inputs) have the same
    /// arguments, the function is called and its result wins.
    pub fn record(mut self, arguments: A, returned: R) -> Self {
        self.records.push(DumpRecord {
            arguments,
            returned: StoredResult::Returned(returned),
        });
        self
    }

    crate::setters! {
        /// Sets the result of calls with any other arguments. Without a fallback such calls fail. `None` is a fallback too, which
        /// JavaScript reads as `null`.
        pub fn fallback(returned: R) { fallback = Some(StoredResult::Returned(returned)) }
    }
}

crate::default_is_new!(Dump<A, R>);

crate::debug_impl! {
    <A, R> Dump<A, R> as it { records: it.records.len(), has_fallback: it.fallback.is_some(), .. }
}

impl<A: Send + 'static, R> Dump<A, R> {
    /// Writes the dump. It can be written again.
    pub(super) fn written(&mut self, writer: ValueWriter<A, R>) -> Result<WrittenDump, BoxError>
    where
        R: 'static,
    {
        let inputs: Box<dyn Iterator<Item = _> + Send> = match &self.inputs {
            DumpInputs::Listed(listed) => {
                let listed = Arc::clone(listed);
                Box::new((0..).map_while(move |index| {
                    let listed = listed.lock();
                    listed
                        .get(index)
                        .map(|arguments| writer.arguments(arguments))
                }))
            }
            DumpInputs::Made(make) => {
                Box::new(make().map(move |arguments| writer.arguments(&arguments)))
            }
        };
        let mut records = Vec::with_capacity(self.records.len());
        for record in &mut self.records {
            let arguments = writer.arguments(&record.arguments)?;
            let inputs = Inputs::of(writer.encoding, &arguments)?;
            let written = record.returned.write(writer, &inputs);
            records.push((arguments, written));
        }
        let fallback = self.fallback.as_mut();
        Ok(WrittenDump {
            inputs,
            records,
            fallback: fallback.map(|stored| stored.write(writer, &Inputs::Empty)),
        })
    }
}

impl<R> StoredResult<R> {
    /// Writes the record of a call with these arguments, which are always the same.
    fn write<A>(&mut self, writer: ValueWriter<A, R>, inputs: &Inputs) -> CallRecord {
        let record = match std::mem::replace(self, Self::Written(CallRecord::default())) {
            Self::Written(record) => record,
            Self::Returned(returned) => {
                let recording = Arc::new(RecordedFailure::default());
                let text = writer.result(&ReplyTo::Record(Arc::clone(&recording)), returned);
                CallRecord::of(writer.encoding, inputs, text.as_deref(), &recording)
            }
        };
        *self = Self::Written(record.clone());
        record
    }
}
