//! How a dump is made.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Serialize;

use crate::wire::{self, Encoding, WriteError};

/// How a static dump is made: for [`DevTools::build_with`](crate::DevTools::build_with).
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use devtools_runtime::dump::DumpOptions;
///
/// let options = DumpOptions::new()
///     .concurrency(NonZeroUsize::MIN)
///     .pretty(true)
///     .snapshot("other-plugin:get-modules")
///     .inputs("other-plugin:get-module", [("/src/main.ts",), ("/src/app.ts",)])
///     .on_progress(|progress| eprintln!("{progress}"));
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until something is built with them"]
pub struct DumpOptions {
    pub(crate) concurrency: Option<NonZeroUsize>,
    pub(crate) pretty: bool,
    pub(crate) strict: bool,
    /// Ends with a slash.
    pub(crate) base: Option<String>,
    pub(crate) on_progress: Option<Arc<OnProgress>>,
    pub(crate) snapshots: Vec<String>,
    pub(crate) inputs: Vec<NamedInputs>,
}

type OnProgress = dyn Fn(&DumpProgress) + Send + Sync;

/// The arguments to call one function with.
#[derive(Debug, Clone)]
pub(crate) struct NamedInputs {
    pub(crate) function: String,
    /// Each as structured clone, in which any function's arguments can be said; or why it could not be.
    pub(crate) inputs: Vec<Result<String, Arc<WriteError>>>,
}

impl DumpOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            concurrency: None,
            pretty: false,
            strict: false,
            base: None,
            on_progress: None,
            snapshots: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// How many calls may run at once. Default: the number of cores. Further ones wait until one has ended.
    ///
    /// What is written does not depend on it.
    pub fn concurrency(self, calls: NonZeroUsize) -> Self {
        Self {
            concurrency: Some(calls),
            ..self
        }
    }

    /// Whether the files of functions that travel as JSON are indented, for people. Default: no.
    pub fn pretty(self, pretty: bool) -> Self {
        Self { pretty, ..self }
    }

    /// Makes it an error if a function could not be dumped, or a call failed that is recorded: nothing is then
    /// written. Default: a failed call is kept as a record that fails for its readers too, a function that cannot be
    /// dumped is left out, and the report says both.
    pub fn strict(self) -> Self {
        Self {
            strict: true,
            ..self
        }
    }

    /// Says where the dump will be hosted: a path such as `/repo/`, or an address such as `https://user.github.io/repo/`.
    /// Default: anywhere.
    ///
    /// A dump finds its own files below any path, and an interface finds the pages and images of its dock entries. The
    /// scripts of dock entries are imported by their addresses from the root of the host, so they are found below
    /// another path only if it is said here.
    pub fn base(self, base: impl Into<String>) -> Self {
        let mut base = base.into();
        if !base.starts_with('/') && !base.contains("://") {
            base.insert(0, '/');
        }
        if !base.ends_with('/') {
            base.push('/');
        }
        Self {
            base: Some(base),
            ..self
        }
    }

    /// Calls `listener` as the dump goes on: when a function begins, when everything is collected, and in between
    /// about ten times a second.
    ///
    /// It runs in the task that collects: what takes time goes into a task of its own.
    pub fn on_progress(self, listener: impl Fn(&DumpProgress) + Send + Sync + 'static) -> Self {
        Self {
            on_progress: Some(Arc::new(listener)),
            ..self
        }
    }

    /// Dumps the query of this name as one with the option `snapshot`: its result without arguments, for all calls. If it
    /// has parameters, the report says so ([`DumpReport::snapshots_for_all`]).
    ///
    /// [`DumpReport::snapshots_for_all`]: crate::dump::DumpReport::snapshots_for_all
    ///
    /// For functions of others; it wins over what they say themselves.
    pub fn snapshot(mut self, function: impl Into<String>) -> Self {
        self.snapshots.push(function.into());
        self
    }

    /// Dumps the query of this name for these arguments: tuples, or anything else that is written as an array. Any
    /// other call gets what the first of them returned ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)), which the report says
    /// ([`DumpReport::first_for_others`](crate::dump::DumpReport::first_for_others)). For functions of others; it wins over what
    /// they say themselves.
    ///
    /// Arguments that cannot be written are reported as a failed record.
    pub fn inputs<A: Serialize>(
        mut self,
        function: impl Into<String>,
        inputs: impl IntoIterator<Item = A>,
    ) -> Self {
        let write = |arguments| wire::arguments(Encoding::StructuredClone, &arguments);
        let inputs = inputs.into_iter().map(write);
        self.inputs.push(NamedInputs {
            function: function.into(),
            inputs: inputs.map(|written| written.map_err(Arc::new)).collect(),
        });
        self
    }
}

impl Default for DumpOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DumpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DumpOptions")
            .field("concurrency", &self.concurrency)
            .field("pretty", &self.pretty)
            .field("strict", &self.strict)
            .field("base", &self.base)
            .field("snapshots", &self.snapshots)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

/// How far a dump has got: for [`DumpOptions::on_progress`].
///
/// Displayed, it is one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DumpProgress {
    /// The function whose calls were begun last; `None` once everything is collected.
    pub function: Option<String>,
    /// How many functions come before that one.
    pub functions_done: usize,
    /// How many functions there are, without those that no dump holds.
    pub functions: usize,
    /// How many records there are by now; fallbacks and static functions count as one each.
    pub records: usize,
    /// The bytes of these.
    pub bytes: u64,
}

impl fmt::Display for DumpProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            functions_done,
            functions,
            records,
            ..
        } = self;
        let bytes = crate::dump::report::Bytes(self.bytes);
        write!(
            f,
            "{functions_done}/{functions} functions, {records} records, {bytes}"
        )?;
        match &self.function {
            Some(function) => write!(f, ": {function}"),
            None => Ok(()),
        }
    }
}
