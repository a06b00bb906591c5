//! Calls in the log: spans, slow calls, and functions that hold their session up.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::time::Duration;

use devtools_runtime::layers::{
    AlreadySet, LayerCall, LayerFuture, LayerResult, Next, Propagation, set_propagation,
};
use devtools_runtime::{
    Auth, DevTools, DevToolsBuilder, DevToolsContext, DevToolsRpcClient, Dump, RpcError, Setup,
    define_rpc_function, rpc_function,
};
use tracing_subscriber::filter::LevelFilter;

use tests::log::Log;

use crate::log::{has, span};

#[rpc_function(name = "seen:add")]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[rpc_function(name = "seen:slow-add", kind = "action")]
async fn slow_add(a: u32, b: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(30)).await;
    a + b
}

#[rpc_function(name = "seen:echo", encoding = "structured-clone")]
fn echo(text: String) -> String {
    text
}

#[rpc_function(name = "seen:note", kind = "event")]
fn note(_text: String) {}

#[derive(Debug, thiserror::Error, RpcError)]
#[error("there is none")]
struct NoneThere;

#[rpc_function(name = "seen:fail")]
async fn fail() -> Result<(), NoneThere> {
    Err(NoneThere)
}

#[rpc_function(name = "seen:panic")]
async fn panics() -> u8 {
    panic!("in the function")
}

#[rpc_function(name = "seen:late", timeout = "20ms")]
async fn late() -> u8 {
    pending().await
}

#[rpc_function(name = "seen:wait")]
async fn wait() -> u8 {
    pending().await
}

#[rpc_function(name = "seen:hold")]
fn hold() -> u8 {
    std::thread::sleep(Duration::from_millis(60));
    1
}

#[rpc_function(name = "seen:hold-later")]
async fn hold_later() -> u8 {
    tokio::task::yield_now().await;
    std::thread::sleep(Duration::from_millis(60));
    1
}

/// A function whose handler is made once, and blocks before it waits.
#[rpc_function(name = "seen:hold-set-up", setup)]
fn hold_set_up() -> Setup<fn() -> u8> {
    Setup::async_handler(|| async { hold() })
}

/// A layer that blocks before the function begins.
fn holding_layer(call: LayerCall, next: Next) -> LayerFuture {
    Box::pin(async move {
        hold();
        next.run(call).await
    })
}

#[rpc_function(name = "seen:held-by-a-layer", layer = holding_layer)]
fn held_by_a_layer() -> u8 {
    1
}

fn passing_layer(call: LayerCall, next: Next) -> LayerFuture {
    Box::pin(next.run(call))
}

#[rpc_function(name = "seen:hold-in-a-layer", layer = passing_layer)]
async fn hold_in_a_layer() -> u8 {
    hold_later().await
}

fn dump_of_square(_: &DevToolsContext) -> Dump<(u32,), u32> {
    Dump::inputs([(3,)])
}

#[rpc_function(name = "seen:square", dump = dump_of_square)]
fn square(n: u32) -> u32 {
    n * n
}

fn builder() -> DevToolsBuilder {
    DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .function(Add::definition())
        .function(SlowAdd::definition())
        .function(Echo::definition())
        .function(Note::definition())
        .function(Fail::definition())
        .function(Panics::definition())
        .function(Late::definition())
        .function(Wait::definition())
        .function(Hold::definition())
        .function(HoldLater::definition())
        .function(HoldSetUp::definition())
        .function(HeldByALayer::definition())
        .function(HoldInALayer::definition())
        .function(define_rpc_function("seen:hold-closure").async_handler(|| async { hold() }))
        .function(Square::definition())
}

async fn spans_of(rpc: &DevToolsRpcClient, log: &Log) {
    Add::call(rpc, 2, 3).await.unwrap();
    has(
        &span(log, "seen:add").await,
        &[
            "otel.kind=\"server\"",
            "rpc.system=\"devtools\"",
            "rpc.service=\"seen\"",
            "rpc.method=\"seen:add\"",
            "rpc.kind=\"query\"",
            "rpc.request.size=5",
            "rpc.response.size=",
            "session=",
            "outcome=\"ok\"",
            "duration_ms=",
        ],
    );
    SlowAdd::call(rpc, 2, 3).await.unwrap();
    has(
        &span(log, "seen:slow-add").await,
        &["rpc.kind=\"action\"", "outcome=\"ok\""],
    );
    Note::notify(rpc, "psst").await.unwrap();
    has(
        &span(log, "seen:note").await,
        &["rpc.kind=\"event\"", "outcome=\"ok\""],
    );
    Fail::call(rpc).await.unwrap_err();
    has(
        &span(log, "seen:fail").await,
        &[
            "outcome=\"error\"",
            "error.type=\"none-there\"",
            "otel.status_code=\"ERROR\"",
        ],
    );
    Panics::call(rpc).await.unwrap_err();
    has(
        &span(log, "seen:panic").await,
        &["outcome=\"error\"", "error.type=\"Error\""],
    );
    Late::call(rpc).await.unwrap_err();
    has(&span(log, "seen:late").await, &["outcome=\"timeout\""]);
    let waits = rpc.clone();
    let call = tokio::spawn(async move { Wait::call(&waits).await });
    tokio::task::yield_now().await; // sends the request
    Add::call(rpc, 1, 2).await.unwrap(); // comes after it, so the other call has begun
    call.abort();
    has(&span(log, "seen:wait").await, &["outcome=\"cancelled\""]);
}

#[tokio::test]
async fn a_call_over_a_socket_has_a_span() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::DEBUG);
    let server = builder().bind("127.0.0.1:0").await.unwrap();
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    spans_of(&rpc, &log).await;
}

