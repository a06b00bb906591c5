//! The Rust client, over a socket and in memory.

use std::time::Duration;

use devtools_runtime::client::ConnectError;
use devtools_runtime::{CallError, DevToolsRpcClient, Limits, Mode, RpcFunction};
use devtools_runtime::{RemoteError, Server, js, rpc_function};
use serde_json::{Value, json};
use tests::fixture::{
    Add, Answer, AskClient, Broadcast, Echo, EchoClone, Fail, GetCollections, GetConfig, GetCount,
    GetModule, GetModules, Greet, Message, ModuleOptions, Notifications, Notify, Sessions,
    SetCount, Sleep, collections, devtools,
};
use tests::poll::eventually_async;
use tests::with_id;
use tokio::sync::mpsc;

async fn serve() -> Server {
    devtools().bind("127.0.0.1:0").await.unwrap()
}

pub(crate) async fn connect(server: &Server) -> DevToolsRpcClient {
    let client = DevToolsRpcClient::builder(&server.url()).without_reconnect();
    client.connect().await.unwrap()
}

/// A client over a socket, and one in memory; the server must be kept.
pub(crate) async fn clients() -> (Server, [DevToolsRpcClient; 2]) {
    let server = serve().await;
    let clients = [connect(&server).await, server.devtools().client()];
    (server, clients)
}

/// No server has it.
#[rpc_function(name = "e2e:not-there")]
async fn not_there(n: u8) -> u8;

#[tokio::test]
async fn calls_are_typed_on_both_ends() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        assert_eq!(Add::call(&rpc, 2, -5).await.unwrap(), -3);
        assert_eq!(Greet::call(&rpc, "Ada", None).await.unwrap(), "Hello, Ada!");
        assert_eq!(
            Greet::call(&rpc, "Ada", Some("Hi".to_owned()))
                .await
                .unwrap(),
            "Hi, Ada!"
        );
        let modules = GetModules::call(&rpc).await.unwrap();
        assert_eq!(modules.len(), 2);
        let options = ModuleOptions {
            include_source: true,
        };
        let module = GetModule::call(&rpc, "/src/main.ts", Some(options))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (module.size, module.source.as_deref()),
            (1024, Some("// /src/main.ts"))
        );
        assert_eq!(GetModule::call(&rpc, "/nope", None).await.unwrap(), None);
        assert_eq!(GetConfig::call(&rpc).await.unwrap().mode, Mode::Dev);
        SetCount::call(&rpc, 7).await.unwrap();
        assert_eq!(GetCount::call(&rpc).await.unwrap(), 7);
    }
}

#[tokio::test]
async fn structured_clone_keeps_the_types_that_json_has_no_word_for() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let got = GetCollections::call(&rpc).await.unwrap();
        let mut sent = collections();
        // `docs/protocol.md` 2.4: NaN arrives as null, and -0 as 0.
        (sent.nan, sent.negative_zero) = (None, 0.0);
        assert_eq!(got, sent);
        let value = js::Value::Array(vec![js::Value::Undefined, js::Value::BigInt(5_i64.into())]);
        assert_eq!(EchoClone::call(&rpc, value.clone()).await.unwrap(), value);
    }
}

#[tokio::test]
async fn a_name_is_enough_to_call() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        assert_eq!(rpc.call_dynamic::<i64>("e2e:add", (2, 3)).await.unwrap(), 5);
        let modules: Value = rpc.call_dynamic("e2e:get-modules", ()).await.unwrap();
        assert_eq!(modules[0], json!({ "id": "/src/main.ts", "size": 1024 }));
        let wrong = rpc
            .call_dynamic::<i64>("e2e:add", (2, "3"))
            .await
            .unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "argument 2 (`b`) of `e2e:add`: invalid type: string \"3\", expected i64"
        );
        let decode = rpc
            .call_dynamic::<String>("e2e:add", (2, 3))
            .await
            .unwrap_err();
        assert!(matches!(decode, CallError::Decode { .. }), "{decode:?}");
    }
}

