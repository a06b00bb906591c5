//! Tokens: stored, revoked, and shared by processes.

use std::path::Path;

use devtools_runtime::Gate;
use serde_json::{Value, json};

use crate::gated::{Client, Gated};

#[tokio::test]
async fn a_revoked_token_cuts_its_sessions_off() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    let code = gated.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();
    let mut same = gated.connect(Some(&token)).await;
    assert_eq!(same.add().await.unwrap(), 3);
    let mut other = gated.connect(None).await;
    let code = gated.code_for(&mut other).await;
    other.exchange(&code).await.unwrap();

    // The caller is told before its call is answered.
    client
        .send(json!({"m": "devframe:auth:revoke", "a": [], "t": "q", "i": "r"}))
        .await;
    for told in [client.frame().await, same.frame().await] {
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(
            told,
            json!({"m": "devframe:auth:revoked", "a": [], "t": "q", "o": true})
        );
    }
    let reply: Value = serde_json::from_str(&client.frame().await).unwrap();
    assert_eq!(reply["i"], "r");

    // A client that is still trusted is told, before the reply to the call that told it.
    other
        .send(json!({"m": "anonymous:auth:tell", "a": [], "t": "q", "i": "t"}))
        .await;
    assert!(other.frame().await.contains("auth:secret"));
    let reply: Value = serde_json::from_str(&other.frame().await).unwrap();
    assert_eq!(reply, json!({"t": "s", "i": "t", "r": 1}));
    Client::assert_refused(client.add().await);
    Client::assert_refused(same.add().await);
    assert!(!same.shake_hands(&token).await);
    let mut later = gated.connect(Some(&token)).await;
    Client::assert_refused(later.add().await);
}

#[tokio::test]
async fn tokens_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let gated = Gated::start(Gate::new().storage(&file)).await;
    let mut client = gated.connect(None).await;
    let code = gated.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();
    drop((client, gated));

    let again = Gated::start(Gate::new().storage(&file)).await;
    let mut client = again.connect(Some(&token)).await;
    assert_eq!(client.add().await.unwrap(), 3);
    assert_eq!(stored(&file)["trusted"][&token]["ua"], "curl/8");
    client
        .send(json!({"m": "devframe:auth:revoke", "a": [], "t": "q", "i": "r"}))
        .await;
    client.frame().await;
    client.frame().await;
    assert_eq!(stored(&file), json!({"trusted": {}}));
}

/// Two servers with one file of tokens, as two processes have them.
#[tokio::test]
async fn a_token_that_another_process_revokes_cuts_sessions_off_here() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let here = Gated::start(Gate::new().storage(&file)).await;
    let there = Gated::start(Gate::new().storage(&file)).await;
    let mut client = here.connect(None).await;
    let code = here.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();
    let mut other = here.connect(None).await;
    let code = here.code_for(&mut other).await;
    other.exchange(&code).await.unwrap();

    let mut revoking = there.connect(Some(&token)).await;
    assert_eq!(revoking.add().await.unwrap(), 3);
    revoking
        .send(json!({"m": "devframe:auth:revoke", "a": [], "t": "q", "i": "r"}))
        .await;
    assert!(client.frame().await.contains("devframe:auth:revoked"));
    Client::assert_refused(client.add().await);
    assert!(!client.shake_hands(&token).await);
    assert_eq!(other.add().await.unwrap(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_cannot_be_looked_up_now_is_not_said_to_be_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let gated = Gated::start(Gate::new().storage(&file)).await;
    let mut client = gated.connect(None).await;
    let code = gated.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();

    // A link to itself: whoever opens it fails, as somebody does who has no file descriptor left.
    let aside = folder.path().join("aside");
    std::fs::rename(&file, &aside).unwrap();
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let mut returning = gated.connect(Some(&token)).await;
    let introduction = json!([{"authToken": token, "ua": "curl/8", "origin": "http://h"}]);
    let frame = returning
        .call("anonymous:devframe:auth", introduction)
        .await
        .unwrap_err();
    assert!(
        frame.contains("cannot be looked up now: try again"),
        "{frame}"
    );
    Client::assert_refused(returning.add().await);
    assert_eq!(client.add().await.unwrap(), 3, "who is in stays in");

    std::fs::rename(&aside, &file).unwrap();
    assert!(returning.shake_hands(&token).await);
    assert_eq!(returning.add().await.unwrap(), 3);
}

fn stored(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}
