//! Layers see every call of the program's functions, and may change its course.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::docks::Command;
use devtools_runtime::layers::{
    CallOrigin, FailureReason, LayerCall, LayerFuture, LayerResult, Next, RateLimit, rate_limit,
};
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsRpcClient, Dump,
    FunctionKind, Limits, RemoteError, RpcError, RpcSession, Server, Setup, rpc_function,
};
use serde_json::{Value, json};
use tests::wait::eventually;
use tests::with_id;

#[rpc_function(name = "layers:add")]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[rpc_function(name = "layers:slow-add", kind = "action")]
async fn slow_add(a: u32, b: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(5)).await;
    a + b
}

#[rpc_function(name = "layers:echo", encoding = "structured-clone")]
fn echo(value: devtools_runtime::js::Value) -> devtools_runtime::js::Value {
    value
}

#[rpc_function(name = "layers:note", kind = "event")]
fn note(_text: String) {}

#[rpc_function(name = "layers:set-up", setup)]
fn set_up() -> Setup<fn(u32) -> u32> {
    Setup::handler(|n| n + 1)
}

#[derive(Debug, PartialEq, thiserror::Error, RpcError)]
enum Refusal {
    #[error("not {0}")]
    Not(String),
}

#[rpc_function(name = "layers:fail")]
async fn fail(what: String) -> Result<(), Refusal> {
    Err(Refusal::Not(what))
}

#[rpc_function(name = "layers:panic")]
async fn panics() -> u8 {
    tokio::task::yield_now().await;
    panic!("in the function")
}

#[rpc_function(name = "layers:wait")]
async fn wait() -> u8 {
    pending().await
}

fn dump_of_square(_: &DevToolsContext) -> Dump<(u32,), u32> {
    Dump::inputs([(3,)])
}

#[rpc_function(name = "layers:square", dump = dump_of_square)]
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
        .function(SetUp::definition())
        .function(Fail::definition())
        .function(Panics::definition())
        .function(Wait::definition())
        .function(Square::definition())
}

/// The calls that a layer has seen.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    /// A layer that notes each call and its end.
    fn layer(&self) -> impl Fn(LayerCall, Next) -> LayerFuture + Send + Sync + 'static {
        let seen = self.clone();
        move |call, next| {
            let seen = seen.clone();
            Box::pin(async move {
                let session = call.session().map(RpcSession::id);
                let before = format!(
                    "{} {:?} {:?} {:?}",
                    call.name(),
                    call.origin(),
                    call.arguments_bytes(),
                    session.is_some()
                );
                let ended = next.run(call).await;
                let after = match &ended {
                    Ok(success) => format!("ok {:?}", success.reply_bytes()),
                    Err(failure) => {
                        let text = with_id(&failure.error().message);
                        format!("{:?} {text}", failure.reason())
                    }
                };
                seen.note(format!("{before} -> {after}"));
                ended
            })
        }
    }

    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    async fn wait_for(&self, count: usize) -> Vec<String> {
        eventually(|| self.0.lock().unwrap().len() >= count).await;
        self.take()
    }
}

/// A client over each transport.
async fn clients(server: &Server) -> [DevToolsRpcClient; 3] {
    let url = server.url();
    let over = |transport| {
        DevToolsRpcClient::builder(&url)
            .transport(transport)
            .connect()
    };
    [
        over(ClientTransport::WebSocket).await.unwrap(),
        over(ClientTransport::Sse).await.unwrap(),
        server.devtools().client(),
    ]
}

