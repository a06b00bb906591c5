//! The functions that a client may call before and after it is trusted.

use devtools_runtime::{CallError, DevTools, Gate, Mode};
use serde_json::json;

use crate::functions::{Add, Ask, Secret};
use crate::gated::{Client, Gated, REFUSED};

#[tokio::test]
async fn strangers_learn_nothing() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    assert!(!client.shake_hands("").await);
    assert!(!client.shake_hands("wrong").await);
    Client::assert_refused(client.add().await);
    // An optional call is refused in the same way, and an unknown name is reported as unknown.
    client
        .send(json!({"m": "auth:add", "a": [], "t": "q", "o": true, "i": "9"}))
        .await;
    assert!(client.frame().await.contains(REFUSED));
    let unknown = client.call("auth:nothing", json!([])).await.unwrap_err();
    assert!(
        unknown.contains("[birpc] function \\\"auth:nothing\\\" not found"),
        "{unknown}"
    );
    for guarded in ["devframe:auth:revoke", "devframe:rpc:server-state:get"] {
        Client::assert_refused(client.call(guarded, json!(["devframe:services"])).await);
    }

    // The server sends an untrusted client neither events nor calls.
    assert_eq!(
        client.call("anonymous:auth:tell", json!([])).await.unwrap(),
        0
    );
    let session = gated.sessions().remove(0);
    assert!(matches!(
        Ask::call(&session).await,
        Err(CallError::Unauthorized(_))
    ));
    assert!(Secret::notify(&session, "psst").await.is_err());
    let whoami = client
        .call("anonymous:auth:whoami", json!([]))
        .await
        .unwrap();
    assert_eq!(whoami, json!([false, "http://localhost:5173", "curl/8"]));
}

#[tokio::test]
async fn a_code_opens_the_gate_and_leaves_a_token() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    let session = gated.sessions().remove(0);
    let code = gated.code_for(&mut client).await;
    client.request_code(false).await;
    assert!(gated.codes.try_recv().is_err(), "it was shown before");

    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(client.exchange(wrong).await, None);
    Client::assert_refused(client.add().await);
    let token = client.exchange(&code).await.unwrap();
    assert_eq!(token.len(), 32);
    assert!(session.trusted().await);
    assert_eq!(client.add().await.unwrap(), 3);
    assert_eq!(client.exchange(&code).await, None, "a code is good once");

    // The token opens the gate in the address as well as in the handshake.
    let mut returning = gated.connect(Some(&token)).await;
    assert_eq!(returning.add().await.unwrap(), 3);
    assert!(returning.shake_hands("").await);
    let mut other = gated.connect(None).await;
    assert!(other.shake_hands(&token).await);
    assert_eq!(other.add().await.unwrap(), 3);
}

#[tokio::test]
async fn only_who_is_trusted_learns_which_functions_there_are() {
    const LIST: &str = "devtools-runtime:functions";
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    let refused = client.call(LIST, json!([])).await.unwrap_err();
    assert!(refused.contains(REFUSED), "{refused}");
    let code = gated.code_for(&mut client).await;
    client.exchange(&code).await.unwrap();
    let functions = client.call(LIST, json!([])).await.unwrap();
    let functions = functions.as_array().unwrap();
    let add = functions
        .iter()
        .find(|it| it["name"] == "auth:add")
        .unwrap();
    assert_eq!(
        (&add["type"], &add["encoding"]),
        (&json!("query"), &json!("json"))
    );
    assert!(
        add["file"].as_str().unwrap().ends_with("auth/functions.rs"),
        "{add}"
    );

    // Where the source lies is nobody's business once the program is built.
    let built = DevTools::builder().mode(Mode::Build).build().await.unwrap();
    assert!(!built.context().rpc().has(LIST));
    assert!(
        built
            .context()
            .rpc()
            .describe()
            .iter()
            .any(|it| it.name == "auth:add")
    );
}

#[tokio::test]
async fn the_program_can_take_trust_back() {
    let gated = Gated::start(Gate::new().memory().token("of the CI, long and secret")).await;
    let mut client = gated
        .connect(Some("of%20the%20CI%2C%20long%20and%20secret"))
        .await;
    assert_eq!(client.add().await.unwrap(), 3);
    let context = gated.server.devtools().context().clone();
    let session = gated.sessions().remove(0);
    context.rpc().revoke(&session).await.unwrap();
    assert!(client.frame().await.contains("devframe:auth:revoked"));
    Client::assert_refused(client.add().await);
    // Tokens that the program gave stay good.
    assert!(client.shake_hands("of the CI, long and secret").await);
}

#[tokio::test]
async fn inside_the_process_everybody_is_trusted() {
    let devtools = DevTools::builder()
        .auth(Gate::new().memory())
        .build()
        .await
        .unwrap();
    assert_eq!(Add::call(&devtools.client(), 2, 3).await.unwrap(), 5);
}
