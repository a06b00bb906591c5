//! The command `call`: calls a function once.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::DevToolsBuilder;
use crate::cli::functions::{FunctionSource, ServerOptions};
use crate::cli::nearest::nearest;
use crate::cli::output;
use crate::function::{BoxError, CallError, Side};
use crate::wire::js;

/// The end of the help text.
const AFTER_HELP: &str = "\
An argument is read as JSON if it is valid JSON, and as a string otherwise: `true`, `5` and `{\"deep\":true}` are JSON, `main.rs`
is a string. If the function describes its types and the parameter is a string, `5` is a string too; otherwise quote it twice:
'\"5\"'. Write `--` before an argument that begins with `-` and is not a number.

The result is written to standard output as JSON, indented on a terminal. An error of the function is written to standard error,
with its code, data and causes.

Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.";

/// The command `call`, as [`clap::Args`] for use in other parsers.
#[derive(Debug, Clone, Args)]
#[command(after_help = AFTER_HELP)]
#[group(skip)]
pub struct Call {
    /// The name of the function, such as `my-plugin:get-module`
    name: String,
    /// The arguments of the function, in order
    #[arg(allow_negative_numbers = true)]
    arguments: Vec<String>,
    #[command(flatten)]
    server: ServerOptions,
}

impl Call {
    /// Calls a function of `builder`, or of a running server, and prints its result.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future discards the reply. The function may still run.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        output::exit_code(self.call(builder).await)
    }

    async fn call(self, builder: DevToolsBuilder) -> Result<ExitCode, BoxError> {
        let functions = self.server.connect(builder).await?;
        let arguments = self.arguments(&functions).await?;
        // `js::Value` reads both codecs and keeps the order of properties.
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
                    output::out(text);
                    ExitCode::SUCCESS
                })
                .map_err(BoxError::from)
            }
            Err(CallError::UnknownFunction(name)) => Err(unknown(&functions, &name).await),
            Err(CallError::Remote(error)) => {
                output::note(output::failure(&error));
                if let Some(word) = self.misread_word(&error.message) {
                    output::note(format!(
                        "`{word}` was read as JSON; write '\"{word}\"' to pass it as a string"
                    ));
                }
                Ok(ExitCode::FAILURE)
            }
            Err(error) => Err(error.into()),
        };
        functions.end().await;
        status
    }
}

impl Call {
    /// Converts the words of the command line to values. Numbers keep all their digits.
    async fn arguments(&self, functions: &FunctionSource) -> Result<Vec<Box<RawValue>>, BoxError> {
        let schema = if self.arguments.iter().any(|word| is_ambiguous(word)) {
            // Without a description, every word that is valid JSON is read as JSON.
            let known = functions.describe().await.unwrap_or_default();
            let called = known
                .into_iter()
                .find(|function| function.side == Side::Server && function.name == self.name);
            called.and_then(|function| function.schema)
        } else {
            None
        };
        let parameter = |position: usize| schema.as_ref()?.get("arguments")?.get(position);
        let words = self.arguments.iter().enumerate();
        let values = words.map(|(position, word)| argument(word, parameter(position)));
        values.collect::<Result<_, _>>().map_err(BoxError::from)
    }

    /// Finds the word that was read as JSON although the function expected a string, from the function's error
    /// message.
    fn misread_word(&self, complaint: &str) -> Option<&str> {
        let (position, rest) = complaint.strip_prefix("argument ")?.split_once(' ')?;
        let word = self
            .arguments
            .get(position.parse::<usize>().ok()?.checked_sub(1)?)?;
        let is_whole = !rest.contains(" at `");
        (is_whole && rest.ends_with("expected a string") && is_ambiguous(word)).then_some(word)
    }
}

/// Converts a word of the command line to a value. It is JSON if it is valid JSON and the parameter is not a string.
fn argument(word: &str, parameter: Option<&Value>) -> serde_json::Result<Box<RawValue>> {
    let takes = |wanted| parameter.is_some_and(|schema| takes_only(schema, schema, wanted));
    let is_text = match word {
        "null" => takes(&["string"]),
        word => is_ambiguous(word) && takes(&["string", "null"]),
    };
    match serde_json::from_str::<&RawValue>(word) {
        Ok(value) if !is_text => Ok(value.to_owned()),
        _ => to_raw_value(word),
    }
}

