//! The static dumps of a program: building, comparing and previewing them.

use std::path::Path;

use crate::devtools::handle::DevTools;
use crate::dump;
use crate::dump::diff::DumpDiff;
use crate::dump::failure::DumpError;
use crate::dump::options::DumpOptions;
use crate::dump::report::DumpReport;

impl DevTools {
    /// Writes a static dump to a folder: the answers of this program, as files that any file server can host, with
    /// its views ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
    ///
    /// The same as [`build_with`](Self::build_with) with the default options.
    ///
    /// # Errors
    ///
    /// As [`build_with`](Self::build_with).
    ///
    /// # Cancel safety
    ///
    /// As [`build_with`](Self::build_with).
    pub async fn build(&self, folder: impl AsRef<Path>) -> Result<DumpReport, DumpError> {
        self.build_with(folder, DumpOptions::new()).await
    }

    /// Writes a static dump to a folder: the answers of this program, as files that any file server can host, with
    /// its views ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
    ///
    /// The dump contains:
    ///
    /// - the result of every static function, which is called once, without arguments;
    /// - the results of each query with a [`Dump`](crate::Dump): the function is called for each of its inputs;
    /// - the result, without arguments, of each query with the option `snapshot`: it answers all calls;
    /// - the files of the [views](crate::context::Views), and the scripts that pages import.
    ///
    /// Actions and events are never called. The [report](DumpReport) lists the functions that will not work in the
    /// dump.
    ///
    /// A program that only builds a dump should set [`Mode::Build`](crate::Mode::Build), which its functions and
    /// plugins can read. This method works in both modes.
    ///
    /// The dump is written to a new folder, which then replaces the old one in one step. A reader sees either the old
    /// or the new dump, complete, even if the program is killed. Equal results give equal bytes. The file
    /// `__dump.json` lists all files with their checksums. Clients do not read it; [`check_dump`](crate::dump::check_dump)
    /// compares the files with it.
    ///
    /// ```
    /// use devtools_runtime::{DevTools, Mode, define_rpc_function};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let get_modules = define_rpc_function("docs-of-build:get-modules")
    ///     .snapshot()
    ///     .handler(|| vec!["/src/main.ts".to_owned()]);
    /// let devtools = DevTools::builder().mode(Mode::Build).function(get_modules).build().await?;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path().join("dist");
    /// let report = devtools.build(&folder).await?;
    /// println!("{report}");
    /// assert!(folder.join("__rpc-dump/docs-of-build~get-modules.fallback.json").exists());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`DumpError`], and the folder is unchanged. It fails if the folder is not empty and no build wrote it, if a
    /// file that somebody else put there has the path of a file of the dump, if the folder overlaps with one of a
    /// view, or if a file cannot be read or written. A function or a call that fails is not an error unless the
    /// options are [strict](DumpOptions::strict).
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the folder unchanged, removes the files written so far, and drops the calls that
    /// wait.
    pub async fn build_with(
        &self,
        folder: impl AsRef<Path>,
        options: DumpOptions,
    ) -> Result<DumpReport, DumpError> {
        dump::write::build(&self.0, folder.as_ref(), &options).await
    }

    /// Compares a folder with the dump that [`build`](Self::build) would write. Nothing is written, but the functions
    /// are called as in a build.
    ///
    /// The content of the folder is read from its list of files. Use [`check_dump`](crate::dump::check_dump) to find out
    /// whether the files still match that list.
    ///
    /// # Errors
    ///
    /// As [`diff_with`](Self::diff_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the calls that wait.
    pub async fn diff(&self, folder: impl AsRef<Path>) -> Result<DumpDiff, DumpError> {
        self.diff_with(folder, DumpOptions::new()).await
    }

    /// Compares a folder with the dump that [`build_with`](Self::build_with) would write.
    ///
    /// # Errors
    ///
    /// If the folder holds no dump, or if a file of it or of a view cannot be read.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the calls that wait.
    pub async fn diff_with(
        &self,
        folder: impl AsRef<Path>,
        options: DumpOptions,
    ) -> Result<DumpDiff, DumpError> {
        dump::diff::diff(&self.0, folder.as_ref(), &options).await
    }
}

#[cfg(feature = "client")]
impl DevTools {
    /// Makes a static dump, and answers from it the clients that connect from now on, as readers of the dump would be
    /// answered. Calls `missed` with each call that the dump cannot answer, once for each function and its arguments.
    ///
    /// Queries and static functions in the dump are answered from it and not run. A call that the dump does not hold
    /// gets the fallback, or an error if there is none. Actions fail, and events do nothing. The protocol's own
    /// functions work as before, and so do functions that call each other.
    ///
    /// The dump holds the current results of the functions. It is in a temporary folder, which exists as long as this
    /// `DevTools`.
    ///
    /// ```
    /// use devtools_runtime::dump::DumpOptions;
    /// use devtools_runtime::{DevTools, DevToolsContext, Dump, Mode, rpc_function};
    ///
    /// #[rpc_function(name = "my-plugin:get-length", dump = dump_lengths)]
    /// fn get_length(id: String) -> usize {
    ///     id.len()
    /// }
    ///
    /// fn dump_lengths(_: &DevToolsContext) -> Dump<(String,), usize> {
    ///     Dump::inputs([("/src/a.ts".to_owned(),)])
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let devtools = DevTools::builder().mode(Mode::Build).build().await?;
    /// let say = |missed: &devtools_runtime::dump::MissedCall| eprintln!("{missed}");
    /// let preview = devtools.preview_static(DumpOptions::new(), say).await?;
    ///
    /// let rpc = devtools.client();
    /// assert_eq!(GetLength::call(&rpc, "/src/a.ts").await?, 9);
    /// assert!(GetLength::call(&rpc, "/src/b.ts").await.is_err());
    /// assert_eq!(preview.missed().calls()[0].call, "my-plugin:get-length(\"/src/b.ts\")");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the dump cannot be written, or a preview has begun before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves everything unchanged.
    pub async fn preview_static(
        &self,
        options: DumpOptions,
        missed: impl Fn(&crate::dump::MissedCall) + Send + Sync + 'static,
    ) -> Result<crate::dump::StaticPreview, crate::dump::PreviewError> {
        use crate::dump::preview::{DUMP, TemporaryFolder, begin};

        let folder = TemporaryFolder::new().map_err(crate::dump::PreviewError::Folder)?;
        self.build_with(folder.path().join(DUMP), options).await?;
        begin(self.context(), folder, Box::new(missed)).await
    }
}