#[tokio::test]
async fn a_failure_says_what_failed_and_nothing_else_is_disturbed() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        for how in ["plain", "panic", "late-panic"] {
            match Fail::call(&rpc, how).await {
                Err(CallError::Remote(RemoteError { message, .. })) if how == "plain" => {
                    assert_eq!(message, "boom");
                }
                Err(CallError::Remote(RemoteError { message, .. })) => {
                    assert_eq!(with_id(&message), "internal error (id)");
                }
                other => panic!("{how}: {other:?}"),
            }
        }
        match NotThere::call(&rpc, 1).await {
            Err(CallError::UnknownFunction(name)) => assert_eq!(name, "e2e:not-there"),
            other => panic!("{other:?}"),
        }
        assert_eq!(Add::call(&rpc, 1, 1).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn an_optional_call_may_find_nothing() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        assert_eq!(NotThere::call_optional(&rpc, 1).await.unwrap(), None);
        assert_eq!(Add::call_optional(&rpc, 1, 2).await.unwrap(), Some(3));
        assert!(Fail::call_optional(&rpc, "plain").await.is_err());
        // A function that is there and returns `null` is told from one that is not.
        assert_eq!(
            GetModule::call_optional(&rpc, "/nope", None).await.unwrap(),
            Some(None)
        );
    }
}

#[tokio::test]
async fn events_arrive_in_the_order_they_were_sent() {
    let (_server, [rpc, _]) = clients().await;
    let sent: Vec<String> = (0..500).map(|i| i.to_string()).collect();
    for message in &sent {
        Notify::notify(&rpc, message).await.unwrap();
    }
    // The call is behind them in the same connection.
    assert_eq!(Notifications::call(&rpc).await.unwrap(), sent);
}

#[tokio::test]
async fn calls_end_in_their_own_time() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let (ended, mut order) = mpsc::channel(50);
        for i in 0..50_u64 {
            let (rpc, ended) = (rpc.clone(), ended.clone());
            tokio::spawn(async move {
                let ms = (i * 37) % 50;
                assert_eq!(Sleep::call(&rpc, ms * 4).await.unwrap(), ms * 4);
                ended.send(ms).await.unwrap();
            });
        }
        drop(ended);
        let mut times = Vec::new();
        while let Some(ms) = order.recv().await {
            times.push(ms);
        }
        assert_eq!(times.len(), 50);
        assert_ne!(
            times,
            (0..50_u64).map(|i| (i * 37) % 50).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_call_waits_no_longer_than_its_timeout() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let hasty = rpc.with_timeout(Duration::from_millis(20));
        let error = Sleep::call(&hasty, 60_000_u64).await.unwrap_err();
        assert!(
            matches!(error, CallError::Timeout(after) if after.as_millis() == 20),
            "{error:?}"
        );
        assert_eq!(
            Sleep::call(&rpc, 1_u64).await.unwrap(),
            1,
            "the connection goes on"
        );
    }
}

