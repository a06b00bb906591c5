//! Views: the pages that a context hosts.

#[cfg(feature = "static-files")]
use crate::host::hosted_folder::HostedFolder;
use crate::listeners::Listeners;
use crate::mutex::Mutex;

/// The hosted pages of a context, from [`DevToolsContext::views`](crate::DevToolsContext::views).
///
/// ```
/// use devtools_runtime::{DevTools, EmbeddedFile};
///
/// const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"<!doctype html><title>My plugin</title>")];
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let views = devtools.context().views();
/// views.host_static("/__my-plugin/", PAGE)?;
/// assert_eq!(views.bases(), ["/__my-plugin/"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Views {
    hosted: Mutex<Vec<View>>,
    /// The listeners that are called with the base of each new view.
    added: Listeners<str>,
}

/// One hosted page with its files.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// The path of the page. It begins and ends with a slash.
    pub(crate) base: String,
    pub(crate) files: Files,
}

#[derive(Debug, Clone)]
pub(crate) enum Files {
    Embedded(&'static [EmbeddedFile]),
    /// A folder on disk.
    #[cfg(feature = "static-files")]
    Folder(HostedFolder),
}

/// A file that is compiled into the program.
///
/// ```
/// use devtools_runtime::EmbeddedFile;
///
/// const PANEL: &[EmbeddedFile] =
///     &[EmbeddedFile::new("index.html", b"<!doctype html><title>Panel</title>")];
/// ```
///
/// Files on disk are embedded with `include_bytes!`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedFile {
    pub(crate) path: &'static str,
    pub(crate) content: &'static [u8],
}

impl EmbeddedFile {
    /// Creates a file that is served at `path`, which is relative to the view's base and has no leading slash. The extension
    /// decides the content type.
    pub const fn new(path: &'static str, content: &'static [u8]) -> Self {
        Self { path, content }
    }
}

crate::debug_impl! { EmbeddedFile as it => "{} ({} bytes)", it.path, it.content.len() }

/// The files of a view: embedded in the program, or a folder (feature `static-files`).
///
/// ```
/// use devtools_runtime::context::StaticFiles;
/// use devtools_runtime::{DevTools, EmbeddedFile};
///
/// const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"<!doctype html><title>My plugin</title>")];
///
/// /// A folder while the page is developed needs the feature `static-files`: `StaticFiles::from(PathBuf)`.
/// fn page() -> StaticFiles {
///     StaticFiles::from(PAGE)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// devtools.context().views().host_static("/__my-plugin/", page())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct StaticFiles(Files);

impl From<&'static [EmbeddedFile]> for StaticFiles {
    fn from(files: &'static [EmbeddedFile]) -> Self {
        Self(Files::Embedded(files))
    }
}

#[cfg(feature = "static-files")]
impl From<std::path::PathBuf> for StaticFiles {
    fn from(folder: std::path::PathBuf) -> Self {
        folder.as_path().into()
    }
}

#[cfg(feature = "static-files")]
impl From<&std::path::Path> for StaticFiles {
    fn from(folder: &std::path::Path) -> Self {
        Self(Files::Folder(HostedFolder::open(folder)))
    }
}

/// The error of a view that cannot be hosted.
///
/// ```
/// use devtools_runtime::context::ViewError;
/// use devtools_runtime::{DevTools, EmbeddedFile};
///
/// const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"<!doctype html><title>My plugin</title>")];
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let views = devtools.context().views();
/// let error = views.host_static("my-plugin", PAGE).unwrap_err();
/// assert_eq!(error, ViewError::Base("my-plugin".to_owned()));
/// views.host_static("/__my-plugin/", PAGE)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The base does not begin and end with a slash.
    #[error(
        "`{0}` is not a base for a view: write a path between two slashes, such as `/__my-plugin/`"
    )]
    Base(String),
    /// Another view has the base already.
    #[error("another view is hosted at `{0}`: choose another base")]
    Taken(String),
}

