//! The report of a build, for the people who ran it.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::wire::cut;

/// The number of failed records that are listed one by one.
const LISTED: usize = 20;

/// The size of the index, in bytes, above which the report warns about the time that pages need to load it.
const LARGE_INDEX: u64 = 5 * 1024 * 1024;

/// The report of a build: the functions, records and problems of a static dump. Returned by
/// [`DevTools::build`](crate::DevTools::build).
///
/// Its `Display` writes a table, followed by each list that is not empty. It ends without a line break.
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// let get_root = define_rpc_function("my-plugin:get-root").snapshot().handler(|| "/".to_owned());
/// devtools.context().rpc().register(get_root)?;
///
/// let report = devtools.build(&folder).await?;
/// println!("{report}");
/// assert!(report.is_complete());
/// assert!(report.functions.iter().any(|function| function.name == "my-plugin:get-root"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[non_exhaustive]
pub struct DumpReport {
    /// The folder that was written.
    pub folder: PathBuf,
    /// The functions of the dump, in the order of its manifest.
    pub functions: Vec<DumpedFunction>,
    /// The first 20 calls that failed. Each is kept as a record that fails for its readers too.
    pub failed_records: Vec<FailedRecord>,
    /// The number of all calls that failed.
    pub failed_record_count: usize,
    /// Functions that could not be dumped, with the reason.
    pub failed_functions: Vec<FailedFunction>,
    /// Functions that will not work in the dump, with the reason.
    pub not_static: Vec<NotStatic>,
    /// Functions without a fallback: calls fail unless their arguments are recorded.
    pub without_fallback: Vec<String>,
    /// Queries with parameters that answer all calls alike, whatever their arguments: they have a `snapshot` and no
    /// dump of their own.
    pub snapshots_for_all: Vec<String>,
    /// Queries with inputs from [`DumpOptions::inputs`](crate::dump::DumpOptions::inputs). Calls whose arguments are not
    /// recorded get the result of the first inputs.
    pub first_for_others: Vec<String>,
    /// Names in the [options](crate::dump::DumpOptions) that no query of this program has.
    pub unknown: Vec<String>,
    /// The bases of the views that were copied.
    pub views: Vec<String>,
    /// The size of the index in bytes. Every page loads the whole index.
    pub index_bytes: u64,
    /// The number of all files in the dump.
    pub files: usize,
    /// The total size of all files in bytes.
    pub bytes: u64,
}

/// A function in a dump.
///
/// ```
/// use devtools_runtime::dump::DumpReport;
///
/// /// The functions with the largest files, for a report of what a dump weighs.
/// fn largest(report: &DumpReport) -> Vec<(&str, u64)> {
///     let mut sizes: Vec<_> = report.functions.iter().map(|it| (&*it.name, it.bytes)).collect();
///     sizes.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
///     sizes.truncate(10);
///     sizes
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DumpedFunction {
    /// Its name.
    pub name: String,
    /// Its kind: `static` or `query`.
    pub kind: &'static str,
    /// The number of its records without the fallback. It is one for a static function.
    pub records: usize,
    /// Whether calls with other arguments get the fallback.
    pub fallback: bool,
    /// The total size of its files in bytes.
    pub bytes: u64,
}

/// A call that was made for a dump and failed.
///
/// ```
/// use devtools_runtime::{DevTools, RemoteError, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// let get_notes = define_rpc_function("my-plugin:get-notes")
///     .snapshot()
///     .try_handler(|| Err::<String, _>(RemoteError::new("there are no notes")));
/// devtools.context().rpc().register(get_notes)?;
///
/// let report = devtools.build(&folder).await?;
/// let failed = &report.failed_records[0];
/// assert_eq!((&*failed.function, &*failed.message), ("my-plugin:get-notes", "there are no notes"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FailedRecord {
    /// The function.
    pub function: String,
    /// Its arguments as JSON, shortened if they are long.
    pub arguments: String,
    /// The message that the caller gets.
    pub message: String,
}

/// A function that could not be dumped.
///
/// ```
/// use devtools_runtime::dump::DumpReport;
///
/// fn print_failures(report: &DumpReport) {
///     for failed in &report.failed_functions {
///         eprintln!("`{}` is not in the dump: {}", failed.function, failed.message);
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FailedFunction {
    /// The function.
    pub function: String,
    /// The reason.
    pub message: String,
}

/// A function that does not work in a dump.
///
/// ```
/// use devtools_runtime::dump::DumpReport;
///
/// /// The hints of a build, one a line.
/// fn hints(report: &DumpReport) -> String {
///     let lines = report.not_static.iter().map(|hint| format!("{}: {}\n", hint.function, hint.reason));
///     lines.collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotStatic {
    /// The function.
    pub function: String,
    /// The reason.
    pub reason: NotStaticReason,
}

