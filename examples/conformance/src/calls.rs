//! Calls of every kind: arguments, results, order, and the context of a call.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use devtools_runtime::context::SessionTransport;
use devtools_runtime::{DevToolsContext, Mode, RpcSession, Setup, js, rpc_function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::Store;

/// Returns its argument.
#[rpc_function]
fn echo(value: Value) -> Value {
    value
}

/// Adds two numbers.
#[rpc_function(agent)]
fn add(a: i64, b: i64) -> Result<i64, js::Error> {
    // JavaScript recreates errors of its own classes from their names.
    a.checked_add(b)
        .ok_or_else(|| js::Error::with_name("RangeError", "the sum is out of range"))
}

/// Greets somebody.
#[rpc_function(agent)]
fn greet(name: String, greeting: Option<String>) -> String {
    format!("{}, {name}!", greeting.as_deref().unwrap_or("Hello"))
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Info {
    version: String,
    root: String,
    mode: Mode,
}

/// Describes the server.
#[rpc_function(kind = "static", setup, agent(title = "Get the server", tags = ["server"]))]
fn get_info(ctx: &DevToolsContext) -> Setup<fn() -> Info> {
    let info = Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        root: ctx.cwd().display().to_string(),
        mode: ctx.mode(),
    };
    Setup::handler(move || info.clone())
}

/// Stores a number.
#[rpc_function(kind = "action", agent(safety = "destructive"))]
fn set_count(store: &Store, n: i64) {
    store.count.store(n, Ordering::Relaxed);
}

/// Returns the stored number, which is 0 at first.
#[rpc_function(agent)]
fn get_count(store: &Store) -> i64 {
    store.count.load(Ordering::Relaxed)
}

/// Stores a message.
#[rpc_function(kind = "event")]
fn notify(store: &Store, message: String) {
    store
        .notifications
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(message);
}

/// Returns the stored messages.
#[rpc_function]
fn notifications(store: &Store) -> Vec<String> {
    store
        .notifications
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Answers after a while.
#[rpc_function]
async fn sleep(store: &Store, ms: u64) -> u64 {
    let unless_dropped = CountIfDropped(store);
    tokio::time::sleep(Duration::from_millis(ms)).await;
    std::mem::forget(unless_dropped);
    ms
}

/// A query is dropped at its next await when its caller goes away.
struct CountIfDropped<'a>(&'a Store);

impl Drop for CountIfDropped<'_> {
    fn drop(&mut self) {
        self.0.cancelled.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns the number of calls of `sleep` that were dropped before they ended.
#[rpc_function]
fn cancelled(store: &Store) -> u64 {
    store.cancelled.load(Ordering::Relaxed)
}

#[derive(Serialize, Deserialize)]
struct Caller {
    session: u64,
    trusted: bool,
    transport: SessionTransport,
}

/// Describes the calling session.
#[rpc_function]
fn whoami(session: &RpcSession) -> Caller {
    Caller {
        session: session.id(),
        trusted: session.is_trusted(),
        transport: session.transport(),
    }
}
