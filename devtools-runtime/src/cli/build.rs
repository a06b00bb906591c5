//! The command `build`: writes a static dump, checks it, or compares it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgGroup, Args};

use crate::cli::progress::ProgressLine;
use crate::cli::{output, vite};
use crate::dump::{DumpOptions, check_dump};
use crate::function::BoxError;
use crate::{DevTools, DevToolsBuilder, Mode};

/// The end of the help text.
const EXIT_STATUS: &str = "\
Exit status: 0 on success, 1 on failure or if something differs, 2 if the arguments are invalid.
A function that cannot be dumped is a failure, but the rest is written. A call that fails is not a failure: it is
recorded and fails for readers of the dump too.";

/// The command `build`, as [`clap::Args`] for use in other parsers.
// The group has a long name, so that it does not collide with one of the program.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_STATUS)]
#[command(group = ArgGroup::new("devtools-build-what").required(true).args(["out", "check", "diff"]))]
#[group(skip)]
pub struct Build {
    /// Writes the dump to this folder and replaces the dump that it holds
    #[arg(long, alias = "out-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Lists the files of the dump in this folder that are missing, changed or unexpected
    #[arg(long, value_name = "DIR")]
    check: Option<PathBuf>,
    /// Lists what `--out` would change in the dump in this folder
    #[arg(long, value_name = "DIR")]
    diff: Option<PathBuf>,
    /// The number of calls that run at once [default: the number of cores]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroUsize>,
    /// Indents JSON files for people
    #[arg(long)]
    pretty: bool,
    /// Writes nothing if a function cannot be dumped or a call fails
    #[arg(long)]
    strict: bool,
    /// The path that the dump will be hosted at, such as `/repo/`, for the scripts of dock entries [default: any]
    #[arg(long, value_name = "PATH")]
    base: Option<String>,
    /// Adds the inspector, which shows readers all functions with their source files, and the recorded results
    #[arg(long)]
    inspector: bool,
}

impl Build {
    /// Runs the command with the functions of `builder`, and prints the result.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the folder as it was.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        self.run_with(builder, DumpOptions::new()).await
    }

    /// Runs the command as [`run`](Self::run) does, with options that the command line does not have, such as
    /// [`DumpOptions::inputs`]. A progress listener in `options` is replaced.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(self, builder: DevToolsBuilder, options: DumpOptions) -> ExitCode {
        output::exit_code(self.compare_or_write(builder, options).await)
    }

    async fn compare_or_write(
        self,
        builder: DevToolsBuilder,
        options: DumpOptions,
    ) -> Result<ExitCode, BoxError> {
        if let Some(folder) = &self.check {
            let check = check_dump(folder)?;
            output::out(&check);
            return Ok(status(check.is_whole()));
        }
        let devtools = vite::configure(builder)?.mode(Mode::Build).build().await?;
        match (&self.out, &self.diff) {
            (Some(folder), _) => self.write(&devtools, folder, options).await,
            (None, Some(folder)) => self.compare(&devtools, folder, options).await,
            // `clap` requires one of the three options.
            (None, None) => Ok(ExitCode::from(2)),
        }
    }

    async fn compare(
        &self,
        devtools: &DevTools,
        folder: &Path,
        options: DumpOptions,
    ) -> Result<ExitCode, BoxError> {
        let line = Arc::new(ProgressLine::new());
        let options = self.options(options, &line);
        let diff = devtools.diff_with(folder, options).await;
        line.clear();
        let diff = diff?;
        output::out(&diff);
        Ok(status(diff.is_empty()))
    }

    async fn write(
        &self,
        devtools: &DevTools,
        folder: &Path,
        options: DumpOptions,
    ) -> Result<ExitCode, BoxError> {
        let line = Arc::new(ProgressLine::new());
        let options = self.options(options, &line);
        let report = devtools.build_with(folder, options).await;
        line.clear();
        let report = report?;
        output::out(&report);
        let is_fine = report.failed_functions.is_empty() && report.unknown.is_empty();
        Ok(status(is_fine))
    }

    fn options(&self, mut options: DumpOptions, line: &Arc<ProgressLine>) -> DumpOptions {
        if self.pretty {
            options = options.pretty(true);
        }
        if self.strict {
            options = options.strict();
        }
        if self.inspector {
            options = options.inspector();
        }
        if let Some(base) = &self.base {
            options = options.base(base);
        }
        if let Some(concurrency) = self.concurrency {
            options = options.concurrency(concurrency);
        }
        let line = Arc::clone(line);
        options.on_progress(move |progress| line.show(progress))
    }
}

fn status(fine: bool) -> ExitCode {
    if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::process::ExitCode;

    use clap::Parser;

    use super::Build;
    use crate::dump::DumpOptions;
    use crate::wire::js;
    use crate::{DevTools, DevToolsBuilder, FunctionKind, define_rpc_function};

    /// A program that uses the command's own name for itself.
    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        build: Build,
    }

    fn build(arguments: &[&OsStr]) -> Build {
        let program = [OsStr::new("program")];
        let parsed = Program::try_parse_from(program.iter().chain(arguments));
        parsed.unwrap_or_else(|error| panic!("{error}")).build
    }

    fn builder() -> DevToolsBuilder {
        let fine = define_rpc_function("cli:fine").snapshot().handler(|| 1);
        let failing = define_rpc_function("cli:failing")
            .kind(FunctionKind::Static)
            .try_handler(|| Err::<u8, _>(js::Error::new("boom")));
        let builder = DevTools::builder().without_collected();
        builder.function(fine).function(failing)
    }

    #[tokio::test]
    async fn a_function_that_is_left_out_is_a_failure_and_the_rest_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        let build = || build(&["--out".as_ref(), dist.as_os_str()]);
        assert_eq!(build().run(builder()).await, ExitCode::FAILURE);
        let index = std::fs::read_to_string(dist.join("__rpc-dump/index.json")).unwrap();
        assert!(index.contains("cli:fine"), "{index}");
        assert!(!index.contains("cli:failing"), "{index}");

        let unknown = DumpOptions::new().snapshot("cli:nobody");
        let fine = define_rpc_function("cli:fine").snapshot().handler(|| 1);
        let builder = || {
            DevTools::builder()
                .without_collected()
                .function(fine.clone())
        };
        let ended = build().run_with(builder(), unknown).await;
        assert_eq!(ended, ExitCode::FAILURE, "a name of the options is wrong");
        assert_eq!(build().run(builder()).await, ExitCode::SUCCESS);
    }
}
