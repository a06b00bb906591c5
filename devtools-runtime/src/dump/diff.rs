//! Compares a dump with what a build would write.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dump::collect::{FileBatches, NewRecords, collect, shown_inputs};
use crate::dump::collected::Sum;
use crate::dump::failure::DumpError;
use crate::dump::names::FOLDER;
use crate::dump::options::DumpOptions;
use crate::dump::report::{DumpReport, Quantity, shortened};
use crate::dump::write::{DumpPages, SideFile, Target, blocking};
use crate::files::regular_file;
use crate::host::Serving;
use crate::mutex::Mutex;

/// The number of changed records shown per function.
const SHOWN: usize = 5;

/// The result of [`DevTools::diff`](crate::DevTools::diff): the changes that
/// [`DevTools::build`](crate::DevTools::build) would make to a folder.
///
/// Its `Display` writes a line for each function or file, and indented lines for records.
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// devtools.build(&folder).await?;
/// let get_root = define_rpc_function("my-plugin:get-root").snapshot().handler(|| "/".to_owned());
/// devtools.context().rpc().register(get_root)?;
///
/// let diff = devtools.diff(&folder).await?;
/// assert_eq!(diff.added, ["my-plugin:get-root"]);
/// println!("{diff}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DumpDiff {
    /// The folder.
    pub folder: PathBuf,
    /// Functions that the build would add.
    pub added: Vec<String>,
    /// Functions that the build would remove.
    pub removed: Vec<String>,
    /// Functions whose records would change.
    pub changed: Vec<FunctionDiff>,
    /// Other files that would change: pages, scripts and metadata. The index is among them only if no change of a
    /// function explains its own change.
    pub files: Vec<FileDiff>,
    /// The report of the build that was compared. Its `files` and `bytes` are zero, because nothing was written.
    pub report: DumpReport,
}

/// The changes that a build would make to the files of one function.
///
/// ```
/// use devtools_runtime::{DevTools, FunctionDefinition, define_rpc_function};
///
/// fn get_count(count: u32) -> FunctionDefinition {
///     define_rpc_function("my-plugin:get-count").snapshot().handler(move || count)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// devtools.context().rpc().register(get_count(1))?;
/// devtools.build(&folder).await?;
/// devtools.context().rpc().update(get_count(2))?;
///
/// let diff = devtools.diff(&folder).await?;
/// let [changed] = &diff.changed[..] else { panic!("{diff}") };
/// assert_eq!(changed.function, "my-plugin:get-count");
/// assert!(changed.changed > 0 && changed.added == 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FunctionDiff {
    /// The function.
    pub function: String,
    /// The number of files that would be added: records, and the fallback.
    pub added: usize,
    /// The number of files that would be removed.
    pub removed: usize,
    /// The number of files whose content would change.
    pub changed: usize,
    /// The first of these files.
    pub records: Vec<FileDiff>,
}

/// The change that a build would make to one file.
///
/// ```
/// use devtools_runtime::dump::DumpDiff;
///
/// /// The recorded calls of a function whose results would change.
/// fn changed_calls<'d>(diff: &'d DumpDiff, function: &str) -> Vec<&'d str> {
///     let changed = diff.changed.iter().filter(|changed| changed.function == function);
///     let files = changed.flat_map(|changed| &changed.records);
///     files.filter_map(|file| file.arguments.as_deref()).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileDiff {
    /// The kind of change.
    pub change: Change,
    /// Its path, relative to the folder.
    pub path: String,
    /// The arguments of a record as JSON, shortened if they are long. `None` for a fallback and for other files.
    pub arguments: Option<String>,
}

/// The kind of change that a build makes to a file.
///
/// ```
/// use devtools_runtime::dump::{Change, DumpDiff};
///
/// /// The files that a build would remove, for a check that asks before it goes on.
/// fn removed(diff: &DumpDiff) -> Vec<&str> {
///     let files = diff.files.iter().chain(diff.changed.iter().flat_map(|function| &function.records));
///     files.filter(|file| file.change == Change::Removed).map(|file| &*file.path).collect()
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Change {
    /// The build adds the file.
    Added,
    /// The build removes the file.
    Removed,
    /// The build writes other content.
    Changed,
}

impl Change {
    const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
        }
    }
}

impl DumpDiff {
    /// Returns `true` if a build would change nothing.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.files.is_empty()
    }
}

