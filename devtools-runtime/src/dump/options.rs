//! The options of a build.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Serialize;

use crate::wire::{self, Encoding, ValueWriteError};

/// The options of [`DevTools::build_with`](crate::DevTools::build_with): how a static dump is made.
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
#[derive(Clone, Default)]
#[must_use = "options do nothing until something is built with them"]
pub struct DumpOptions {
    pub(crate) concurrency: Option<NonZeroUsize>,
    pub(crate) pretty: bool,
    pub(crate) strict: bool,
    /// The path or URL that the dump is hosted at, with a slash at the end.
    pub(crate) base: Option<String>,
    pub(crate) on_progress: Option<Arc<OnProgress>>,
    pub(crate) snapshots: Vec<String>,
    pub(crate) inputs: Vec<NamedInputs>,
    #[cfg(feature = "inspector")]
    pub(crate) inspector: bool,
}

type OnProgress = dyn Fn(&DumpProgress) + Send + Sync;

/// The arguments to call one function with.
#[derive(Debug, Clone)]
pub(crate) struct NamedInputs {
    pub(crate) function: String,
    /// Each tuple of arguments as structured clone, which can express the arguments of every function, or the error
    /// of writing it.
    pub(crate) inputs: Vec<Result<String, Arc<ValueWriteError>>>,
}

impl DumpOptions {
    /// Creates options with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    crate::setters! {
        /// Writes the [inspector](crate::inspector) into the dump, for readers of its functions and their recorded
        /// results. Default: no. The dump then contains the names, descriptions and source files of all functions, and
        /// the working directory.
        #[cfg(feature = "inspector")]
        pub fn inspector() { inspector = true }

        /// Sets how many calls run at once. Further calls wait until one has ended. Default: the number of cores.
        ///
        /// The written files do not depend on it.
        pub fn concurrency(calls: NonZeroUsize) { concurrency = Some(calls) }

        /// Indents the files of functions that travel as JSON, so that people can read them. Default: no.
        pub fn pretty(pretty: bool) { pretty = pretty }

        /// Makes the build fail, and write nothing, if a function cannot be dumped or a recorded call fails. Default: a
        /// failed call becomes a record that fails for its readers too, a function that cannot be dumped is left out, and
        /// the report lists both.
        pub fn strict() { strict = true }
    }

    /// Sets where the dump will be hosted: a path such as `/repo/`, or an address such as
    /// `https://user.github.io/repo/`. Default: anywhere.
    ///
    /// A dump finds its own files below any path, and so does an interface that opens the pages and images of dock
    /// entries. The scripts of dock entries are imported by absolute paths, so below another path than `/` they are
    /// found only if that path is set here.
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

    crate::setters! {
        /// Calls `listener` with the progress of the dump: when a function begins, when everything is collected, and in
        /// between about ten times a second.
        ///
        /// The listener runs in the task that collects the dump. Move slow work to a task of its own.
        pub fn on_progress(listener: impl Fn(&DumpProgress) + Send + Sync + 'static) {
            on_progress = Some(Arc::new(listener))
        }

        /// Dumps the query of this name as if it had the option `snapshot`: its result without arguments answers all
        /// calls. If it has parameters, the report says so ([`DumpReport::snapshots_for_all`]).
        ///
        /// [`DumpReport::snapshots_for_all`]: crate::dump::DumpReport::snapshots_for_all
        ///
        /// Use it for functions of other plugins. It overrides the dump that a function declares itself.
        pub fn snapshot(function: impl Into<String>) { snapshots.push(function.into()) }
    }

    /// Dumps the query of this name for these arguments: tuples, or anything else that serializes as an array. Every
    /// other call gets the result of the first of them ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)), and the report says so
    /// ([`DumpReport::first_for_others`](crate::dump::DumpReport::first_for_others)). Use it for functions of other
    /// plugins. It overrides the dump that a function declares itself.
    ///
    /// Arguments that cannot be serialized are reported as a failed record.
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

crate::debug_impl! { DumpOptions { concurrency, pretty, strict, base, snapshots, inputs, .. } }

/// The progress of a build: the argument of the listener of [`DumpOptions::on_progress`].
///
/// Its `Display` writes one line.
///
/// ```
/// use devtools_runtime::dump::{DumpOptions, DumpProgress};
///
/// /// Shows the progress in percent.
/// fn percent(progress: &DumpProgress) -> usize {
///     100 * progress.functions_done / progress.functions.max(1)
/// }
///
/// let options = DumpOptions::new().on_progress(|progress| eprint!("\r{}%", percent(progress)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DumpProgress {
    /// The function whose calls began last. `None` once everything is collected.
    pub function: Option<String>,
    /// The number of functions before that one.
    pub functions_done: usize,
    /// The number of functions to dump.
    pub functions: usize,
    /// The number of records so far. A fallback or a static function counts as one.
    pub records: usize,
    /// The total size of these records in bytes.
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
        let bytes = crate::dump::report::ByteSize(self.bytes);
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
