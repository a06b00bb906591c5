//! Mocks: the answers that they give, and what they say of calls that are missing or not expected.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::function::{CallError, RemoteError};
use crate::testing::{MockClient, MockServer};
use crate::{DevTools, DevToolsContext, NotifyError, RpcError, RpcSession, js, rpc_function};

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[error("no file at `{path}`")]
    NotFound { path: String },
}

#[rpc_function(name = "mocks:read")]
async fn read(path: String, line: Option<u32>) -> Result<String, ReadError>;

#[rpc_function(name = "mocks:get-count")]
async fn get_count() -> u32;

#[rpc_function(name = "mocks:reset", kind = "event")]
async fn reset();

#[rpc_function(name = "mocks:remove", kind = "action")]
async fn remove(path: String);

#[rpc_function(name = "mocks:changed", kind = "event", side = "client")]
async fn changed(paths: Vec<String>);

#[rpc_function(name = "mocks:confirm", side = "client")]
async fn confirm(question: String) -> bool;

/// Returns the message that a closure panics with.
fn panic_of(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[tokio::test]
async fn expectations_answer_in_their_order_and_as_often_as_they_may() {
    let mut server = MockServer::new();
    server
        .expect_call::<Read>()
        .with(("a", None))
        .returns("1")
        .times(1);
    server
        .expect_call::<Read>()
        .with(("a", None))
        .returns("2")
        .times(1..=2);
    server
        .expect_call::<Read>()
        .with(("b", Some(5)))
        .fails(ReadError::NotFound { path: "b".into() });
    server
        .expect_call::<Read>()
        .withf(|(path, _)| path.len() > 1)
        .returning(|(path, _)| Ok(path + "!"));
    server
        .expect_call::<GetCount>()
        .fails_with(RemoteError::new("the limit"))
        .times(..=3);
    server.expect_call::<Remove>().with("a");
    let rpc = server.client();
    for expected in ["1", "2", "2"] {
        assert_eq!(Read::call(&rpc, "a", None).await.unwrap(), expected);
    }
    match Read::call(&rpc, "b", Some(5)).await {
        Err(CallError::Function(ReadError::NotFound { path })) => assert_eq!(path, "b"),
        other => panic!("{other:?}"),
    }
    assert_eq!(Read::call(&rpc, "long", Some(1)).await.unwrap(), "long!");
    let error = GetCount::call(&rpc).await.unwrap_err();
    assert!(error.to_string().contains("the limit"), "{error}");
    Remove::call(&rpc, "a").await.unwrap();
    server.verify();
}

#[tokio::test]
async fn a_report_names_missing_and_unexpected_calls_and_the_nearest() {
    let mut server = MockServer::new();
    server
        .expect_call::<Read>()
        .with(("src/a.ts", None))
        .returns("x");
    server.expect_call::<GetCount>().returns(1_u32).times(2);
    server.expect_call::<Remove>().never();
    let rpc = server.client();
    let error = Read::call(&rpc, "src/b.ts", None)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("unexpected call of `mocks:read`"), "{error}");
    GetCount::call(&rpc).await.unwrap();
    Remove::call(&rpc, "x").await.unwrap_err();
    rpc.call_dynamic::<Value>("mocks:unknown", (1,))
        .await
        .unwrap_err();
    let report = panic_of(|| drop(server));
    assert_eq!(
        report,
        "MockServer: the calls are not those that are expected\
         \n  missing: `mocks:read` with [\"src/a.ts\",null], expected at least 1 times, came 0 times\
         \n  missing: `mocks:get-count` with any arguments, expected 2 times, came 1 times\
         \n  unexpected: `mocks:read` with [\"src/b.ts\",null]: the nearest that are expected: [\"src/a.ts\",null]\
         \n  unexpected: `mocks:remove` with [\"x\"]: no expectation fits\
         \n  unexpected: `mocks:unknown` with [1]: no call of it is expected"
    );
}