impl Views {
    /// Hosts files under `base`, a path such as `/__my-plugin/` on the server.
    ///
    /// `base` itself shows `index.html`. The same path without its last slash redirects there, so that relative addresses in
    /// the page work. Views may be added while the server runs.
    ///
    /// Folders and embedded files use the same rules as the hosting of the JavaScript server: a folder shows its
    /// `index.html`, `about` also finds `about.html`, and a path without an extension that matches no file is a client-side
    /// route, which shows the view's `index.html`. All other paths are answered with 404. In addition, the server answers
    /// requests for parts of files (`Range`), answers 304 for unchanged files, and sends `.br` and `.gz` files that lie
    /// beside the original.
    ///
    /// The server keeps the folder open, from now on or from when it first exists. It reads only what is within the folder,
    /// even if files and folders are replaced by links meanwhile: it follows links within the folder and answers 404 for
    /// links out of it, and for everything that is neither a file nor a folder.
    /// [`Limits::file_reads`](crate::Limits::file_reads) limits how many reads run at once.
    ///
    /// # Errors
    ///
    /// If the base is not a path between two slashes, or another view has it.
    pub fn host_static(&self, base: &str, files: impl Into<StaticFiles>) -> Result<(), ViewError> {
        if base.len() < 3 || !base.starts_with('/') || !base.ends_with('/') || base.contains("//") {
            return Err(ViewError::Base(base.to_owned()));
        }
        let mut hosted = self.hosted.lock();
        if hosted.iter().any(|view| view.base == base) {
            return Err(ViewError::Taken(base.to_owned()));
        }
        hosted.push(View {
            base: base.to_owned(),
            files: files.into().0,
        });
        drop(hosted);
        self.added.notify(base);
        Ok(())
    }

    pub(crate) fn added(&self) -> &Listeners<str> {
        &self.added
    }

    /// Returns the bases of the views, in the order in which they were added.
    pub fn bases(&self) -> Vec<String> {
        self.hosted
            .lock()
            .iter()
            .map(|view| view.base.clone())
            .collect()
    }

    /// Returns the views, in the order in which they were added.
    pub(crate) fn list(&self) -> Vec<View> {
        self.hosted.lock().clone()
    }

    /// Returns the view that a path belongs to and the rest of the path. The rest is `None` if the path is the base without
    /// its last slash.
    #[cfg(feature = "server")]
    pub(crate) fn find<'p>(&self, path: &'p str) -> Option<(View, Option<&'p str>)> {
        let hosted = self.hosted.lock();
        let matching = hosted.iter().filter_map(|view| {
            let rest = path.strip_prefix(&view.base);
            let unslashed = || path == view.base.trim_end_matches('/');
            (rest.is_some() || unslashed()).then_some((view, rest))
        });
        // A view's base may lie below the base of another view: the longest matching base is chosen.
        let (view, rest) = matching.max_by_key(|(view, _)| view.base.len())?;
        Some((view.clone(), rest))
    }
}

#[cfg(test)]
mod tests {
    use super::{EmbeddedFile, StaticFiles, ViewError, Views};

    fn files() -> StaticFiles {
        const FILES: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"<!doctype html>")];
        FILES.into()
    }

    #[test]
    fn a_base_must_be_a_path_between_slashes() {
        let views = Views::default();
        for base in ["", "/", "x", "/x", "x/", "/a//b/"] {
            let error = views.host_static(base, files()).unwrap_err();
            assert_eq!(error, ViewError::Base(base.to_owned()));
        }
        assert_eq!(
            views.host_static("x", files()).unwrap_err().to_string(),
            "`x` is not a base for a view: write a path between two slashes, such as `/__my-plugin/`"
        );
        views.host_static("/x/", files()).unwrap();
        assert_eq!(
            views.host_static("/x/", files()).unwrap_err(),
            ViewError::Taken("/x/".into())
        );
    }

    #[cfg(feature = "server")]
    #[test]
    fn the_closest_view_counts() {
        let views = Views::default();
        views.host_static("/a/", files()).unwrap();
        views.host_static("/a/b/", files()).unwrap();
        let find = |path| views.find(path).map(|(view, rest)| (view.base, rest));
        assert_eq!(find("/a/b/c.js"), Some(("/a/b/".into(), Some("c.js"))));
        assert_eq!(find("/a/x.js"), Some(("/a/".into(), Some("x.js"))));
        assert_eq!(find("/a"), Some(("/a/".into(), None)));
        assert_eq!(find("/ab"), None);
    }
}
