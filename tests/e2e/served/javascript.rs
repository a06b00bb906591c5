//! JavaScript clients against the Rust server: the real ones, and the small one that the server serves.

use std::time::Duration;

use devtools_runtime::client::ConnectionStatus;
use devtools_runtime::{CallError, DevToolsRpcClient, js};
use tests::fixture::{
    Add, Answer, AskClient, Broadcast, EchoClone, Fail, GetModule, GetModules, Greet, Message,
    ModuleOptions, Notifications, Notify, ReadError, ReadFile, Sleep,
};
use tests::{codes, fixture, node};
use tokio::sync::mpsc;

async fn check(program: &str) {
    let server = fixture::devtools().bind("127.0.0.1:0").await.unwrap();
    node::run(program, &[&server.url()]).await;
    server.shutdown().await;
}

/// With a gate, and the file that its codes are written to.
async fn check_gated(program: &str, further: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.json");
    let devtools = fixture::devtools().auth(codes::gate(&file));
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let url = server.url();
    let arguments = [&[&*url, file.to_str().unwrap()], further].concat();
    node::run(program, &arguments).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_calls_the_rust_server() {
    check("devframe-client.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_earns_the_trust_of_the_rust_server() {
    check_gated("auth-client.mjs", &["websocket"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_earns_trust_over_sse() {
    check_gated("auth-client.mjs", &["sse"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vite_devtools_kit_client_calls_the_rust_server() {
    check_gated("kit-client.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_that_the_server_serves_calls_it() {
    check("client-js.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_that_the_server_serves_finds_a_way_and_comes_back() {
    check("client-js-connections.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_calls_a_javascript_server() {
    let Some(server) = node::serve("devframe-server.mjs").await else {
        return;
    };
    let rpc = DevToolsRpcClient::connect(&server.url).await.unwrap();

    assert_eq!(Add::call(&rpc, 2, -5).await.unwrap(), -3);
    assert_eq!(Greet::call(&rpc, "Ada", None).await.unwrap(), "Hello, Ada!");
    assert_eq!(GetModule::call(&rpc, "/nope", None).await.unwrap(), None);
    let options = ModuleOptions {
        include_source: true,
    };
    let module = GetModule::call(&rpc, "/src/main.ts", Some(options))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(module.source.as_deref(), Some("// /src/main.ts"));

    match Fail::call(&rpc, "plain").await {
        Err(CallError::Remote(error)) => {
            assert_eq!((&*error.name, &*error.message), ("Error", "boom"));
        }
        other => panic!("{other:?}"),
    }
    match ReadFile::call(&rpc, "not-found").await {
        Err(CallError::Function(ReadError::NotFound { path, nearest_path })) => {
            assert_eq!((&*path, nearest_path), ("/nope", None));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        GetModules::call(&rpc).await,
        Err(CallError::UnknownFunction(_))
    ));
    assert_eq!(GetModules::call_optional(&rpc).await.unwrap(), None);

    // The server answers what it does not know, so that a slow function does not cost the connection.
    let mut status = rpc.status();
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        while status.changed().await.is_ok() {
            seen.push(*status.borrow_and_update());
        }
        seen
    });
    let hasty = rpc.with_timeout(Duration::from_millis(10));
    assert!(matches!(
        Sleep::call(&hasty, 60_000_u64).await,
        Err(CallError::Timeout(_))
    ));

    for message in ["one", "two", "three"] {
        Notify::notify(&rpc, message).await.unwrap();
    }
    assert_eq!(
        Notifications::call(&rpc).await.unwrap(),
        ["one", "two", "three"]
    );

    let set: js::Set<js::Value> = [js::Value::Undefined, js::Value::BigInt(5_i64.into())]
        .into_iter()
        .collect();
    let value = js::Value::Array(vec![js::Value::Set(set), js::Value::DataView(vec![1])]);
    assert_eq!(EchoClone::call(&rpc, value.clone()).await.unwrap(), value);

    rpc.register::<Answer>(|question: String| async move { format!("{question}!") });
    assert_eq!(AskClient::call(&rpc, "well").await.unwrap(), "well!");
    let (heard, mut messages) = mpsc::unbounded_channel();
    rpc.register::<Message>(move |message: String| {
        let told = heard.send(message);
        async move { told.unwrap() }
    });
    Broadcast::call(&rpc, "news").await.unwrap();
    assert_eq!(messages.recv().await.unwrap(), "news");

    drop((rpc, hasty));
    let seen = seen.await.unwrap();
    let is_quiet = |status: &ConnectionStatus| {
        use ConnectionStatus::{Connected, Disconnected, Suspicious};
        matches!(status, Connected | Suspicious | Disconnected)
    };
    assert!(seen.iter().all(is_quiet), "{seen:?}");
}
