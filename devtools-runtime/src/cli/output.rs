//! Writes the output of commands.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::function::{BoxError, RemoteError};

/// Writes a line to standard output, for other programs.
///
/// A closed standard output is not an error.
pub(super) fn out(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Writes a line to standard error, for people.
pub(super) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a question to standard error. The answer is typed on the same line.
pub(super) fn ask(question: impl Display) {
    let mut terminal = io::stderr();
    let _ = write!(terminal, "{question}");
    let _ = terminal.flush();
}

/// Returns `true` if output should be coloured: on a terminal, unless `NO_COLOR` is set.
pub(super) fn is_coloured(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused
}

/// Formats the error of a function with its code, data and causes.
pub(super) fn failure(error: &RemoteError) -> String {
    let mut lines = vec![format!("error: {}", error.message)];
    lines.extend(error.code.iter().map(|code| format!("  code: {code}")));
    lines.extend(error.data.iter().map(|data| format!("  data: {data}")));
    let causes = std::iter::successors(error.cause.as_deref(), |error| error.cause.as_deref());
    lines.extend(causes.map(|error| format!("  because: {}", error.message)));
    lines.join("\n")
}

/// Returns the exit status of a command. Prints the error if it failed.
pub(super) fn exit_code(outcome: Result<ExitCode, BoxError>) -> ExitCode {
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

/// Returns the name by which the program was started.
pub(super) fn started_as() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::failure;
    use crate::function::RemoteError;

    #[test]
    fn an_error_is_said_with_code_data_and_causes() {
        let error = RemoteError {
            code: Some("no-module".to_owned()),
            data: Some(json!({ "id": "/src/c.ts" })),
            cause: Some(Box::new(RemoteError {
                cause: Some(Box::new(RemoteError::new("disk full"))),
                ..RemoteError::new("the index is broken")
            })),
            ..RemoteError::new("there is no such module")
        };
        assert_eq!(
            failure(&error),
            "error: there is no such module\n  code: no-module\n  data: {\"id\":\"/src/c.ts\"}\n  because: the index is broken\n  because: disk full"
        );
        assert_eq!(failure(&RemoteError::new("boom")), "error: boom");
    }
}
