//! `call`: one function, once.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use crate::DevToolsBuilder;
use crate::cli::functions::{At, Functions};
use crate::cli::nearest::nearest;
use crate::cli::say;
use crate::function::{BoxError, CallError, Side};
use crate::wire::js;

/// What the end of the help says.
const AFTER_HELP: &str = "\
An argument is JSON, or else the text itself: `true`, `5` and `{\"deep\":true}` are no text, and `main.rs` is. A text that is
JSON, too, is quoted twice: '\"5\"'. What begins with `-` and is no number goes behind `--`.

The result is written to standard output as JSON, indented on a terminal. What the function fails with goes to standard error,
with its code, its data, and what caused it.

Exit status: 0 if all went well, 1 if it failed, 2 if the arguments make no sense.";

/// The command `call`, as [`clap::Args`] that other parsers take in.
#[derive(Debug, Clone, Args)]
#[command(after_help = AFTER_HELP)]
#[group(skip)]
pub struct Call {
    /// The name of the function, such as `my-plugin:get-module`
    name: String,
    /// What the function is called with
    #[arg(allow_negative_numbers = true)]
    arguments: Vec<String>,
    #[command(flatten)]
    at: At,
}

impl Call {
    /// Calls a function of what `builder` makes, or of a server that runs, and writes what it returns.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the reply. The function may run all the same.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        say::ended(self.call(builder).await)
    }

    async fn call(self, builder: DevToolsBuilder) -> Result<ExitCode, BoxError> {
        let functions = self.at.connect(builder).await?;
        let arguments: Vec<Value> = self.arguments.iter().map(|word| argument(word)).collect();
        // It reads both codecs, and keeps the order of what it reads.
        let called = functions
            .client()
            .call_dynamic::<js::Value>(&self.name, arguments);
        let status = match called.await {
            Ok(returned) => {
                let text = if io::stdout().is_terminal() {
                    serde_json::to_string_pretty(&returned)
                } else {
                    serde_json::to_string(&returned)
                };
                text.map(|text| {
                    say::out(text);
                    ExitCode::SUCCESS
                })
                .map_err(BoxError::from)
            }
            Err(CallError::UnknownFunction(name)) => Err(unknown(&functions, &name).await),
            Err(CallError::Remote(error)) => {
                say::note(say::failure(&error));
                Ok(ExitCode::FAILURE)
            }
            Err(error) => Err(error.into()),
        };
        functions.end().await;
        status
    }
}

/// A word of the command line, as a value.
fn argument(word: &str) -> Value {
    serde_json::from_str(word).unwrap_or_else(|_| Value::String(word.to_owned()))
}

fn scope_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(scope, _)| scope)
}

async fn unknown(functions: &Functions, name: &str) -> BoxError {
    let Ok(known) = functions.describe().await else {
        return format!(
            "there is no function named `{name}`, and this server does not say which there are"
        )
        .into();
    };
    if known
        .iter()
        .any(|function| function.side == Side::Client && function.name == name)
    {
        return format!("`{name}` is a function of the client: the server calls it").into();
    }
    let callable = known
        .iter()
        .filter(|function| function.side == Side::Server)
        .map(|function| &*function.name);
    let near: Vec<_> = nearest(name, callable)
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect();
    if near.is_empty() {
        let scope = name.split_once(':').map(|(scope, _)| scope);
        let is_known = |scope: &str| {
            known
                .iter()
                .any(|function| scope_of(&function.name) == scope)
        };
        let unlinked = scope.filter(|scope| !known.is_empty() && !is_known(scope));
        let unlinked = unlinked.map(|scope| {
            let functions = known.len();
            let package = scope.replace('-', "_");
            format!(
                "; {functions} functions are linked, none of `{scope}`: a crate that the program depends on and never \
                 names is not linked, so write `use {package} as _;`"
            )
        });
        let unlinked = unlinked.unwrap_or_default();
        format!("there is no function named `{name}`: `list` says which there are{unlinked}").into()
    } else {
        let near = near.join(", ");
        format!("there is no function named `{name}`: did you mean {near}?").into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::argument;

    #[test]
    fn a_word_is_json_or_itself() {
        assert_eq!(argument("5"), json!(5));
        assert_eq!(argument("-1.5"), json!(-1.5));
        assert_eq!(argument("null"), json!(null));
        assert_eq!(argument(r#"{"a":[1]}"#), json!({ "a": [1] }));
        assert_eq!(argument("\"5\""), json!("5"));
        assert_eq!(argument("/src/main.rs"), json!("/src/main.rs"));
        assert_eq!(argument(""), json!(""));
        assert_eq!(argument("{broken"), json!("{broken"));
    }
}