#[tokio::test]
async fn a_call_in_memory_has_a_span() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::DEBUG);
    let devtools = builder().build().await.unwrap();
    spans_of(&devtools.client(), &log).await;
}

#[tokio::test]
async fn a_local_call_and_one_for_a_dump_have_spans() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::DEBUG);
    let devtools = builder().build().await.unwrap();
    Add::invoke_local(devtools.context(), 1, 1).await.unwrap();
    let line = span(&log, "seen:add").await;
    has(&line, &["otel.kind=\"internal\"", "outcome=\"ok\""]);
    assert!(!line.contains("session="), "{line}");
    Late::invoke_local(devtools.context()).await.unwrap_err();
    has(&span(&log, "seen:late").await, &["outcome=\"timeout\""]);
    let folder = tempfile::tempdir().unwrap();
    devtools.build(folder.path().join("dump")).await.unwrap();
    has(
        &span(&log, "seen:square").await,
        &["otel.kind=\"internal\"", "outcome=\"ok\""],
    );
}

#[tokio::test]
async fn what_a_layer_refuses_is_an_error_of_the_span() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::DEBUG);
    let builder = builder().layer(|_, _| async { LayerResult::Err("not now".into()) });
    let devtools = builder.build().await.unwrap();
    Add::call(&devtools.client(), 1, 1).await.unwrap_err();
    has(
        &span(&log, "seen:add").await,
        &["outcome=\"error\"", "error.type=\"Error\""],
    );
}

#[tokio::test]
async fn without_a_subscriber_for_it_there_is_no_span() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::INFO);
    let devtools = builder().build().await.unwrap();
    Add::call(&devtools.client(), 1, 1).await.unwrap();
    assert!(
        !log.lines().iter().any(|line| line.contains("seen:add")),
        "{:?}",
        log.lines()
    );
}

#[tokio::test]
async fn slow_calls_are_told_of_if_somebody_wants_it() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::WARN);
    let slow = Duration::from_millis(10);
    let devtools = builder().warn_of_slow_calls(slow).build().await.unwrap();
    Add::call(&devtools.client(), 1, 1).await.unwrap();
    SlowAdd::call(&devtools.client(), 1, 1).await.unwrap();
    SlowAdd::invoke_local(devtools.context(), 1, 1)
        .await
        .unwrap();
    let lines = log.lines();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("a call was slow"))
        .collect();
    assert_eq!(told.len(), 2, "{lines:#?}");
    has(told[0], &["seen:slow-add", "outcome=\"ok\""]);

    let devtools = builder().build().await.unwrap();
    SlowAdd::call(&devtools.client(), 1, 1).await.unwrap();
    assert_eq!(log.lines().len(), lines.len(), "by default nothing is slow");
}

#[tokio::test]
async fn a_function_that_holds_its_session_up_is_named() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::WARN);
    let limit = Duration::from_millis(40);
    let devtools = builder()
        .warn_of_blocking_calls(limit)
        .build()
        .await
        .unwrap();
    let rpc = devtools.client();
    Add::call(&rpc, 1, 1).await.unwrap();
    SlowAdd::call(&rpc, 1, 1).await.unwrap();
    assert_eq!(log.lines(), [""; 0]);
    Hold::call(&rpc).await.unwrap();
    HoldLater::call(&rpc).await.unwrap();
    HoldSetUp::call(&rpc).await.unwrap();
    HeldByALayer::call(&rpc).await.unwrap();
    HoldInALayer::call(&rpc).await.unwrap();
    let ended: u8 = rpc
        .call_dynamic("seen:hold-closure", [(); 0])
        .await
        .unwrap();
    assert_eq!(ended, 1);
    let lines = log.lines();
    let names = [
        "seen:hold",
        "seen:hold-later",
        "seen:hold-set-up",
        "seen:held-by-a-layer",
        "seen:hold-in-a-layer",
        "seen:hold-closure",
    ];
    assert_eq!(lines.len(), names.len(), "each once: {lines:#?}");
    for (line, name) in lines.iter().zip(names) {
        has(
            line,
            &["held its thread", &format!("rpc.method=\"{name}\"")],
        );
    }

    let devtools = builder()
        .warn_of_blocking_calls(None)
        .build()
        .await
        .unwrap();
    Hold::call(&devtools.client()).await.unwrap();
    assert_eq!(log.lines().len(), names.len(), "nobody wants to know");
}

thread_local! {
    /// The context of the caller that a test plays.
    static CURRENT: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// The parents of the calls' spans.
    static ATTACHED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[tokio::test]
async fn a_trace_goes_on_in_the_program_that_is_called() {
    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let propagation = Propagation {
        current: || CURRENT.get().map(str::to_owned),
        attach: |span, parent| {
            assert!(!span.is_disabled());
            ATTACHED.with_borrow_mut(|attached| attached.push(parent.to_owned()));
        },
    };
    assert_eq!(set_propagation(propagation), Ok(()));
    assert_eq!(
        set_propagation(propagation),
        Err(AlreadySet),
        "once for a process"
    );
    let (_log, _guard) = Log::of_this_thread(LevelFilter::DEBUG);
    let server = builder().bind("127.0.0.1:0").await.unwrap();
    let socket = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    for rpc in [socket, server.devtools().client()] {
        Add::call(&rpc, 1, 1).await.unwrap();
        assert_eq!(ATTACHED.take(), [""; 0], "a caller without a span");
        CURRENT.set(Some(PARENT));
        Add::call(&rpc, 1, 1).await.unwrap();
        assert_eq!(Echo::call(&rpc, "x").await.unwrap(), "x");
        CURRENT.set(None);
        assert_eq!(ATTACHED.take(), [PARENT, PARENT]);
    }
}