#[tokio::test]
async fn a_call_too_many_says_how_often_it_was_expected() {
    let mut server = MockServer::new();
    server.expect_call::<Remove>().with("a").times(1);
    let rpc = server.client();
    Remove::call(&rpc, "a").await.unwrap();
    Remove::call(&rpc, "a").await.unwrap_err();
    let report = panic_of(|| server.verify());
    assert!(
        report.ends_with("`mocks:remove` with [\"a\"]: it was expected 1 times"),
        "{report}"
    );
    let mut server = MockServer::new();
    server.expect_call::<Remove>().with("b").never();
    Remove::call(&server.client(), "b").await.unwrap_err();
    let report = panic_of(|| server.verify());
    assert!(report.ends_with("it was expected never"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn delays_pass_in_virtual_time_and_events_are_waited_for() {
    let mut server = MockServer::new();
    let hour = Duration::from_secs(3600);
    server.expect_call::<GetCount>().returns(7_u32).delay(hour);
    server.expect_call::<Reset>().times(2);
    let rpc = server.client();
    let began = Instant::now();
    let error = GetCount::call(&rpc.with_timeout(hour / 2))
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Timeout { .. }), "{error:?}");
    assert_eq!(
        GetCount::call(&rpc.with_timeout(2 * hour)).await.unwrap(),
        7
    );
    assert_eq!(began.elapsed(), hour + hour / 2);

    Reset::notify(&rpc).await.unwrap();
    assert!(timeout(hour, server.met()).await.is_err(), "one is missing");
    Reset::notify(&rpc).await.unwrap();
    timeout(hour, server.met()).await.unwrap();
}

#[tokio::test]
async fn a_server_without_an_answer_says_so() {
    let mut server = MockServer::new();
    server.expect_call::<GetCount>();
    let error = GetCount::call(&server.client()).await.unwrap_err();
    assert!(error.to_string().contains("has no answer"), "{error}");
}

#[tokio::test]
async fn a_server_broadcasts_streams_and_shares_states() {
    let server = MockServer::new();
    let mut client = MockClient::over(server.client());
    client
        .expect_call::<Changed>()
        .with(vec!["a".to_owned()])
        .times(1);
    Changed::broadcast(server.context(), vec!["a".to_owned()])
        .await
        .unwrap();
    client.met().await;

    let news = server
        .context()
        .rpc()
        .streaming()
        .create::<u8>(
            "mocks:news",
            crate::streaming::ChannelOptions::new().replay(2),
        )
        .unwrap();
    news.pipe_from_with_id("s", futures_util::stream::iter([1, 2]))
        .unwrap();
    let mut chunks = client.rpc().streaming().subscribe::<u8>("mocks:news", "s");
    assert_eq!(chunks.next().await.unwrap().unwrap(), 1);
    let board = server
        .context()
        .rpc()
        .shared_state("mocks:board", json!({ "a": 1 }))
        .unwrap();
    let copy = client
        .rpc()
        .shared_state::<Value>("mocks:board")
        .await
        .unwrap();
    board.set(json!({ "a": 2 })).unwrap();
    let mut values = copy.subscribe();
    while copy.value()["a"] != 2 {
        values.changed().await.unwrap();
    }
}

#[rpc_function(name = "mocks:save", kind = "action")]
async fn save(
    ctx: &DevToolsContext,
    session: &RpcSession,
    path: String,
) -> Result<bool, SaveError> {
    let saves = Confirm::call(session, format!("Save {path}?")).await?;
    if saves {
        Changed::broadcast(ctx, vec![path]).await?;
    }
    Ok(saves)
}

#[derive(Debug, thiserror::Error)]
enum SaveError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Notify(#[from] NotifyError),
}

#[rpc_function(name = "mocks:wipe", kind = "action", role = "admin")]
fn wipe() -> bool {
    true
}

async fn program() -> DevTools {
    let builder = DevTools::builder().without_collected();
    let builder = builder
        .function(Save::definition())
        .function(Wipe::definition());
    builder.build().await.unwrap()
}

#[tokio::test]
async fn a_client_answers_the_program_and_hears_its_events() {
    let devtools = program().await;
    let mut client = MockClient::connect(&devtools);
    client
        .expect_call::<Confirm>()
        .with("Save a.txt?")
        .returns(true)
        .times(1);
    client.expect_call::<Confirm>().returns(false);
    client
        .expect_call::<Changed>()
        .with(vec!["a.txt".to_owned()])
        .times(1);
    assert!(Save::call(&client, "a.txt").await.unwrap());
    assert!(!Save::call(&client, "b.txt").await.unwrap());
    client.met().await;
    client.verify();
}

#[tokio::test]
async fn roles_and_trust_are_those_of_the_client() {
    let devtools = program().await;
    assert!(
        Wipe::call(&MockClient::with_roles(&devtools, ["admin"]))
            .await
            .unwrap()
    );
    let guest = MockClient::with_roles::<&str>(&devtools, []);
    let error = Wipe::call(&guest).await.unwrap_err();
    assert!(error.to_string().contains("admin"), "{error}");

    let mut stranger = MockClient::untrusted(&devtools);
    stranger.expect_call::<Changed>().never();
    let error = Wipe::call(&stranger).await.unwrap_err();
    assert!(error.to_string().contains("not trusted"), "{error}");
    assert_eq!(
        Changed::broadcast(devtools.context(), vec![])
            .await
            .unwrap(),
        1,
        "the guest alone"
    );
    stranger.verify();
}

#[tokio::test]
async fn a_missing_event_is_in_the_report_of_the_client() {
    let devtools = program().await;
    let mut client = MockClient::connect(&devtools);
    client
        .expect_call::<Changed>()
        .withf(|(paths,)| paths.is_empty());
    let report = panic_of(|| drop(client));
    assert_eq!(
        report,
        "MockClient: the calls are not those that are expected\
         \n  missing: `mocks:changed` with the arguments of a predicate, expected at least 1 times, came 0 times"
    );
}

#[tokio::test]
async fn a_test_that_fails_already_is_not_failed_again() {
    let panic = panic_of(|| {
        let mut server = MockServer::new();
        server.expect_call::<GetCount>();
        panic!("{}", "the first failure");
    });
    assert_eq!(panic, "the first failure");
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_in_the_report() {
    let mut server = MockServer::new();
    server.expect_call::<Remove>().times(..);
    let rpc = server.client();
    rpc.call_structured::<js::Value>("mocks:remove", (5,))
        .await
        .unwrap_err();
    let report = panic_of(|| drop(server));
    assert!(
        report.contains("unexpected: `mocks:remove` with []: "),
        "{report}"
    );
}
