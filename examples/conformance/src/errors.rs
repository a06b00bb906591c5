//! Everything that can go wrong in a handler, and before it.

use devtools_runtime::{DevToolsContext, Dump, js, rpc_function};
use serde::{Deserialize, Serialize};

/// How a function is to fail.
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

#[derive(Debug, Serialize, Deserialize)]
struct Options {
    retries: Retries,
    name: Name,
}

/// 1 to 5.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
struct Retries(i64);

impl TryFrom<i64> for Retries {
    type Error = &'static str;

    fn try_from(retries: i64) -> Result<Self, Self::Error> {
        if (1..=5).contains(&retries) {
            Ok(Self(retries))
        } else {
            Err("not within 1 to 5")
        }
    }
}

impl From<Retries> for i64 {
    fn from(retries: Retries) -> Self {
        retries.0
    }
}

/// 1 to 8 characters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if (1..=8).contains(&name.chars().count()) {
            Ok(Self(name))
        } else {
            Err("not of 1 to 8 characters")
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// Gives valid options back. Others never get here: what a type cannot hold is refused before.
#[rpc_function]
fn validate(options: Options) -> Options {
    options
}