/// Returns `true` if a word can be read as JSON or as a string. A word in its own quotes is unambiguous.
fn is_ambiguous(word: &str) -> bool {
    !word.trim_start().starts_with('"') && serde_json::from_str::<&RawValue>(word).is_ok()
}

/// Returns `true` if a schema accepts only values of these types. References start at `root`.
fn takes_only(schema: &Value, root: &Value, types: &[&str]) -> bool {
    let is_one = |value: &Value| value.as_str().is_some_and(|name| types.contains(&name));
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| root.pointer(pointer));
        // A definition that only refers to itself describes no type.
        return target
            .filter(|target| target.get("$ref").is_none())
            .is_some_and(|target| takes_only(target, root, types));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().all(|value| match value {
            Value::String(_) => types.contains(&"string"),
            Value::Null => types.contains(&"null"),
            _ => false,
        });
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
            return choices.iter().all(|choice| takes_only(choice, root, types));
        }
    }
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().all(is_one),
        Some(name) => is_one(name),
        None => false,
    }
}

fn scope_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(scope, _)| scope)
}

async fn unknown(functions: &FunctionSource, name: &str) -> BoxError {
    let Ok(known) = functions.describe().await else {
        return format!(
            "there is no function named `{name}`, and this server does not list its functions"
        )
        .into();
    };
    if known
        .iter()
        .any(|function| function.side == Side::Client && function.name == name)
    {
        return format!("`{name}` is a function of clients, which only the server can call").into();
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
        format!("there is no function named `{name}`: `list` shows all functions{unlinked}").into()
    } else {
        let near = near.join(", ");
        format!("there is no function named `{name}`: did you mean {near}?").into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn value(word: &str, parameter: Option<Value>) -> Value {
        let raw = super::argument(word, parameter.as_ref()).unwrap();
        serde_json::from_str(raw.get()).unwrap()
    }

    #[test]
    fn a_word_is_json_or_itself() {
        let argument = |word| value(word, None);
        assert_eq!(argument("5"), json!(5));
        assert_eq!(argument("-1.5"), json!(-1.5));
        assert_eq!(argument("null"), json!(null));
        assert_eq!(argument(r#"{"a":[1]}"#), json!({ "a": [1] }));
        assert_eq!(argument("\"5\""), json!("5"));
        assert_eq!(argument("/src/main.rs"), json!("/src/main.rs"));
        assert_eq!(argument(""), json!(""));
        assert_eq!(argument("{broken"), json!("{broken"));
    }

    #[test]
    fn a_word_for_a_text_is_the_text() {
        let defined = json!({ "$ref": "#/$defs/Id", "$defs": { "Id": { "type": "string" } } });
        for text in [
            json!({ "type": "string" }),
            json!({ "type": ["string", "null"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            json!({ "enum": ["12345", "b"] }),
            defined,
        ] {
            assert_eq!(value("12345", Some(text.clone())), json!("12345"), "{text}");
            assert_eq!(value("true", Some(text.clone())), json!("true"));
            assert_eq!(value("\"5\"", Some(text)), json!("5"));
        }
        assert_eq!(
            value("null", Some(json!({ "type": "string" }))),
            json!("null")
        );
        let optional = json!({ "type": ["string", "null"] });
        assert_eq!(value("null", Some(optional)), json!(null));
        for other in [
            json!(true),
            json!({ "type": "integer" }),
            json!({ "type": ["string", "integer"] }),
            json!({}),
        ] {
            assert_eq!(value("12345", Some(other.clone())), json!(12345), "{other}");
        }
    }

    #[test]
    fn whole_numbers_keep_their_digits() {
        for number in [
            "9007199254740993",
            "18446744073709551615",
            "340282366920938463463374607431768211455",
        ] {
            assert_eq!(super::argument(number, None).unwrap().get(), number);
        }
    }
}
