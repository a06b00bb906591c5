//! Requests as they stand: documents, upgrades, and what answers them.

use std::net::SocketAddr;

use axum::Router;
use devtools_runtime::{Auth, Server};
use serde_json::Value;
use tests::http::{answer, head, send};
use tokio::net::TcpListener;

use crate::differences::{Difference, Kind, Known, Tally, are_all_met, known};
use crate::functions::{Declared, Shared, server};
use crate::recording::transcript;

/// The headers of a recorded request or answer.
pub(crate) fn headers(item: &Value) -> Vec<(&str, &str)> {
    let headers = item["headers"].as_object().into_iter().flatten();
    headers
        .map(|(name, value)| (&**name, value.as_str().unwrap()))
        .collect()
}

/// Compares a recorded document with the one at `path`: ours goes on where the recorded one ends, with the functions
/// that take JSON.
pub(crate) async fn compare_document(name: &str, address: SocketAddr, path: &str) {
    let recorded = transcript(name).http;
    let ours = answer(send(address, "GET", path, &[], "").await).await;
    assert_eq!(recorded["status"], ours.status, "{name}");
    for (header, value) in headers(&recorded) {
        assert_eq!(ours.header(header), Some(value), "{name}");
    }
    let recorded = recorded["text"].as_str().unwrap();
    let more = ours.body.strip_prefix(recorded.strip_suffix('}').unwrap());
    let more = more.unwrap_or_else(|| panic!("{name}: {recorded}, but got {}", ours.body));
    assert!(
        more.starts_with(r#","jsonSerializableMethods":["#),
        "{name}: {more}"
    );
}

/// The documents that are compared.
pub(crate) const DOCUMENTS: &[&str] = &[
    "http/connection-json/auth-false",
    "http/connection-json/base path",
    "http/connection-json/unbound (host drives upgrades)",
];

#[tokio::test]
async fn documents_are_as_recorded() {
    let [at_root, at_base, unbound] = DOCUMENTS else {
        panic!("there are three");
    };
    let bind = async |base: &str| -> Server {
        let server = server(Declared::AsUsual, &Shared::default()).base(base);
        server.auth(Auth::None).bind("127.0.0.1:0").await.unwrap()
    };
    let served = bind("/").await;
    compare_document(at_root, served.local_addr(), "/__connection.json").await;
    let served = bind("/__tool/").await;
    let document = "/__tool/__connection.json";
    compare_document(at_base, served.local_addr(), document).await;

    let service = served.devtools().service();
    let app = Router::new().nest_service("/__tool", service);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    compare_document(unbound, address, document).await;
    serving.abort();
    println!(
        "documents: {0} of {0} are as recorded, but for `jsonSerializableMethods`, which only this server names",
        DOCUMENTS.len()
    );
}

pub(crate) const MATRIX: &str = "ws/upgrade-origin-matrix";

const UPGRADES: &[Known] = &[
    known(
        MATRIX,
        "foreign Host header",
        Kind::Status,
        "a name that was turned to this machine is refused (DNS rebinding); `allow_host` lets it in",
    ),
    known(
        MATRIX,
        "wrong path",
        Kind::Status,
        "a path that is nothing is answered as HTTP has it: 404",
    ),
];

#[tokio::test]
async fn upgrades_are_admitted_as_recorded() {
    let recorded = transcript(MATRIX);
    let builder = server(Declared::AsUsual, &Shared::default()).auth(Auth::None);
    let builder = builder.allow_origin("https://allowed.example");
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    let mut tally = Tally::new(UPGRADES, Declared::AsUsual);
    for row in &recorded.rows {
        let mut headers = headers(row);
        headers.extend([
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]);
        let path = row["path"].as_str().unwrap();
        let mut stream = send(server.local_addr(), "GET", path, &headers, "").await;
        let ours = head(&mut stream).await;
        let expected = match row["result"].as_str().unwrap() {
            "open" => (101, "Switching Protocols"),
            _ => (
                u16::try_from(row["status"].as_u64().unwrap()).unwrap(),
                row["statusMessage"].as_str().unwrap(),
            ),
        };
        if ours.status == 101 {
            let selected = |name| ours.header(name).unwrap_or_default();
            assert_eq!(row["protocol"], selected("sec-websocket-protocol"));
            assert_eq!(row["extensions"], selected("sec-websocket-extensions"));
        }
        let differs = expected != (ours.status, &*ours.reason);
        let difference = differs.then(|| Difference {
            transcript: MATRIX.to_owned(),
            method: row["label"].as_str().unwrap().to_owned(),
            id: String::new(),
            kind: Kind::Status,
            recorded: format!("{expected:?}"),
            ours: format!("{ours:?}"),
        });
        tally.sent += 1;
        tally.connections += 1;
        tally.count(difference.into_iter().collect());
    }
    tally.transcripts += 1;
    tally.print(MATRIX);
    assert_eq!(tally.compared, 18);
    are_all_met(UPGRADES, &[&tally]);
}