/// The reason why a function does not work in a dump. Its `Display` says what to do.
///
/// ```
/// use devtools_runtime::dump::NotStaticReason;
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// let save = define_rpc_function("my-plugin:save").action().handler(|_text: String| ());
/// devtools.context().rpc().register(save)?;
///
/// let report = devtools.build(&folder).await?;
/// let save = report.not_static.iter().find(|it| it.function == "my-plugin:save").ok_or("is static")?;
/// assert_eq!(save.reason, NotStaticReason::Action);
/// println!("{}: {}", save.function, save.reason);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotStaticReason {
    /// The function is an action: it has a side effect, which needs a server.
    Action,
    /// The function is an event: a dump has no server that receives it.
    Event,
    /// The function is a query with required arguments and without a `dump` option, so a dump has no records for it.
    Query,
    /// The function is a query without a `dump` option that can be called without arguments.
    QueryWithoutArguments,
    /// The function is a query without a `dump` option. It takes neither arguments nor state, so its result may be
    /// constant.
    ConstantQuery,
    /// The function is a query whose `dump` has no inputs, no records and no fallback.
    EmptyDump,
    /// The function is a query that requires a role. A dump would show its results to everybody.
    Role,
}

impl NotStaticReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Action => "an action needs a server",
            Self::Event => "an event needs a server that receives it; in a dump it does nothing",
            Self::Query => "a query without a dump: give its inputs with `dump = path`",
            Self::QueryWithoutArguments => {
                "a query without a dump: add `snapshot` to record its result without arguments"
            }
            Self::ConstantQuery => {
                "a query without a dump: make it `kind = \"static\"` if its result is constant, or add `snapshot`"
            }
            Self::EmptyDump => "its dump is empty: it has no inputs, no records and no fallback",
            Self::Role => "it requires a role, but everybody can read a dump",
        }
    }
}

impl fmt::Display for NotStaticReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for NotStaticReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl DumpReport {
    /// Returns `true` if every function was dumped, no recorded call failed, and all names in the options are known.
    pub fn is_complete(&self) -> bool {
        self.failed_record_count == 0 && self.failed_functions.is_empty() && self.unknown.is_empty()
    }

    /// Returns the number of records in the dump. A fallback or a static function counts as one.
    pub fn records(&self) -> usize {
        let records = |function: &DumpedFunction| function.records + usize::from(function.fallback);
        self.functions.iter().map(records).sum()
    }

    /// Adds a call that failed. Calls are added in the order of the dump.
    pub(crate) fn add_failed_record(&mut self, function: &str, arguments: &str, message: &str) {
        self.failed_record_count += 1;
        if self.failed_records.len() < LISTED {
            self.failed_records.push(FailedRecord {
                function: function.to_owned(),
                arguments: shortened(arguments),
                message: message.to_owned(),
            });
        }
    }

    pub(crate) fn add_failed_function(&mut self, function: &str, message: impl fmt::Display) {
        self.failed_functions.push(FailedFunction {
            function: function.to_owned(),
            message: message.to_string(),
        });
    }
}

/// Shortens a text so that it fits into a line.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    cut(text, LONGEST).into_owned()
}

impl fmt::Display for DumpReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.functions.len();
        write!(
            f,
            "{} of {} in {}, {} in all",
            Quantity(self.records(), "record", "records"),
            Quantity(count, "function", "functions"),
            Quantity(self.files, "file", "files"),
            ByteSize(self.bytes),
        )?;
        let width = |name: &dyn Fn(&DumpedFunction) -> usize, least| {
            self.functions
                .iter()
                .map(name)
                .max()
                .unwrap_or(0)
                .max(least)
        };
        let names = width(&|function| function.name.chars().count(), 8);
        if count > 0 {
            write!(
                f,
                "\n\n  {:names$}  {:6}  {:>8}  {:8}  {:>9}",
                "function", "kind", "records", "fallback", "size"
            )?;
        }
        for function in &self.functions {
            let fallback = match (function.kind, function.fallback) {
                ("static", _) => "",
                (_, true) => "yes",
                (_, false) => "no",
            };
            write!(
                f,
                "\n  {:names$}  {:6}  {:>8}  {fallback:8}  {:>9}",
                function.name,
                function.kind,
                function.records,
                ByteSize(function.bytes).to_string(),
            )?;
        }
        if !self.views.is_empty() {
            write!(f, "\n\nviews: {}", self.views.join(", "))?;
        }
        let failed = self.failed_functions.iter();
        list(
            f,
            "could not be dumped:",
            failed.map(|failed| format!("{}: {}", failed.function, failed.message)),
        )?;
        let failed = self.failed_records.iter().map(|failed| {
            let arguments = failed
                .arguments
                .strip_prefix('[')
                .unwrap_or(&failed.arguments);
            let arguments = arguments.strip_suffix(']').unwrap_or(arguments);
            format!("{}({arguments}): {}", failed.function, failed.message)
        });
        let more = self.failed_record_count - self.failed_records.len();
        let more = (more > 0).then(|| format!("and {more} more"));
        list(
            f,
            "calls that failed and will fail for readers of the dump:",
            failed.chain(more),
        )?;
        list(
            f,
            "names in the options that no query has:",
            self.unknown.iter(),
        )?;
        let not_static = self.not_static.iter();
        list(
            f,
            "will not work without a server:",
            not_static.map(|other| format!("{}: {}", other.function, other.reason)),
        )?;
        list(
            f,
            "fail for arguments that are not recorded, because they have no fallback:",
            self.without_fallback.iter(),
        )?;
        list(
            f,
            "answer every call with the result without arguments, because they are a `snapshot` (`dump = path` records each call):",
            self.snapshots_for_all.iter(),
        )?;
        list(
            f,
            "answer arguments that are not recorded with the result of the first inputs:",
            self.first_for_others.iter(),
        )?;
        if self.index_bytes > LARGE_INDEX {
            write!(
                f,
                "\n\nThe index has {}, and every page loads all of it: record fewer arguments, or combine several in one record.",
                ByteSize(self.index_bytes)
            )?;
        }
        Ok(())
    }
}

