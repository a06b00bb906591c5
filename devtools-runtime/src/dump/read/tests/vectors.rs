//! Dumps that the real build wrote, read as its client read them.

use std::fs;

use axum::Router;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::calls::{VECTORS, open, reply};
use crate::client::{Dialer, StaticSite};
use crate::dump::read::StaticDump;
use crate::dump::read::folder::percent_decoded;
use crate::function::CallError;
use crate::peer::{Frame, Limits};
use crate::wire::described::{Use, describe};
use crate::wire::js::Value;
use crate::wire::{self, Encoding};

#[derive(Deserialize)]
struct Definitions {
    reads: Vec<Read>,
}

/// A call of the JavaScript client, and its result.
#[derive(Deserialize)]
struct Read {
    method: String,
    args: Option<Box<RawValue>>,
    how: Option<String>,
    ok: Option<Box<RawValue>>,
    error: Option<Thrown>,
}

#[derive(Deserialize)]
struct Thrown {
    name: String,
    message: String,
    cause: Option<Cause>,
    own: Box<RawValue>,
}

#[derive(Deserialize)]
struct Cause {
    name: String,
    message: String,
}

/// Calls whose result is different here, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "demo:undefined-json",
        "`undefined` became `{}`, and is read back as what it was",
    ),
    ("toString", "a name that the dump does not have"),
    (
        "demo:get-user",
        "`[1, undefined]` is `[1]` to a caller who cannot say which",
    ),
];

fn described(value: &RawValue) -> Value {
    describe(value, Use::Compare).unwrap()
}

#[tokio::test]
async fn what_the_real_client_read_is_read_from_a_folder() {
    check_reads(&open(format!("{VECTORS}/dist")).await).await;
}

#[tokio::test]
async fn what_the_real_client_read_is_read_over_http() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // The server decodes the paths of requests, as web servers do.
    let router = Router::new().fallback(|uri: Uri| async move {
        let path = percent_decoded(uri.path()).unwrap();
        fs::read(format!("{VECTORS}/dist{path}")).map_err(|_| StatusCode::NOT_FOUND)
    });
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let limits = Limits::default();
    let site = StaticSite::new(url.parse().unwrap(), &Dialer::default(), &limits);
    let dump = StaticDump::open(site, &limits).await.unwrap();
    check_reads(&dump).await;
}

/// Makes the calls that the JavaScript client made.
async fn check_reads(dump: &StaticDump) {
    let definitions = fs::read_to_string(format!("{VECTORS}/definitions.json")).unwrap();
    let definitions: Definitions = serde_json::from_str(&definitions).unwrap();
    let mut different = Vec::new();
    let mut compared = 0;
    for read in definitions.reads {
        let (Some(arguments), Some(how)) = (&read.args, read.how.as_deref()) else {
            continue; // of shared state
        };
        let Value::Array(arguments) = described(arguments) else {
            panic!("{arguments} are no arguments");
        };
        if how == "callEvent" {
            let event = wire::request(Encoding::Json, &read.method, &arguments, true, None);
            assert_eq!(dump.answer(&Frame::from(event.unwrap())).await, None);
            compared += 1;
            continue;
        }
        let optional = how == "callOptional";
        let reply = reply(dump, &read.method, &arguments, optional).await;
        let outcome = reply.read::<Value>(&read.method, Encoding::StructuredClone);
        if is_same(&read, &outcome) {
            compared += 1;
        } else {
            println!("{} {arguments:?}: {outcome:?}", read.method);
            different.push(read.method);
        }
    }
    let expected: Vec<_> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    different.sort_by_key(|name| expected.iter().position(|expected| expected == name));
    assert_eq!(different, expected);
    println!(
        "{compared} calls as in the real client, {} otherwise",
        different.len()
    );
    assert!(compared > 45);
}

fn is_same(read: &Read, outcome: &Result<Value, CallError>) -> bool {
    match (&read.ok, &read.error, outcome) {
        (Some(ok), _, Ok(Value::Null)) if ok.get().contains("undefined") => true,
        (Some(ok), _, Ok(output)) if !ok.get().contains("function") => described(ok) == *output,
        (_, Some(thrown), Err(CallError::UnknownFunction(name))) => {
            thrown.message.contains("not found in dump store") && *name == read.method
        }
        (_, Some(thrown), Err(CallError::Remote(error))) if error.code.is_some() => {
            thrown.message.contains("No dump match") && error.message.contains("no dump match")
        }
        (_, Some(thrown), Err(CallError::Remote(error))) => {
            let own = serde_json::to_value(described(&thrown.own)).unwrap();
            let data = error.data.clone().unwrap_or(serde_json::json!({}));
            let same_cause = match (&thrown.cause, &error.cause) {
                (Some(expected), Some(cause)) => {
                    (&expected.name, &expected.message) == (&cause.name, &cause.message)
                }
                (None, None) => true,
                _ => false,
            };
            (&thrown.name, &thrown.message, own) == (&error.name, &error.message, data)
                && same_cause
        }
        _ => false,
    }
}
