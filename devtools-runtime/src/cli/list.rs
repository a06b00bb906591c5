//! The command `list`: prints the functions, for people or for programs.

use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

use clap::Args;

use crate::DevToolsBuilder;
use crate::cli::exit_status::EXIT_STATUS;
use crate::cli::functions::ServerOptions;
use crate::cli::output;
use crate::function::{BoxError, CallError, FunctionInfo, Side};
use crate::protocol::is_built_in;

/// The command `list`, as [`clap::Args`] for use in other parsers.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_STATUS)]
#[group(skip)]
pub struct List {
    /// Prints full descriptions as JSON
    #[arg(long)]
    json: bool,
    /// Includes the functions of the protocol
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    server: ServerOptions,
}

impl List {
    /// Lists the functions of `builder`, or of a running server.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has no side effects.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        output::exit_code(self.list(builder).await)
    }

    async fn list(self, builder: DevToolsBuilder) -> Result<ExitCode, BoxError> {
        let functions = self.server.connect(builder).await?;
        let described = functions.describe().await;
        functions.end().await;
        let mut described = described.map_err(|error| -> BoxError {
            match error {
                CallError::UnknownFunction(_) => {
                    "this server does not list its functions: only servers of this library in dev mode and static dumps do"
                        .into()
                }
                error => error.into(),
            }
        })?;
        described.retain(|function| self.all || !is_built_in(&function.name));
        let text = if self.json {
            serde_json::to_string_pretty(&described)?
        } else {
            table(&described, output::is_coloured(&io::stdout()))
        };
        output::out(text.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a line for each function, below a heading.
fn table(functions: &[FunctionInfo], is_coloured: bool) -> String {
    let heading = ["NAME", "KIND", "PARAMETERS", "DESCRIPTION"].map(str::to_owned);
    let rows = functions.iter().map(|function| {
        let kind = match function.side {
            Side::Server => function.kind.to_string(),
            Side::Client => format!("{} (client)", function.kind),
        };
        let parameters = function.parameters.iter().map(|parameter| {
            let mark = if parameter.optional { "?" } else { "" };
            format!("{}{mark}", parameter.name)
        });
        let parameters: Vec<_> = parameters.collect();
        let summary = function.description.lines().next().unwrap_or_default();
        [
            function.name.clone(),
            kind,
            parameters.join(", "),
            summary.to_owned(),
        ]
    });
    let rows: Vec<[String; 4]> = std::iter::once(heading).chain(rows).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for (index, [name, kind, parameters, summary]) in rows.iter().enumerate() {
        let line = format!(
            "{name:0$}  {kind:1$}  {parameters:2$}  {summary}",
            widths[0], widths[1], widths[2]
        );
        let line = line.trim_end();
        // Writing to a string does not fail.
        let _ = match index {
            0 if is_coloured => writeln!(text, "\x1b[1m{line}\x1b[0m"),
            _ => writeln!(text, "{line}"),
        };
    }
    text
}