#[tokio::test]
async fn a_dropped_call_leaves_the_others_alone() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let dropped = Sleep::call(&rpc, 60_000_u64);
        let waited = tokio::time::timeout(Duration::from_millis(20), dropped).await;
        assert!(waited.is_err(), "it sleeps for a minute");
        assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn a_call_fails_when_its_connection_does() {
    let limits = Limits::new().grace(Duration::from_millis(50));
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let rpc = connect(&server).await;
    let in_memory = server.devtools().client();
    let waiting = [rpc.clone(), in_memory.clone()]
        .map(|rpc| tokio::spawn(async move { Sleep::call(&rpc, 60_000_u64).await }));
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.shutdown().await;
    for call in waiting {
        assert!(matches!(
            call.await.unwrap(),
            Err(CallError::Disconnected(_))
        ));
    }
    for rpc in [rpc, in_memory] {
        rpc.closed().await;
        assert!(rpc.is_closed());
        assert!(matches!(
            Add::call(&rpc, 1, 2).await,
            Err(CallError::Disconnected(_))
        ));
        assert!(Notify::notify(&rpc, "x").await.is_err());
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_lets_running_calls_end() {
    let server = serve().await;
    let rpc = connect(&server).await;
    let call = tokio::spawn(async move { Sleep::call(&rpc, 300_u64).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.shutdown().await;
    assert_eq!(call.await.unwrap().unwrap(), 300);
}

#[tokio::test]
async fn a_server_calls_the_functions_of_its_clients() {
    let (_server, clients) = clients().await;
    let (heard, mut messages) = mpsc::unbounded_channel();
    for rpc in &clients {
        let heard = heard.clone();
        rpc.register::<Message>(move |message: String| {
            let sent = heard.send(message);
            async move { sent.unwrap() }
        });
        rpc.register::<Answer>(|question: String| async move { format!("{question}!") });
    }
    for rpc in &clients {
        assert_eq!(AskClient::call(rpc, "well").await.unwrap(), "well!");
    }
    assert_eq!(Broadcast::call(&clients[0], "news").await.unwrap(), 2);
    assert_eq!(messages.recv().await.unwrap(), "news");
    assert_eq!(messages.recv().await.unwrap(), "news");
}

#[tokio::test]
async fn a_client_without_the_function_says_so() {
    let (_server, [rpc, _]) = clients().await;
    let error = AskClient::call(&rpc, "well").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no function named `e2e:answer`");
}

#[tokio::test]
async fn a_broadcast_reaches_nobody_if_nobody_is_there() {
    let devtools = devtools().build().await.unwrap();
    assert_eq!(
        Message::broadcast(devtools.context(), "news")
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_dropped_server_ends_its_own_sessions_only() {
    let devtools = devtools().build().await.unwrap();
    let (stays, goes) = (
        devtools.bind("127.0.0.1:0").await.unwrap(),
        devtools.bind("127.0.0.1:0").await.unwrap(),
    );
    let (at_home, stranded) = (connect(&stays).await, connect(&goes).await);
    drop(goes);
    stranded.closed().await;
    assert_eq!(Add::call(&at_home, 1, 2).await.unwrap(), 3);
}

#[tokio::test]
async fn a_session_ends_with_its_last_handle() {
    let server = serve().await;
    let (stays, leaves) = (connect(&server).await, connect(&server).await);
    let copy = leaves.clone();
    assert_eq!(Sessions::call(&stays).await.unwrap().len(), 2);
    drop(leaves);
    assert_eq!(Add::call(&copy, 1, 2).await.unwrap(), 3, "a clone keeps it");
    drop(copy);
    let sessions = || async { Sessions::call(&stays).await.unwrap().len() };
    eventually_async(|| async { sessions().await == 1 }).await;
}

#[tokio::test]
async fn what_is_sent_before_a_client_leaves_arrives() {
    let server = serve().await;
    let (stays, leaves) = (connect(&server).await, connect(&server).await);
    Notify::notify(&leaves, "farewell").await.unwrap();
    drop(leaves);
    let notifications = || Notifications::call(&stays);
    eventually_async(|| async { !notifications().await.unwrap().is_empty() }).await;
}

#[tokio::test]
async fn large_values_travel_whole() {
    let (_server, clients) = clients().await;
    let large = "é".repeat(1 << 20);
    for rpc in clients {
        let echoed = Echo::call(&rpc, json!([large])).await.unwrap();
        assert_eq!(echoed[0].as_str().map(str::len), Some(large.len()));
    }
}

#[tokio::test]
async fn a_request_over_the_limit_is_not_sent() {
    let server = serve().await;
    let limits = Limits::new().frame_bytes(1_000);
    let rpc = DevToolsRpcClient::builder(&server.url())
        .limits(limits)
        .connect()
        .await
        .unwrap();
    let error = Echo::call(&rpc, json!("x".repeat(1_000)))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("over the limit `frame_bytes` of 1000"),
        "{error}"
    );
    assert_eq!(Echo::call(&rpc, json!("x")).await.unwrap(), "x");
}

#[tokio::test]
async fn a_client_says_why_it_cannot_connect() {
    let server = serve().await;
    let port = server.local_addr().port();
    let connect = |url: String| async move { DevToolsRpcClient::connect(&url).await.unwrap_err() };
    let error = connect("not a url".to_owned()).await;
    assert!(matches!(error, ConnectError::Address { .. }), "{error:?}");
    let error = connect(format!("http://127.0.0.1:{port}/elsewhere/")).await;
    assert!(matches!(error, ConnectError::Metadata { .. }), "{error:?}");
    server.shutdown().await;
    let error = connect(format!("http://127.0.0.1:{port}/__devtools/")).await;
    assert!(
        matches!(error, ConnectError::Unreachable { .. }),
        "{error:?}"
    );
}

#[test]
fn a_function_knows_what_it_is() {
    assert_eq!((Greet::NAME, Greet::KIND.as_str()), ("e2e:greet", "query"));
    assert_eq!(<SetCount as RpcFunction>::KIND.as_str(), "action");
    let greet = Greet::definition();
    let parameters = greet
        .parameters()
        .iter()
        .map(|parameter| (parameter.name, parameter.optional));
    assert_eq!(
        parameters.collect::<Vec<_>>(),
        [("name", false), ("greeting", true)]
    );
    assert_eq!(
        greet.description(),
        "Greets somebody. A sync function with an optional parameter."
    );
    assert_eq!(
        (greet.location().file, greet.location().package),
        ("tests/src/fixture.rs", "tests")
    );
}
