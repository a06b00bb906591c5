//! What the commands say, and where.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::function::{BoxError, RemoteError};

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

/// Whether colours are for what reads this: people at a terminal who have not said no.
pub(super) fn is_coloured(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused
}

/// Says what a function failed with: the code and the data are what programs tell errors by.
pub(super) fn failed(error: &RemoteError) {
    note(format_args!("error: {}", error.message));
    if let Some(code) = &error.code {
        note(format_args!("  code: {code}"));
    }
    if let Some(data) = &error.data {
        note(format_args!("  data: {data}"));
    }
    let mut cause = error.cause.as_deref();
    while let Some(error) = cause {
        note(format_args!("  because: {}", error.message));
        cause = error.cause.as_deref();
    }
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
