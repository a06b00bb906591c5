//! The files of a dump beside the records: the metadata, the pages, and the scripts that pages import.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::dump::collected::{CollectedDump, Sum, WrittenConnection, WrittenManifest};
use crate::dump::failure::DumpError;
use crate::dump::names::FOLDER;
use crate::dump::options::DumpOptions;
use crate::dump::report::DumpReport;
use crate::dump::write::page;
use crate::dump::write::side_file::SIDE_FILE;
use crate::dump::write::staging::{Staging, sync};
use crate::dump::write::target::Target;
use crate::host::{DockView, Files, Serving, View};
#[cfg(feature = "static-files")]
use crate::host::{HostedFolder, OpenedPath};
#[cfg(feature = "inspector")]
use crate::inspector;
use crate::panel;

/// The file name of the metadata.
const CONNECTION: &str = "__connection.json";

/// The file name of a page.
const PAGE: &str = "index.html";

/// The pages of a context, and the path of the scripts that they import.
#[derive(Debug)]
pub(crate) struct DumpPages {
    /// The base path at which a live server mounts the functions.
    base: String,
    views: Vec<View>,
    /// The addresses of the pages and images of dock entries. Empty if the options give the path of the dump.
    dock_files: Vec<String>,
    /// The description of the program for the inspector, if the dump contains the inspector.
    #[cfg(feature = "inspector")]
    inspector: Option<Vec<u8>>,
}

/// The source of a file's content.
#[derive(Debug, Clone)]
enum SiteContent {
    Text(Vec<u8>),
    Embedded(&'static [u8]),
    /// A file of a hosted folder, by its path in that folder.
    #[cfg(feature = "static-files")]
    Hosted(HostedFolder, String),
}

/// The totals of a written dump.
#[derive(Debug)]
pub(super) struct Totals {
    folder: PathBuf,
    views: Vec<String>,
    index_bytes: u64,
    files: usize,
    bytes: u64,
}

impl Totals {
    pub(super) fn report(self, report: &mut DumpReport) {
        report.folder = self.folder;
        report.views = self.views;
        report.index_bytes = self.index_bytes;
        report.files = self.files;
        report.bytes = self.bytes;
    }

    fn count(&mut self, sum: &Sum) {
        self.files += 1;
        self.bytes += sum.bytes;
    }
}

impl Target {
    /// Refuses a folder that contains the files of a view, or lies inside of them.
    pub(crate) fn check_views(&self, site: &DumpPages) -> Result<(), DumpError> {
        for (base, folder) in site.folders() {
            let Ok(source) = fs::canonicalize(folder) else {
                continue;
            };
            if source.starts_with(&self.path) || self.path.starts_with(&source) {
                return Err(DumpError::OverlapsView {
                    folder: self.path.clone(),
                    base: base.to_owned(),
                    source_folder: source,
                });
            }
        }
        Ok(())
    }
}

impl DumpPages {
    /// Collects the pages of a context for a dump with these options.
    pub(crate) fn of(serving: &Serving, options: &DumpOptions) -> Self {
        let context = &serving.context;
        let mut dock_files = Vec::new();
        for entry in context.docks().list() {
            if let DockView::Iframe(page) = entry.view() {
                dock_files.push(page.url.clone());
            }
            dock_files.extend(entry.images().into_iter().map(str::to_owned));
        }
        if options.base.is_some() {
            dock_files.clear();
        }
        Self {
            base: serving.settings.base.clone(),
            #[cfg(feature = "inspector")]
            inspector: options.inspector.then(|| inspector::describe(serving)),
            views: context.views().list(),
            dock_files,
        }
    }

