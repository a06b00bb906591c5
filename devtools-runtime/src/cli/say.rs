//! What the commands say, and where.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::function::BoxError;

/// Writes a line for other programs.
///
/// Nobody may be there to read it: that is no reason to end.
pub(super) fn out(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Writes a line for people.
pub(super) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The status that a command ends with, after it has said why it failed.
pub(super) fn ended(outcome: Result<ExitCode, BoxError>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        note(format_args!("error: {error}"));
        let mut source = error.source();
        while let Some(error) = source {
            note(format_args!("  because: {error}"));
            source = error.source();
        }
        ExitCode::FAILURE
    })
}