async fn calls(rpc: &DevToolsRpcClient, seen: &Seen) {
    assert_eq!(Add::call(rpc, 2, 3).await.unwrap(), 5);
    assert_eq!(SlowAdd::call(rpc, 2, 3).await.unwrap(), 5);
    assert_eq!(SetUp::call(rpc, 2).await.unwrap(), 3);
    let set = devtools_runtime::js::Value::Set([1.into()].into_iter().collect());
    assert_eq!(Echo::call(rpc, set.clone()).await.unwrap(), set);
    match Fail::call(rpc, "now").await {
        Err(CallError::Function(refusal)) => assert_eq!(refusal, Refusal::Not("now".into())),
        other => panic!("{other:?}"),
    }
    let panicked = Panics::call(rpc).await.unwrap_err().to_string();
    assert_eq!(with_id(&panicked), "internal error (id)");
    Note::notify(rpc, "psst").await.unwrap();
    let lines = seen.wait_for(7).await;
    assert!(
        lines[0].starts_with("layers:add Session Some(5) true -> ok Some("),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("layers:slow-add Session Some(5) true -> ok"),
        "{lines:?}"
    );
    assert!(
        lines[2].starts_with("layers:set-up Session Some(3) true -> ok"),
        "{lines:?}"
    );
    assert!(
        lines[3].starts_with("layers:echo Session Some("),
        "{lines:?}"
    );
    assert!(lines[4].ends_with("true -> Function not now"), "{lines:?}");
    assert!(
        lines[5].ends_with("true -> Function internal error (id)"),
        "{lines:?}"
    );
    assert_eq!(lines[6], "layers:note Session Some(8) true -> ok None");
}

#[tokio::test]
async fn a_layer_sees_the_calls_of_clients() {
    let seen = Seen::default();
    let server = builder()
        .layer(seen.layer())
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    for client in clients(&server).await {
        assert_eq!(
            seen.take(),
            [""; 0],
            "the handshake is no call of the program's functions"
        );
        calls(&client, &seen).await;
    }
}

