//! Encrypted connections, and the headers that a client sends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use devtools_runtime::client::{ClientTransport, ConnectError};
use devtools_runtime::server::{TlsIdentity, TlsIdentityError};
use devtools_runtime::{DevToolsRpcClient, EmbeddedFile, Limits, Server};
use serde_json::Value;
use tests::certificates::{Authority, Certificate};
use tests::fixture::{Add, Broadcast, Echo, Message, devtools};
use tests::node;
use tests::wait::in_time;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

fn identity(certificate: &Certificate) -> TlsIdentity {
    TlsIdentity::from_pem(certificate.chain.as_bytes(), certificate.key.as_bytes()).unwrap()
}

/// A page without anything in it.
const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html><link rel=icon href=data:,>",
)];

/// A server with a certificate for this machine.
async fn serve(authority: &Authority) -> Server {
    let identity = identity(&authority.sign(&["localhost", "127.0.0.1"]));
    let devtools = devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__page/", PAGE).unwrap();
    devtools.bind_tls("127.0.0.1:0", identity).await.unwrap()
}

#[tokio::test]
async fn a_client_connects_with_both_transports() {
    let authority = Authority::new();
    let server = serve(&authority).await;
    assert!(
        server.url().starts_with("https://127.0.0.1:"),
        "{}",
        server.url()
    );
    for transport in [
        ClientTransport::Auto,
        ClientTransport::WebSocket,
        ClientTransport::Sse,
    ] {
        let client = DevToolsRpcClient::builder(&server.url())
            .root_certificates(authority.root())
            .transport(transport);
        let rpc = in_time(client.connect()).await.unwrap();
        assert_eq!(Add::call(&rpc, 40, 2).await.unwrap(), 42);
        // Larger than the buffers of an encrypted stream, in both directions.
        let large = Value::from("ä".repeat(3_000_000));
        let echoed = in_time(Echo::call(&rpc, large.clone())).await.unwrap();
        assert!(echoed == large, "the large value came back changed");
        // In the other direction.
        let (sender, mut received) = mpsc::unbounded_channel();
        rpc.register::<Message>(move |text: String| {
            let _ = sender.send(text);
            async {}
        });
        in_time(Broadcast::call(&rpc, "hello")).await.unwrap();
        assert_eq!(in_time(received.recv()).await.as_deref(), Some("hello"));
        drop(rpc);
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_refused() {
    let authority = Authority::new();
    let server = serve(&authority).await;
    for (client, reason) in [
        (DevToolsRpcClient::builder(&server.url()), "UnknownIssuer"),
        (
            DevToolsRpcClient::builder(&server.url()).root_certificates(Authority::new().root()),
            "UnknownIssuer",
        ),
        (
            DevToolsRpcClient::builder(&server.url()).root_certificates("no certificate"),
            "a root certificate is no PEM: it has no section `BEGIN CERTIFICATE`",
        ),
    ] {
        let error = in_time(client.connect()).await.unwrap_err();
        let ConnectError::Tls { address, source } = error else {
            panic!("{error}");
        };
        assert!(address.starts_with(&server.url()), "{address}");
        assert!(source.to_string().contains(reason), "{source}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused() {
    let authority = Authority::new();
    let certificate = authority.sign(&["build.example.org"]);
    is_refused(&authority, &certificate, "not valid for name").await;
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_refused() {
    let authority = Authority::new();
    let certificate = authority.sign_expired(&["127.0.0.1"]);
    is_refused(&authority, &certificate, "expired").await;
}

/// Checks that a client which trusts the authority refuses a server with this certificate, for this reason.
async fn is_refused(authority: &Authority, certificate: &Certificate, reason: &str) {
    let devtools = devtools().build().await.unwrap();
    let server = devtools.bind_tls("127.0.0.1:0", identity(certificate));
    let server = server.await.unwrap();
    let client = DevToolsRpcClient::builder(&server.url()).root_certificates(authority.root());
    let error = in_time(client.connect()).await.unwrap_err();
    let ConnectError::Tls { source, .. } = error else {
        panic!("{error}");
    };
    assert!(source.to_string().contains(reason), "{source}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_client_that_does_not_encrypt_is_told_so() {
    let server = serve(&Authority::new()).await;
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let request = b"GET /__devtools/__connection.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    let length = format!("content-length: {}", body.len());
    assert!(head.contains(&length), "{head}: {}", body.len());
    assert!(body.contains("`https`"), "{body}");

    let plain = server.url().replace("https://", "http://");
    let error = in_time(DevToolsRpcClient::connect(&plain))
        .await
        .unwrap_err();
    let ConnectError::Metadata { source, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(
        source.to_string(),
        "the server answered 400 Bad Request: this server encrypts its connections: use an address with `https`"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    let authority = Authority::new();
    let identity = identity(&authority.sign(&["127.0.0.1"]));
    let limits = Limits::new().handshake(Duration::from_millis(200));
    let devtools = devtools().limits(limits).build().await.unwrap();
    let server = devtools.bind_tls("127.0.0.1:0", identity).await.unwrap();
    // One client sends nothing, another one the beginning of a handshake.
    for beginning in [&b""[..], &[22, 3, 1, 2, 0]] {
        let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        let mut rest = Vec::new();
        in_time(stream.read_to_end(&mut rest)).await.unwrap();
        assert!(rest.is_empty(), "{rest:?}");
    }
    let client = DevToolsRpcClient::builder(&server.url()).root_certificates(authority.root());
    let rpc = in_time(client.connect()).await.unwrap();
    assert_eq!(Add::call(&rpc, 40, 2).await.unwrap(), 42);
    server.shutdown().await;
}

#[test]
fn a_certificate_and_a_key_belong_together() {
    let authority = Authority::new();
    let (one, another) = (
        authority.sign(&["localhost"]),
        authority.sign(&["localhost"]),
    );
    let read = |chain: &str, key: &str| TlsIdentity::from_pem(chain.as_bytes(), key.as_bytes());
    assert!(read(&one.chain, &one.key).is_ok());
    let error = read(&one.chain, &another.key).unwrap_err();
    assert!(matches!(error, TlsIdentityError::Unusable(_)), "{error}");
    assert!(matches!(
        read(&one.chain, "").unwrap_err(),
        TlsIdentityError::NoKey
    ));
    assert!(matches!(
        read("", &one.key).unwrap_err(),
        TlsIdentityError::NoCertificate
    ));
    for encrypted in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n\
         -----END RSA PRIVATE KEY-----\n",
    ] {
        let error = read(&one.chain, encrypted).unwrap_err();
        assert!(matches!(error, TlsIdentityError::EncryptedKey), "{error}");
    }
    let cut = &one.chain[..one.chain.len() / 2];
    assert!(matches!(
        read(cut, &one.key).unwrap_err(),
        TlsIdentityError::Pem(_)
    ));
    let missing = TlsIdentity::from_files("not-there.pem", "not-there.key").unwrap_err();
    assert_eq!(missing.to_string(), "could not read not-there.pem");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_calls_an_encrypted_server() {
    let authority = Authority::new();
    let server = serve(&authority).await;
    node::run_with_root(
        "devframe-client.mjs",
        &[&server.url()],
        &authority.root_file(),
    )
    .await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_calls_an_encrypted_server() {
    let server = serve(&Authority::new()).await;
    node::run_browser("tls-page.mjs", &[&server.url_of("/__page/")]).await;
    server.shutdown().await;
}

/// The value of a header in each request to a server.
type Seen = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// Serves the fixture in an application that notes the header `x-team` of each request.
async fn noting() -> (String, Seen) {
    let seen = Seen::default();
    let devtools = devtools().build().await.unwrap();
    let note = {
        let seen = Arc::clone(&seen);
        move |request: Request, next: Next| {
            let team = request.headers().get("x-team");
            let team = team.map(|value| value.to_str().unwrap().to_owned());
            let path = request.uri().path().to_owned();
            seen.lock().unwrap().push((path, team));
            next.run(request)
        }
    };
    let app = Router::new()
        .nest_service("/__devtools", devtools.service())
        .layer(middleware::from_fn(note));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/__devtools/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        axum::serve(listener, app).await.unwrap();
        drop(devtools);
    });
    (url, seen)
}

#[tokio::test]
async fn a_header_of_the_program_is_in_every_request() {
    for (transport, paths) in [
        (
            ClientTransport::WebSocket,
            &["__connection.json", "__ws"][..],
        ),
        (ClientTransport::Sse, &["__connection.json", "__sse"][..]),
    ] {
        let (url, seen) = noting().await;
        let client = DevToolsRpcClient::builder(&url)
            .transport(transport)
            .header("X-Team", "lens");
        let rpc = in_time(client.connect()).await.unwrap();
        assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
        let seen = seen.lock().unwrap();
        for path in paths {
            assert!(
                seen.iter().any(|(seen, _)| seen.contains(path)),
                "{path} in {seen:?}"
            );
        }
        let all = seen.iter().all(|(_, team)| team.as_deref() == Some("lens"));
        assert!(all, "{seen:?}");
    }
}

#[tokio::test]
async fn a_header_is_kept_from_another_origin() {
    let (other, seen) = noting().await;
    // Metadata of one server that leads to another one.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let socket = other.replace("http://", "ws://") + "__ws";
    let metadata = format!("{{\"backend\":\"websocket\",\"websocket\":{socket:?}}}");
    let app = Router::new().fallback(move || std::future::ready(metadata.clone()));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let client = || DevToolsRpcClient::builder(&url).header("x-team", "lens");
    in_time(client().connect()).await.unwrap();
    assert_eq!(std::mem::take(&mut *seen.lock().unwrap())[0].1, None);
    in_time(client().token_origin(&other).connect())
        .await
        .unwrap();
    assert_eq!(seen.lock().unwrap()[0].1.as_deref(), Some("lens"));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_fails_the_connection() {
    for (name, value, problem) in [
        ("x team", "lens", "the name is not that of a header"),
        (
            "x-team",
            "a\nb",
            "the value has a character that headers cannot have",
        ),
        ("Host", "elsewhere", "the client sets this header itself"),
        (
            "sec-websocket-key",
            "x",
            "the client sets this header itself",
        ),
    ] {
        let client = DevToolsRpcClient::builder("http://127.0.0.1:1/").header(name, value);
        let error = in_time(client.connect()).await.unwrap_err();
        let text = format!("could not send the header `{name}`: {problem}");
        assert_eq!(error.to_string(), text);
    }
}
