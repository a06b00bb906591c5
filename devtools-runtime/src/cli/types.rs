//! `types`: what the functions take and return, channels carry and shared states hold, for those who use them from elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};

use crate::cli::say;
use crate::function::BoxError;
use crate::typescript;
use crate::typescript::TypeScriptOptions;
use crate::{DevToolsBuilder, Mode};

/// What the end of the help says.
const EXIT_STATUS: &str = "\
Exit status: 0 if all went well, 1 if it failed or a file is not as it would be written, 2 if the arguments make no sense.";

/// The command `types`, as [`clap::Args`] that other parsers take in.
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
    /// The file that remembers the types; with --check it says which changes break callers
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Writes nothing, and says what would change
    #[arg(long)]
    check: bool,
}

impl Types {
    /// Runs the command with what `builder` makes, and says what came of it. Nothing is served.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the files as they were, or written.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        self.run_with(builder, TypeScriptOptions::new()).await
    }

    /// [`run`](Self::run) with options for what the command line says nothing of.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(self, builder: DevToolsBuilder, options: TypeScriptOptions) -> ExitCode {
        say::ended(self.write_or_check(builder, &options).await)
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

    /// Writes the lock, or says what has changed since it was written; `false` if it has.
    fn lock(&self, file: &Path, text: &str) -> Result<bool, BoxError> {
        if !self.check || !file.exists() {
            return self.file(file, text);
        }
        let failed = |error: String| format!("{}: {error}", file.display());
        let old = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let changes = typescript::compare(&old, text).map_err(failed)?;
        for change in &changes.breaking {
            say::out(format_args!("breaks callers: {change}"));
        }
        for change in &changes.harmless {
            say::out(format_args!("breaks nobody: {change}"));
        }
        let is_fresh = changes.breaking.is_empty() && changes.harmless.is_empty();
        if !is_fresh {
            say::note(format_args!(
                "{} is stale: {} of {} changes break callers",
                file.display(),
                changes.breaking.len(),
                changes.breaking.len() + changes.harmless.len()
            ));
        }
        Ok(is_fresh)
    }

    /// Writes a file, or says what of it is stale; `false` if it is.
    fn file(&self, file: &Path, text: &str) -> Result<bool, BoxError> {
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        if !self.check {
            typescript::write(file, text).map_err(failed)?;
            return Ok(true);
        }
        let Some(difference) = typescript::check(file, text).map_err(failed)? else {
            return Ok(true);
        };
        say::out(difference.trim_end());
        say::note(format_args!("{} is stale", file.display()));
        Ok(false)
    }
}