#[tokio::test]
async fn a_layer_sees_the_calls_of_the_program() {
    let seen = Seen::default();
    let devtools = builder().layer(seen.layer()).build().await.unwrap();
    let ctx = devtools.context();
    assert_eq!(Add::invoke_local(ctx, 2, 3).await.unwrap(), 5);
    assert_eq!(SlowAdd::invoke_local(ctx, 2, 3).await.unwrap(), 5);
    assert_eq!(SetUp::invoke_local(ctx, 2).await.unwrap(), 3);
    match Fail::invoke_local(ctx, "now".to_owned()).await {
        Err(CallError::Function(refusal)) => assert_eq!(refusal, Refusal::Not("now".into())),
        other => panic!("{other:?}"),
    }
    let panicked = Panics::invoke_local(ctx).await.unwrap_err().to_string();
    assert_eq!(with_id(&panicked), "internal error (id)");
    let sum: u32 = ctx.rpc().invoke_local("layers:add", (2, 3)).await.unwrap();
    assert_eq!(sum, 5);
    let echo: Value = ctx
        .rpc()
        .invoke_structured("layers:echo", ("x",))
        .await
        .unwrap();
    assert_eq!(echo, json!("x"));
    let lines = seen.take();
    assert_eq!(
        lines[..6],
        [
            "layers:add Program None false -> ok None",
            "layers:slow-add Program None false -> ok None",
            "layers:set-up Program None false -> ok None",
            "layers:fail Program None false -> Function not now",
            "layers:panic Program None false -> Function internal error (id)",
            "layers:add Program Some(5) false -> ok Some(23)",
        ]
    );
    assert!(
        lines[6].starts_with("layers:echo Program Some("),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_layer_sees_the_calls_of_a_dump() {
    let seen = Seen::default();
    let devtools = builder().layer(seen.layer()).build().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let report = devtools.build(folder.path().join("dump")).await.unwrap();
    let lines = seen.take();
    assert_eq!(lines.len(), 1, "{lines:?} {report}");
    assert!(
        lines[0].starts_with("layers:square Dump Some(3) false -> ok"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_command_is_the_programs_code_too() {
    let seen = Seen::default();
    let devtools = builder().layer(seen.layer()).build().await.unwrap();
    let command = Command::new("layers:hello", "Hello");
    let commands = devtools.context().commands();
    commands
        .register(command, |_| async { Ok("hello".into()) })
        .unwrap();
    let rpc = devtools.client();
    let said: Value = rpc
        .call_structured("hub:commands:execute", ("layers:hello",))
        .await
        .unwrap();
    assert_eq!(said, json!("hello"));
    let lines = seen.take();
    assert!(
        lines[0].starts_with("hub:commands:execute Session"),
        "{lines:?}"
    );
}

async fn refuse(call: LayerCall, next: Next) -> LayerResult {
    if call.kind() == FunctionKind::Action {
        return Err(RemoteError::coded("closed", "come back tomorrow").into());
    }
    next.run(call).await
}

#[tokio::test]
async fn a_layer_may_refuse() {
    let seen = Seen::default();
    let builder = builder().layer(seen.layer()).layer(refuse);
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    for rpc in clients(&server).await {
        match SlowAdd::call(&rpc, 2, 3).await {
            Err(CallError::Remote(error)) => {
                assert_eq!(error.message, "come back tomorrow");
                assert_eq!(error.code.as_deref(), Some("closed"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(Add::call(&rpc, 2, 3).await.unwrap(), 5);
    }
    match SlowAdd::invoke_local(server.devtools().context(), 2, 3).await {
        Err(CallError::Remote(error)) => assert_eq!(error.code.as_deref(), Some("closed")),
        other => panic!("{other:?}"),
    }
    assert!(
        seen.take()[0].ends_with("-> Refused come back tomorrow"),
        "layers outside see it"
    );
}

#[tokio::test]
async fn layers_are_passed_from_the_outside_to_the_inside() {
    async fn outer(mut call: LayerCall, next: Next) -> LayerResult {
        call.extensions_mut().insert(vec!["outer"]);
        next.run(call).await
    }
    async fn scoped(mut call: LayerCall, next: Next) -> LayerResult {
        call.extensions_mut()
            .get_mut::<Vec<&str>>()
            .unwrap()
            .push("scoped");
        next.run(call).await
    }
    async fn other(_: LayerCall, _: Next) -> LayerResult {
        Err("of another scope".into())
    }
    async fn own(call: LayerCall, _: Next) -> LayerResult {
        let passed = call.extensions().get::<Vec<&str>>().unwrap();
        Err(passed.join(", ").into())
    }
    #[rpc_function(name = "layers:with-own", layer = own)]
    fn with_own() -> u8 {
        1
    }
    let devtools = builder()
        .function(WithOwn::definition())
        .layer(outer)
        .layer_for("layers:with-", scoped)
        .layer_for("other:", other)
        .build()
        .await
        .unwrap();
    let told = WithOwn::call(&devtools.client()).await.unwrap_err();
    assert_eq!(told.to_string(), "outer, scoped");
    let told = WithOwn::invoke_local(devtools.context()).await.unwrap_err();
    assert_eq!(told.to_string(), "outer, scoped");
    assert_eq!(Add::call(&devtools.client(), 1, 1).await.unwrap(), 2);
}

#[tokio::test]
async fn a_layer_says_how_long_a_call_may_take() {
    let seen = Seen::default();
    let limits = Limits::new().handler_timeout(Duration::from_secs(600));
    let server = builder()
        .limits(limits)
        .layer(seen.layer())
        .layer(|mut call, next| async move {
            assert_eq!(call.timeout(), Some(Duration::from_secs(600)));
            call.set_timeout(Some(Duration::from_millis(30)));
            next.run(call).await
        })
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    for rpc in clients(&server).await {
        let told = Wait::call(&rpc).await.unwrap_err().to_string();
        assert_eq!(told, "\"layers:wait\" did not end within 30ms");
    }
    match Wait::invoke_local(server.devtools().context()).await {
        Err(CallError::Timeout(after)) => assert_eq!(after, Duration::from_millis(30)),
        other => panic!("{other:?}"),
    }
    for line in seen.take() {
        assert!(line.contains("-> TimedOut"), "{line}");
    }
}

/// A call that hangs or panics in a layer ends as it would in the function.
#[tokio::test]
async fn a_layer_is_guarded_as_a_function_is() {
    let limits = Limits::new().handler_timeout(Duration::from_millis(30));
    let devtools = builder()
        .limits(limits)
        .layer_for("layers:add", |_, _| async { pending().await })
        .layer_for("layers:slow-add", |_, _| async { panic!("in the layer") })
        .build()
        .await
        .unwrap();
    let (rpc, ctx) = (devtools.client(), devtools.context());
    let told = Add::call(&rpc, 1, 1).await.unwrap_err().to_string();
    assert!(told.contains("did not end within 30 ms"), "{told}");
    let told = SlowAdd::call(&rpc, 1, 1).await.unwrap_err().to_string();
    assert_eq!(with_id(&told), "internal error (id)");
    assert!(matches!(
        Add::invoke_local(ctx, 1, 1).await,
        Err(CallError::Timeout(_))
    ));
    let told = SlowAdd::invoke_local(ctx, 1, 1)
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(with_id(&told), "internal error (id)");
    assert_eq!(
        rpc.call_dynamic::<u32>("layers:square", (2,))
            .await
            .unwrap(),
        4
    );
}

#[tokio::test]
async fn a_query_that_is_cancelled_drops_its_layers() {
    struct Dropped(Arc<AtomicUsize>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let begun = Arc::new(AtomicUsize::new(0));
    let (counted, begins) = (Arc::clone(&dropped), Arc::clone(&begun));
    let server = builder()
        .layer(move |call, next| {
            let guard = Dropped(Arc::clone(&counted));
            begins.fetch_add(1, Ordering::SeqCst);
            async move {
                let _guard = guard;
                next.run(call).await
            }
        })
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let clients = clients(&server).await;
    for (index, rpc) in clients.into_iter().enumerate() {
        let call = tokio::spawn(async move { Wait::call(&rpc).await });
        eventually(|| begun.load(Ordering::SeqCst) > index).await;
        call.abort();
        eventually(|| dropped.load(Ordering::SeqCst) > index).await;
    }
}

#[tokio::test]
async fn a_session_that_calls_too_often_is_refused() {
    let limit = RateLimit::new()
        .calls(1)
        .per(Duration::from_secs(3600))
        .burst(2);
    let builder = builder().layer_for("layers:add", rate_limit(limit));
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    for rpc in clients(&server).await {
        assert_eq!(Add::call(&rpc, 1, 1).await.unwrap(), 2);
        assert_eq!(Add::call(&rpc, 1, 1).await.unwrap(), 2);
        match Add::call(&rpc, 1, 1).await {
            Err(CallError::Remote(error)) => {
                assert_eq!(error.code.as_deref(), Some("rate-limited"));
                let wait = error.data.unwrap()["retryAfterMs"].as_u64().unwrap();
                assert!((3_000_000..=3_600_000).contains(&wait), "{wait}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(SlowAdd::call(&rpc, 1, 1).await.unwrap(), 2);
    }
    for _ in 0..5 {
        let sum = Add::invoke_local(server.devtools().context(), 1, 1).await;
        assert_eq!(sum.unwrap(), 2, "the program is not limited");
    }
}

/// A caller is one of these.
#[tokio::test]
async fn the_reason_of_a_failure_tells_who_failed() {
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&reasons);
    let devtools = builder()
        .layer(move |call, next| {
            let noted = Arc::clone(&noted);
            async move {
                let caller = call.origin();
                let ended = next.run(call).await;
                if let Err(failure) = &ended {
                    noted.lock().unwrap().push((caller, failure.reason()));
                }
                ended
            }
        })
        .layer_for("layers:slow-add", refuse)
        .build()
        .await
        .unwrap();
    Fail::call(&devtools.client(), "x").await.unwrap_err();
    SlowAdd::invoke_local(devtools.context(), 1, 1)
        .await
        .unwrap_err();
    // Arguments that do not fit are found out within the layers.
    devtools
        .client()
        .call_dynamic::<u32>("layers:add", ("x",))
        .await
        .unwrap_err();
    assert_eq!(
        *reasons.lock().unwrap(),
        [
            (CallOrigin::Session, FailureReason::Function),
            (CallOrigin::Program, FailureReason::Refused),
            (CallOrigin::Session, FailureReason::Function),
        ]
    );
}
