//! The command `types`: writes the types of functions, channels and shared states for other languages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};

use crate::cli::output;
use crate::function::BoxError;
use crate::typescript;
use crate::typescript::TypeScriptOptions;
use crate::{DevToolsBuilder, Mode};

/// The end of the help text.
const EXIT_STATUS: &str = "\
Exit status: 0 on success, 1 on failure or if a file is out of date, 2 if the arguments are invalid.";

/// The command `types`, as [`clap::Args`] for use in other parsers.
#[derive(Debug, Clone, Args)]
#[expect(clippy::doc_markdown, reason = "people read it in a terminal")]
#[command(after_help = EXIT_STATUS)]
#[command(group = ArgGroup::new("devtools-types-what").required(true).multiple(true).args(["out", "openrpc", "lock"]))]
#[group(skip)]
pub struct Types {
    /// The file for the declarations, such as `panel/src/rpc.d.ts`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The file for an OpenRPC document of the same types
    #[arg(long, value_name = "FILE")]
    openrpc: Option<PathBuf>,
    /// The file to compare later types with; with `--check`, breaking changes are listed
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Writes nothing, and shows what would change
    #[arg(long)]
    check: bool,
}

impl Types {
    /// Runs the command with the functions of `builder`, and prints the result. Nothing is served.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves each file either unchanged or fully written.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        self.run_with(builder, TypeScriptOptions::new()).await
    }

    /// Runs the command as [`run`](Self::run) does, with options that the command line does not have.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(self, builder: DevToolsBuilder, options: TypeScriptOptions) -> ExitCode {
        output::exit_code(self.write_or_check(builder, &options).await)
    }

    async fn write_or_check(
        self,
        builder: DevToolsBuilder,
        options: &TypeScriptOptions,
    ) -> Result<ExitCode, BoxError> {
        let devtools = builder.mode(Mode::Build).build().await?;
        let mut is_fresh = true;
        if let Some(file) = &self.out {
            is_fresh &= self.file(file, &devtools.typescript_with(options)?)?;
        }
        if let Some(file) = &self.openrpc {
            is_fresh &= self.file(file, &devtools.openrpc_with(options)?)?;
        }
        if let Some(file) = &self.lock {
            is_fresh &= self.lock(file, &devtools.schema_lock_with(options)?)?;
        }
        Ok(if is_fresh {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Writes the lock, or prints the changes since it was written. Returns `false` if there are any.
    fn lock(&self, file: &Path, text: &str) -> Result<bool, BoxError> {
        if !self.check || !file.exists() {
            return self.file(file, text);
        }
        let failed = |error: String| format!("{}: {error}", file.display());
        let old = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let changes = typescript::compare(&old, text).map_err(failed)?;
        for change in &changes.breaking {
            output::out(format_args!("breaks callers: {change}"));
        }
        for change in &changes.harmless {
            output::out(format_args!("compatible: {change}"));
        }
        let is_fresh = changes.breaking.is_empty() && changes.harmless.is_empty();
        if !is_fresh {
            output::note(format_args!(
                "{} is out of date: {} of {} changes break callers; run this without `--check` to update it",
                file.display(),
                changes.breaking.len(),
                changes.breaking.len() + changes.harmless.len()
            ));
        }
        Ok(is_fresh)
    }

    /// Writes a file, or prints how it differs. Returns `false` if it does.
    fn file(&self, file: &Path, text: &str) -> Result<bool, BoxError> {
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        if !self.check {
            typescript::write(file, text).map_err(failed)?;
            return Ok(true);
        }
        let Some(difference) = typescript::check(file, text).map_err(failed)? else {
            return Ok(true);
        };
        output::out(difference.trim_end());
        output::note(format_args!(
            "{} is out of date: run this without `--check` to update it",
            file.display()
        ));
        Ok(false)
    }
}