/// Writes a list below its title, unless the list is empty.
fn list(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    items: impl Iterator<Item: fmt::Display>,
) -> fmt::Result {
    for (index, item) in items.enumerate() {
        if index == 0 {
            write!(f, "\n\n{title}")?;
        }
        // A message may have several lines.
        let item = item.to_string().replace('\n', "\n    ");
        write!(f, "\n  {item}")?;
    }
    Ok(())
}

/// A number and its noun, in the singular and in the plural.
pub(crate) struct Quantity(
    pub(crate) usize,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, one, several) = *self;
        write!(f, "{count} {}", if count == 1 { one } else { several })
    }
}

/// A size in bytes, displayed with a unit.
pub(crate) struct ByteSize(pub(crate) u64);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 3] = ["kB", "MB", "GB"];
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }
        let (mut tenths, mut unit) = (self.0 / 100, 0);
        while tenths >= 10_000 && unit + 1 < UNITS.len() {
            tenths /= 1000;
            unit += 1;
        }
        write!(f, "{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::{ByteSize, DumpReport, DumpedFunction, FailedFunction, NotStatic, NotStaticReason};

    #[test]
    fn sizes_are_short() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (5_300_000_000_000, "5300.0 GB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
    }

    #[test]
    fn a_report_reads_as_people_do() {
        let function = |name: &str, kind, records, fallback, bytes| DumpedFunction {
            name: name.to_owned(),
            kind,
            records,
            fallback,
            bytes,
        };
        let not_static = |function: &str, reason| NotStatic {
            function: function.to_owned(),
            reason,
        };
        let mut report = DumpReport {
            functions: vec![
                function("my-plugin:get-config", "static", 1, false, 210),
                function("my-plugin:get-module", "query", 1200, true, 640_000),
                function("my-plugin:get-size", "query", 2, false, 90),
            ],
            failed_functions: vec![FailedFunction {
                function: "my-plugin:get-graph".into(),
                message: "no graph".into(),
            }],
            not_static: vec![
                not_static("my-plugin:write", NotStaticReason::Action),
                not_static("my-plugin:get-info", NotStaticReason::ConstantQuery),
                not_static("my-plugin:search", NotStaticReason::Query),
            ],
            without_fallback: vec!["my-plugin:get-size".into()],
            snapshots_for_all: vec!["my-plugin:filter".into()],
            first_for_others: vec!["their:find".into()],
            views: vec!["/__my-plugin/".into()],
            files: 1210,
            bytes: 701_234,
            ..DumpReport::default()
        };
        report.add_failed_record(
            "my-plugin:get-size",
            "[\"/broken\"]",
            "no such file\n[code: io]",
        );
        let expected = "\
1204 records of 3 functions in 1210 files, 701.2 kB in all

  function              kind     records  fallback       size
  my-plugin:get-config  static         1                210 B
  my-plugin:get-module  query       1200  yes        640.0 kB
  my-plugin:get-size    query          2  no             90 B

views: /__my-plugin/

could not be dumped:
  my-plugin:get-graph: no graph

calls that failed and will fail for readers of the dump:
  my-plugin:get-size(\"/broken\"): no such file
    [code: io]

will not work without a server:
  my-plugin:write: an action needs a server
  my-plugin:get-info: a query without a dump: make it `kind = \"static\"` if its result is constant, or add `snapshot`
  my-plugin:search: a query without a dump: give its inputs with `dump = path`

fail for arguments that are not recorded, because they have no fallback:
  my-plugin:get-size

answer every call with the result without arguments, because they are a `snapshot` (`dump = path` records each call):
  my-plugin:filter

answer arguments that are not recorded with the result of the first inputs:
  their:find";
        assert_eq!(report.to_string(), expected);
        assert!(!report.is_complete());
    }
}