    /// Returns the base and the folder of each view whose files are on disk.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.views.iter().filter_map(|view| match &view.files {
            #[cfg(feature = "static-files")]
            Files::Folder(folder) => Some((&*view.base, folder.path())),
            Files::Embedded(_) => None,
        })
    }

    /// Writes everything but the records, and finally the list of all files.
    pub(super) fn write(
        self,
        staging: &Staging,
        collected: &CollectedDump,
    ) -> Result<Totals, DumpError> {
        let sources = self.sources(collected)?;
        let mut written = Totals {
            folder: staging.target().to_owned(),
            views: self.views.into_iter().map(|view| view.base).collect(),
            index_bytes: 0,
            files: 0,
            bytes: 0,
        };
        let side_path = staging.file(SIDE_FILE);
        let side_failed = || DumpError::writing(&side_path);
        let mut side_file = staging.side_file()?;
        for (path, source) in sources {
            if let Some((folder, _)) = path.rsplit_once('/') {
                staging.make_folder(folder)?;
            }
            let place = staging.file(&path);
            let out = File::create(&place).map_err(DumpError::writing(&place))?;
            let sum = source.copy_to(out, &place)?;
            side_file.add(&path, &sum).map_err(side_failed())?;
            written.count(&sum);
        }
        let index = index_path();
        let place = staging.file(&index);
        let out = File::create(&place).map_err(DumpError::writing(&place))?;
        let sum = write_manifest(collected, out).map_err(DumpError::writing(&place))?;
        side_file.add(&index, &sum).map_err(side_failed())?;
        written.count(&sum);
        written.index_bytes = sum.bytes;
        for function in &collected.functions {
            for (path, sum) in function.files() {
                side_file.add(&path, &sum).map_err(side_failed())?;
                written.count(&sum);
            }
        }
        let out = side_file.finish().map_err(side_failed())?;
        let file = out
            .into_inner()
            .map_err(|error| side_failed()(error.into_error()))?;
        file.sync_all().map_err(side_failed())?;
        sync(&staging.file(FOLDER));
        sync(&staging.file(""));
        Ok(written)
    }

    /// Returns the size and checksum of each file that [`write`](Self::write) would write.
    pub(crate) fn sums(
        &self,
        collected: &CollectedDump,
    ) -> Result<BTreeMap<String, Sum>, DumpError> {
        let mut sums = BTreeMap::new();
        for (path, source) in self.sources(collected)? {
            let sum = source.copy_to(io::sink(), Path::new(&path))?;
            sums.insert(path, sum);
        }
        let index = index_path();
        let sum = write_manifest(collected, io::sink()).map_err(DumpError::writing(&index))?;
        sums.insert(index, sum);
        Ok(sums)
    }

    fn sources(&self, collected: &CollectedDump) -> Result<SiteFiles, DumpError> {
        let mut sources = SiteFiles::default();
        let connection = |base_url: Option<&str>| {
            // Serializing strings and JSON cannot fail.
            let text = serde_json::to_vec_pretty(&WrittenConnection {
                base_url,
                json: &collected.json,
                configs: &collected.configs,
            });
            SiteContent::Text(text.unwrap_or_default())
        };
        sources.add(CONNECTION.to_owned(), connection(None))?;

        let mount = folder_of(&self.base);
        for file in panel::FILES {
            sources.add(
                format!("{mount}{}", file.path),
                SiteContent::Embedded(file.content),
            )?;
        }
        #[cfg(feature = "inspector")]
        if let Some(description) = &self.inspector {
            let folder = format!("{mount}{}", inspector::FOLDER);
            for file in inspector::FILES {
                let path = format!("{folder}{}", file.path);
                sources.add(path, SiteContent::Embedded(file.content))?;
            }
            let description = SiteContent::Text(description.clone());
            sources.add(format!("{folder}{}", inspector::DESCRIPTION), description)?;
        }
        let bases = self.views.iter().map(|view| &*view.base);
        let mut folders: Vec<String> = bases.map(folder_of).collect();
        folders.push(mount);
        for folder in &folders {
            // A view's folder may be that of the mount, which has its metadata already.
            let back = "../".repeat(folder.matches('/').count());
            let path = format!("{folder}{CONNECTION}");
            if !folder.is_empty() && !sources.0.contains_key(&path) {
                sources.add(path, connection(Some(&format!("{back}{CONNECTION}"))))?;
            }
        }
        for (view, folder) in self.views.iter().zip(&folders) {
            for (path, content) in panel::files_beside_view() {
                sources.add(format!("{folder}{path}"), SiteContent::Embedded(content))?;
            }
            let mut add = |path: &str, source| {
                let is_script = panel::is_beside_view(path);
                let path = format!("{folder}{path}");
                // A view nested in this one, the metadata, or a script takes precedence over the file.
                let is_shown = folders
                    .iter()
                    .all(|other| other.len() <= folder.len() || !path.starts_with(other));
                let is_metadata = sources.0.contains_key(&path) && path.ends_with(CONNECTION);
                if is_shown && !is_metadata && !is_script {
                    return sources.add(path, source);
                }
                Ok(())
            };
            match &view.files {
                Files::Embedded(files) => {
                    for file in *files {
                        add(file.path, SiteContent::Embedded(file.content))?;
                    }
                }
                #[cfg(feature = "static-files")]
                Files::Folder(folder) => {
                    for path in page::files_of(folder.path())? {
                        let source = SiteContent::Hosted(folder.clone(), path.clone());
                        add(&path, source)?;
                    }
                }
            }
        }
        folders.pop();
        self.add_dock_files(&folders, &mut sources);
        if let [view] = &self.views[..] {
            if !sources.0.contains_key(PAGE) {
                let page = page::redirect(&view.base);
                sources.add(PAGE.to_owned(), SiteContent::Text(page.into_bytes()))?;
            }
        }
        Ok(sources)
    }
}

