//! Calls that a program makes in its own process: they end as those of clients do.

use std::future::pending;
use std::time::Duration;

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, Dump, Limits, Setup, define_rpc_function,
    rpc_function,
};
use tests::with_id;

#[rpc_function(name = "calls:panic-at-once")]
fn panic_at_once() -> u8 {
    panic!("at once");
}

#[rpc_function(name = "calls:panic-later")]
async fn panic_later() -> u8 {
    tokio::task::yield_now().await;
    panic!("later");
}

#[rpc_function(name = "calls:panic-on-a-thread", blocking)]
fn panic_on_a_thread() -> u8 {
    panic!("on a thread");
}

#[rpc_function(name = "calls:panic-set-up", setup)]
fn panic_set_up() -> Setup<fn() -> u8> {
    Setup::handler(|| panic!("set up"))
}

#[rpc_function(name = "calls:wait")]
async fn wait() -> u8 {
    pending().await
}

#[rpc_function(name = "calls:wait-set-up", setup)]
fn wait_set_up() -> Setup<fn() -> u8> {
    Setup::async_handler(pending)
}

async fn devtools(limits: Limits) -> DevTools {
    let builder = DevTools::builder().auth(Auth::None).without_collected();
    builder
        .limits(limits)
        .function(PanicAtOnce::definition())
        .function(PanicLater::definition())
        .function(PanicOnAThread::definition())
        .function(PanicSetUp::definition())
        .function(Wait::definition())
        .function(WaitSetUp::definition())
        .function(define_rpc_function("calls:closure").handler(|| -> u8 { panic!("a closure") }))
        .build()
        .await
        .unwrap()
}

/// Returns the message of a panic for the caller.
fn told<T: std::fmt::Debug>(result: Result<T, CallError>) -> String {
    match result {
        Err(CallError::Remote(error)) => with_id(&error.message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_panic_is_the_error_of_a_local_call() {
    let devtools = devtools(Limits::default()).await;
    let ctx = devtools.context();
    let concealed = "internal error (id)";
    assert_eq!(told(PanicAtOnce::invoke_local(ctx).await), concealed);
    assert_eq!(told(PanicLater::invoke_local(ctx).await), concealed);
    assert_eq!(told(PanicOnAThread::invoke_local(ctx).await), concealed);
    assert_eq!(told(PanicSetUp::invoke_local(ctx).await), concealed);
    for name in ["panic-at-once", "panic-later", "panic-set-up", "closure"] {
        let name = format!("calls:{name}");
        let by_name = ctx.rpc().invoke_local::<u8>(&name, ()).await;
        assert_eq!(told(by_name), concealed, "{name}");
        let structured = ctx.rpc().invoke_structured::<u8>(&name, ()).await;
        assert_eq!(told(structured), concealed, "{name}");
    }
}

#[tokio::test]
async fn handler_timeout_holds_for_local_calls() {
    let limit = Duration::from_millis(30);
    let devtools = devtools(Limits::new().handler_timeout(limit)).await;
    let ctx = devtools.context();
    for result in [
        Wait::invoke_local(ctx).await,
        WaitSetUp::invoke_local(ctx).await,
    ] {
        match result {
            Err(CallError::Timeout(after)) => assert_eq!(after, limit),
            other => panic!("{other:?}"),
        }
    }
    let by_name = ctx.rpc().invoke_local::<u8>("calls:wait", ()).await;
    assert_eq!(
        told(by_name),
        "\"calls:wait\" did not end within 30 ms, the limit `handler_timeout`"
    );
}

fn dump_of_stuck(_: &DevToolsContext) -> Dump<(), u8> {
    Dump::inputs([()])
}

#[rpc_function(name = "calls:stuck", dump = dump_of_stuck, timeout = "30ms")]
async fn stuck() -> u8 {
    pending().await
}

/// The function's own limit is kept on every way: over a connection, in the process, and for a dump.
#[tokio::test]
async fn the_option_timeout_holds_on_every_way() {
    let builder = DevTools::builder().auth(Auth::None).without_collected();
    let builder = builder.function(Stuck::definition());
    let devtools = builder.build().await.unwrap();
    let message = "\"calls:stuck\" did not end within 30ms";
    assert_eq!(told(Stuck::call(&devtools.client()).await), message);
    match Stuck::invoke_local(devtools.context()).await {
        Err(CallError::Timeout(after)) => assert_eq!(after, Duration::from_millis(30)),
        other => panic!("{other:?}"),
    }
    let folder = tempfile::tempdir().unwrap();
    let report = devtools.build(folder.path().join("dump")).await.unwrap();
    assert!(report.to_string().contains(message), "{report}");
}
