//! Errors of a handler, and errors before it runs.

use devtools_runtime::{DevToolsContext, Dump, js, rpc_function};
use serde::{Deserialize, Serialize};

/// The way in which a function fails.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Plain,
    Named,
    Cause,
    Panic,
}

/// Fails. An error of JavaScript's kind has a name; one that is caused by another says so in a dump.
#[rpc_function(dump = dump_failures)]
fn fail(how: How) -> Result<(), js::Error> {
    let boom = js::Error::new("boom");
    match how {
        How::Plain => Err(boom),
        How::Named => Err(js::Error::with_name("QuotaExceededError", "boom")),
        How::Cause => Err(boom.with_cause(js::Error::new("disk full"))),
        How::Panic => panic!("boom"),
    }
}

fn dump_failures(_: &DevToolsContext) -> Dump<(How,), Result<(), js::Error>> {
    Dump::inputs([(How::Plain,), (How::Named,), (How::Cause,)])
}

#[derive(Debug, Serialize, Deserialize, garde::Validate)]
struct Options {
    #[garde(range(min = 1, max = 5))]
    retries: i64,
    #[garde(length(chars, min = 1, max = 8))]
    name: String,
}

/// Returns valid options. Invalid ones are refused before.
#[rpc_function]
fn validate(options: Options) -> Options {
    options
}