/// Compares what a build would write with what is in `folder`.
pub(crate) async fn diff(
    serving: &Serving,
    folder: &Path,
    options: &DumpOptions,
) -> Result<DumpDiff, DumpError> {
    let context = &serving.context;
    let site = DumpPages::of(serving, options);
    let folder = folder.to_owned();
    let old = blocking(move || Old::read(&folder)).await?;
    let differences = Arc::new(Mutex::new(NewRecords::from(&old.sums)));
    let shards = FileBatches::compared(Arc::clone(&differences));
    let (collected, report) = collect(context, options, shards).await?;
    blocking(move || {
        let mut new = site.sums(&collected)?;
        let mut functions = HashMap::new();
        for (index, function) in collected.functions.iter().enumerate() {
            for (path, sum) in function.files() {
                functions.insert(path.clone(), index);
                new.insert(path, sum);
            }
        }
        let names: Vec<&str> = collected
            .functions
            .iter()
            .map(|function| &*function.name)
            .collect();
        let mut differences = differences.lock();
        let owner = |path: &str| match functions.get(path) {
            Some(index) => Some(names[*index]),
            None => old.functions.get(path).map(|name| &**name),
        };
        let mut by_function: BTreeMap<&str, FunctionDiff> = BTreeMap::new();
        let mut files = Vec::new();
        for (change, path) in changes(&old.sums, &new) {
            let Some(function) = owner(path) else {
                files.push(FileDiff {
                    change,
                    path: path.clone(),
                    arguments: None,
                });
                continue;
            };
            let diff = by_function.entry(function).or_insert_with(|| FunctionDiff {
                function: function.to_owned(),
                added: 0,
                removed: 0,
                changed: 0,
                records: Vec::new(),
            });
            match change {
                Change::Added => diff.added += 1,
                Change::Removed => diff.removed += 1,
                Change::Changed => diff.changed += 1,
            }
            if diff.records.len() < SHOWN {
                let arguments = match change {
                    Change::Added => differences.arguments.remove(path),
                    Change::Removed | Change::Changed => {
                        regular_file::read_to_string(&old.folder.join(path))
                            .ok()
                            .and_then(|text| shown_inputs(path, &text))
                    }
                };
                diff.records.push(FileDiff {
                    change,
                    path: path.clone(),
                    arguments: arguments.map(|arguments| shortened(&arguments)),
                });
            }
        }
        let was_there = |name: &str| old.names.iter().any(|old| old == name);
        let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for (name, diff) in by_function {
            if !was_there(name) {
                added.push(diff.function);
            } else if !names.contains(&name) {
                removed.push(diff.function);
            } else {
                changed.push(diff);
            }
        }
        let index = format!("{FOLDER}/index.json");
        if !(added.is_empty() && removed.is_empty() && changed.is_empty()) {
            files.retain(|file| file.path != index);
        }
        Ok(DumpDiff {
            folder: old.folder,
            added,
            removed,
            changed,
            files,
            report,
        })
    })
    .await
}

/// Returns the differing files, sorted by path.
fn changes<'a>(
    old: &'a BTreeMap<String, Sum>,
    new: &'a BTreeMap<String, Sum>,
) -> impl Iterator<Item = (Change, &'a String)> {
    let mut changes: Vec<_> = old
        .iter()
        .filter_map(|(path, sum)| match new.get(path) {
            None => Some((Change::Removed, path)),
            Some(other) => (other != sum).then_some((Change::Changed, path)),
        })
        .collect();
    let added = new.keys().filter(|path| !old.contains_key(*path));
    changes.extend(added.map(|path| (Change::Added, path)));
    changes.sort_by_key(|(_, path)| *path);
    changes.into_iter()
}

/// The dump that the folder holds now.
struct Old {
    folder: PathBuf,
    sums: BTreeMap<String, Sum>,
    /// The names of the functions, sorted as in the manifest.
    names: Vec<String>,
    /// Maps each path to the function that owns the file.
    functions: HashMap<String, String>,
}

impl Old {
    fn read(folder: &Path) -> Result<Self, DumpError> {
        #[derive(Deserialize)]
        struct OldEntry {
            path: Option<String>,
            fallback: Option<String>,
            #[serde(default)]
            records: BTreeMap<String, String>,
        }

        let folder = Target::existing(folder)?.path;
        let sums = SideFile::read(&folder)?.files;
        let index = folder.join(FOLDER).join("index.json");
        let text = regular_file::read_to_string(&index).map_err(DumpError::reading(&index))?;
        let manifest: BTreeMap<String, OldEntry> =
            serde_json::from_str(&text).map_err(|source| DumpError::SideFile {
                path: index,
                source,
            })?;
        let mut functions = HashMap::new();
        let mut names = Vec::with_capacity(manifest.len());
        for (name, entry) in manifest {
            let paths = entry.records.into_values();
            for path in paths.chain(entry.path).chain(entry.fallback) {
                functions.insert(path, name.clone());
            }
            names.push(name);
        }
        Ok(Self {
            folder,
            sums,
            names,
            functions,
        })
    }
}

impl fmt::Display for DumpDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return write!(
                f,
                "a build would change nothing in {}",
                self.folder.display()
            );
        }
        write!(f, "a build would change {}:", self.folder.display())?;
        for (change, names) in [
            (Change::Added, &self.added),
            (Change::Removed, &self.removed),
        ] {
            for name in names {
                write!(f, "\n{} {name}", change.sign())?;
            }
        }
        for function in &self.changed {
            let FunctionDiff {
                added,
                removed,
                changed,
                records,
                ..
            } = function;
            write!(f, "\n~ {}: ", function.function)?;
            let counts = [(added, "added"), (removed, "removed"), (changed, "changed")];
            let counts = counts.iter().filter(|(count, _)| **count > 0);
            for (index, (count, what)) in counts.enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                write!(f, "{separator}{count} {what}")?;
            }
            for record in records {
                let name = record.arguments.as_deref().unwrap_or(&record.path);
                write!(f, "\n    {} {name}", record.change.sign())?;
            }
            if let Some(more @ 1..) = (added + removed + changed).checked_sub(records.len()) {
                write!(f, "\n    and {}", Quantity(more, "more", "more"))?;
            }
        }
        for file in &self.files {
            write!(f, "\n{} {}", file.change.sign(), file.path)?;
        }
        Ok(())
    }
}