impl DumpPages {
    /// Adds redirects and images so that each view finds the pages and images of the dock.
    ///
    /// A dump's dock entries have addresses relative to the dump. The ecosystem's interfaces up to 1.2 resolve them
    /// against their own page, and so look for them below their own folder.
    fn add_dock_files(&self, folders: &[String], sources: &mut SiteFiles) {
        for (folder, address) in folders
            .iter()
            .flat_map(|folder| self.dock_files.iter().map(move |file| (folder, file)))
        {
            let path = address.split(['?', '#']).next().unwrap_or_default();
            let is_page = path.ends_with('/');
            let target = folder_of(path) + if is_page { PAGE } else { "" };
            let copy = format!("{folder}{target}");
            let is_hidden =
                |other: &String| other.len() > folder.len() && copy.starts_with(&**other);
            let is_own = target.starts_with(&**folder);
            let Some(source) = sources.0.get(&target) else {
                continue;
            };
            if is_own || folders.iter().any(is_hidden) || sources.0.contains_key(&copy) {
                continue;
            }
            let source = if is_page {
                let back = "../".repeat(copy.matches('/').count());
                let back = format!("/{back}{}", path.trim_start_matches('/'));
                SiteContent::Text(page::redirect(&back).into_bytes())
            } else {
                source.clone()
            };
            sources.0.insert(copy, source);
        }
    }
}

/// Returns the folder that a static server finds a base in. It ends with a slash unless it is empty.
fn folder_of(base: &str) -> String {
    let folder = page::decoded(base);
    folder.trim_start_matches('/').to_owned()
}

fn index_path() -> String {
    format!("{FOLDER}/index.json")
}

/// The sources of the files to write, by path.
#[derive(Debug, Default)]
struct SiteFiles(BTreeMap<String, SiteContent>);

impl SiteFiles {
    fn add(&mut self, path: String, source: SiteContent) -> Result<(), DumpError> {
        let is_plain = |part: &str| {
            !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']) && part.len() <= 255
        };
        if !path.split('/').all(is_plain) {
            return Err(DumpError::Path(path));
        }
        let is_taken = path == SIDE_FILE || path.starts_with(&format!("{FOLDER}/"));
        match self.0.entry(path) {
            Entry::Vacant(vacant) if !is_taken => {
                vacant.insert(source);
                Ok(())
            }
            Entry::Vacant(taken) => Err(DumpError::SamePath(taken.into_key())),
            Entry::Occupied(taken) => Err(DumpError::SamePath(taken.key().clone())),
        }
    }
}

impl IntoIterator for SiteFiles {
    type Item = (String, SiteContent);
    type IntoIter = std::collections::btree_map::IntoIter<String, SiteContent>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl SiteContent {
    /// Copies the content and returns its size and checksum.
    fn copy_to(self, out: impl Write, place: &Path) -> Result<Sum, DumpError> {
        let mut out = Summing::new(out);
        match self {
            Self::Text(text) => out.write_all(&text).map_err(DumpError::writing(place))?,
            Self::Embedded(content) => out.write_all(content).map_err(DumpError::writing(place))?,
            #[cfg(feature = "static-files")]
            Self::Hosted(folder, path) => {
                let named = || folder.path().join(&path);
                // The file may have been replaced since the folder was listed.
                let opened = folder.open_within(&path);
                let mut file = match opened.map_err(DumpError::reading(named()))? {
                    OpenedPath::File(file, _) => file,
                    OpenedPath::Folder | OpenedPath::Outside => {
                        let gone = io::Error::from(io::ErrorKind::NotFound);
                        return Err(DumpError::reading(named())(gone));
                    }
                };
                io::copy(&mut file, &mut out).map_err(DumpError::io("copied", named()))?;
            }
        }
        out.finish().map_err(DumpError::writing(place))
    }
}

/// Computes the size and checksum of a file.
pub(crate) fn sum_of(mut file: File) -> io::Result<Sum> {
    let mut sum = Summing::new(io::sink());
    io::copy(&mut file, &mut sum)?;
    sum.finish()
}

fn write_manifest(collected: &CollectedDump, out: impl Write) -> io::Result<Sum> {
    let mut out = BufWriter::new(Summing::new(out));
    serde_json::to_writer_pretty(&mut out, &WrittenManifest(collected))?;
    let out = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    out.finish()
}

/// A writer that computes the size and checksum of what is written.
struct Summing<W> {
    out: W,
    bytes: u64,
    digest: Sha256,
}

impl<W: Write> Summing<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            bytes: 0,
            digest: Sha256::new(),
        }
    }

    fn finish(mut self) -> io::Result<Sum> {
        self.out.flush()?;
        Ok(Sum {
            bytes: self.bytes,
            sha256: self.digest.finalize().into(),
        })
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        let written = self.out.write(content)?;
        self.digest.update(&content[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
