//! What became of a dump, for the people who made it.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

/// How many failed records are listed one by one.
const LISTED: usize = 20;

/// Above this, the index is a burden to the page that loads it: bytes.
const LARGE_INDEX: u64 = 5 * 1024 * 1024;

/// What became of a static dump: from [`DevTools::build`](crate::DevTools::build).
///
/// Displayed, it is a table and the lists that are not empty, for people. It ends without a line break.
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
/// assert_eq!(report.functions[0].name, "my-plugin:get-root");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[non_exhaustive]
pub struct DumpReport {
    /// The folder that was written.
    pub folder: PathBuf,
    /// The functions that the dump holds, in its order.
    pub functions: Vec<DumpedFunction>,
    /// The calls that were made and failed, and are kept as records that fail: the first 20.
    pub failed_records: Vec<FailedRecord>,
    /// How many of them there are.
    pub failed_record_count: usize,
    /// Functions that were to be dumped, and the dump does not hold: why.
    pub failed_functions: Vec<FailedFunction>,
    /// What will not work on the dump, and why.
    pub not_static: Vec<NotStatic>,
    /// Functions whose dump has no fallback: calls with other arguments than the recorded ones fail.
    pub without_fallback: Vec<String>,
    /// Queries with parameters whose calls are all answered alike, whatever the arguments: they have a `snapshot`, and no
    /// dump of their own.
    pub snapshots_for_all: Vec<String>,
    /// Queries whose calls are answered with the result of the first inputs if their arguments are not recorded: inputs of
    /// [`DumpOptions::inputs`](crate::dump::DumpOptions::inputs).
    pub first_for_others: Vec<String>,
    /// Names in the [options](crate::dump::DumpOptions) that are no query of this program.
    pub unknown: Vec<String>,
    /// The views that were copied, by their bases.
    pub views: Vec<String>,
    /// The bytes of the index, which each page loads whole.
    pub index_bytes: u64,
    /// The number of all files.
    pub files: usize,
    /// The bytes of all files.
    pub bytes: u64,
}

/// A function in a dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DumpedFunction {
    /// Its name.
    pub name: String,
    /// `static` or `query`.
    pub kind: &'static str,
    /// How many records there are of it, without the fallback; one of a static function.
    pub records: usize,
    /// Whether calls with other arguments have an answer.
    pub fallback: bool,
    /// The bytes of its files.
    pub bytes: u64,
}

/// A call that was made for a dump and failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FailedRecord {
    /// The function.
    pub function: String,
    /// Its arguments as JSON, cut where they are long.
    pub arguments: String,
    /// What the caller is told.
    pub message: String,
}

/// A function that was to be dumped, and could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FailedFunction {
    /// The function.
    pub function: String,
    /// Why not.
    pub message: String,
}

/// A function that does not work on a dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotStatic {
    /// The function.
    pub function: String,
    /// Why not.
    pub reason: NotStaticReason,
}

/// Why a function does not work on a dump. Displayed, it says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotStaticReason {
    /// An action has a side effect, for which it takes a server.
    Action,
    /// An event has nobody to go to.
    Event,
    /// A query that nobody said a dump of. It takes arguments.
    Query,
    /// A query that nobody said a dump of. It can be called without arguments.
    QueryWithoutArguments,
    /// A query that nobody said a dump of. It takes no arguments and no state, so that its result may be constant.
    ConstantQuery,
    /// A query whose dump holds nothing: no inputs, no records and no fallback.
    EmptyDump,
    /// A query for sessions of a role, while whoever has a dump reads it.
    Role,
}

impl NotStaticReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Action => "an action needs a server",
            Self::Event => "an event has nobody to go to, and does nothing",
            Self::Query => "a query without a dump: say its inputs with `dump = path`",
            Self::QueryWithoutArguments => {
                "a query without a dump: `snapshot` keeps its result without arguments"
            }
            Self::ConstantQuery => {
                "a query without a dump: make it `kind = \"static\"` if its result is constant, or a `snapshot`"
            }
            Self::EmptyDump => "its dump is empty: it has no inputs, no records and no fallback",
            Self::Role => "it is for sessions of a role, and a dump is for everybody",
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
    /// Whether everything that was to be dumped is, and no call of it failed.
    pub fn is_complete(&self) -> bool {
        self.failed_record_count == 0 && self.failed_functions.is_empty() && self.unknown.is_empty()
    }

    /// How many records the dump holds: fallbacks and static functions count as one each.
    pub fn records(&self) -> usize {
        let records = |function: &DumpedFunction| function.records + usize::from(function.fallback);
        self.functions.iter().map(records).sum()
    }

    /// Notes a call that failed, in the order of the dump.
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

/// A text that fits into a line.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for DumpReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.functions.len();
        write!(
            f,
            "{} of {} in {}, {} in all",
            Count(self.records(), "record", "records"),
            Count(count, "function", "functions"),
            Count(self.files, "file", "files"),
            Bytes(self.bytes),
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
                Bytes(function.bytes).to_string(),
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
            "calls that failed, and fail for whoever reads the dump:",
            failed.chain(more),
        )?;
        list(f, "no query of this program:", self.unknown.iter())?;
        let not_static = self.not_static.iter();
        list(
            f,
            "will not work without a server:",
            not_static.map(|other| format!("{}: {}", other.function, other.reason)),
        )?;
        list(
            f,
            "fail for arguments that are not recorded, having no fallback:",
            self.without_fallback.iter(),
        )?;
        list(
            f,
            "answer every call as one without arguments, being a snapshot (`dump = path` tells calls apart):",
            self.snapshots_for_all.iter(),
        )?;
        list(
            f,
            "answer arguments that are not recorded as the first that are:",
            self.first_for_others.iter(),
        )?;
        if self.index_bytes > LARGE_INDEX {
            write!(
                f,
                "\n\nThe index has {}, and each page loads it whole: record fewer arguments, or several in one record.",
                Bytes(self.index_bytes)
            )?;
        }
        Ok(())
    }
}

/// A list below its title, unless it is empty.
fn list(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    items: impl Iterator<Item: fmt::Display>,
) -> fmt::Result {
    for (index, item) in items.enumerate() {
        if index == 0 {
            write!(f, "\n\n{title}")?;
        }
        // A message may have lines of its own.
        let item = item.to_string().replace('\n', "\n    ");
        write!(f, "\n  {item}")?;
    }
    Ok(())
}

/// A number with its noun.
pub(crate) struct Count(
    pub(crate) usize,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, one, several) = *self;
        write!(f, "{count} {}", if count == 1 { one } else { several })
    }
}

/// A size as people read it.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
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
    use super::{Bytes, DumpReport, DumpedFunction, FailedFunction, NotStatic, NotStaticReason};

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
            assert_eq!(Bytes(bytes).to_string(), text);
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

calls that failed, and fail for whoever reads the dump:
  my-plugin:get-size(\"/broken\"): no such file
    [code: io]

will not work without a server:
  my-plugin:write: an action needs a server
  my-plugin:get-info: a query without a dump: make it `kind = \"static\"` if its result is constant, or a `snapshot`
  my-plugin:search: a query without a dump: say its inputs with `dump = path`

fail for arguments that are not recorded, having no fallback:
  my-plugin:get-size

answer every call as one without arguments, being a snapshot (`dump = path` tells calls apart):
  my-plugin:filter

answer arguments that are not recorded as the first that are:
  their:find";
        assert_eq!(report.to_string(), expected);
        assert!(!report.is_complete());
    }
}
