//! A server that asks who connects, and one that encrypts.

use std::fs;

use devtools_nats::{Nats, NatsOptions};
use devtools_runtime::backplane::Backplane as _;

use crate::clients::{Count, counts, program};
use crate::server::NatsServer;
use tests::wait::in_time;

/// A server that knows one user.
const USER: &str = r#"authorization { user: lens, password: "s3cr3t" }"#;

/// Returns an error with its sources.
fn text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |it| it.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}

async fn refusal(options: NatsOptions) -> String {
    let error = in_time(Box::pin(options.connect())).await.unwrap_err();
    text(&error)
}

/// Checks that two programs reach each other.
async fn together(options: &NatsOptions) {
    let one = program(options.clone().connect().await.unwrap()).await;
    let two = program(options.clone().connect().await.unwrap()).await;
    let client = two.client();
    let mut received = counts(&client);
    in_time(Count::broadcast(one.context(), "one", 1))
        .await
        .unwrap();
    assert_eq!(in_time(received.recv()).await, Some(("one".to_owned(), 1)));
}

#[tokio::test]
async fn a_user_signs_in_and_a_wrong_password_is_an_error_at_once() {
    let Some(mut server) = NatsServer::start_with("a user and a password", USER) else {
        return;
    };
    together(&server.options().user("lens", "s3cr3t")).await;
    for wrong in [
        server.options(),
        server.options().user("lens", "wrong"),
        server.options().token("s3cr3t"),
    ] {
        let error = refusal(wrong).await;
        assert!(error.contains("could not connect to NATS"), "{error}");
        assert!(error.contains("authorization violation"), "{error}");
        assert!(!error.contains("s3cr3t"), "{error}");
    }

    // A token, and a password that has changed while a program runs.
    let link = server.options().user("lens", "s3cr3t").connect().await;
    let link = link.unwrap();
    server.configure(r#"authorization { token: "t0k3n" }"#);
    together(&server.options().token("t0k3n")).await;
    assert!(in_time(link.members()).await.is_err());
    server.configure(USER);
    in_time(async {
        while link.members().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_encrypted_and_a_certificate_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let configuration = format!("tls {{ cert_file: {certificate:?}, key_file: {key:?} }}");
    let Some(server) = NatsServer::start_with("a server with a certificate", &configuration) else {
        return;
    };
    let encrypted = Nats::options(server.address().replace("nats://", "tls://"));
    together(&encrypted.clone().root_certificates(&certificate)).await;
    let error = refusal(encrypted).await;
    assert!(error.contains("could not connect to NATS"), "{error}");
    assert!(error.contains("certificate"), "{error}");

    let Some(plain) = NatsServer::start("a server without a certificate") else {
        return;
    };
    let error = refusal(plain.options().require_tls()).await;
    assert!(error.contains("could not connect to NATS"), "{error}");
}
