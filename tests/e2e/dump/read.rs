//! Static dumps, from a folder and from servers of files, read by the Rust client.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{StatusCode, Uri};
use devtools_runtime::client::{ClientTransport, ConnectError, ConnectionStatus};
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsRpcClient, Limits, RemoteError, call, js, rpc_function,
    rpc_functions,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::fixture::{Add, Notify, ReadError};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const DIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/static-dump/dist");

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u32,
    name: String,
}

#[rpc_function(name = "demo:get-user")]
async fn get_user(id: u32) -> User;

#[rpc_function(name = "demo:greet")]
async fn greet(language: String) -> String;

#[rpc_function(name = "demo:rich", kind = "static", encoding = "structured-clone")]
async fn rich() -> js::Value;

#[rpc_function(name = "demo:undefined-json", kind = "static")]
async fn undefined();

#[rpc_function(name = "demo:sc-query", encoding = "structured-clone")]
async fn sc_query(how: String) -> js::Value;

#[rpc_function(name = "demo:live-only")]
async fn live_only() -> String;

#[rpc_function(name = "demo:event", kind = "event")]
async fn event(n: u32);

rpc_functions! {
    /// The functions of the dump.
    struct DemoFunctions { GetUser, Greet }
}

/// The name of a function whose files have escapes in their names.
const WEIRD: &str = "demo:weird/na me%~ü?#:x";

/// How a server of files finds them.
#[derive(Clone, Copy)]
enum Finds {
    /// By the path as people read it, as most do.
    Decoded,
    /// By the path as it was sent.
    Raw,
}

/// A server of files, below `/sub/path/`.
struct FileServer {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl FileServer {
    async fn over(folder: &Path, finds: Finds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sub/path/", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().fallback({
            let (asked, folder) = (Arc::clone(&asked), folder.to_owned());
            move |uri: Uri| async move {
                let path = uri.path().trim_start_matches("/sub/path/").to_owned();
                asked.lock().unwrap().push(path.clone());
                let path = match finds {
                    Finds::Decoded => decoded(&path),
                    Finds::Raw => path,
                };
                std::fs::read(folder.join(path)).map_err(|_| StatusCode::NOT_FOUND)
            }
        });
        let serve = async move { axum::serve(listener, router).await.unwrap() };
        let mut tasks = JoinSet::new();
        tasks.spawn(serve);
        Self {
            url,
            asked,
            _tasks: tasks,
        }
    }

    /// Returns the paths that were requested since the last call.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// The dump of the vectors: in its folder, and on servers. What serves it must be kept.
async fn dumps() -> (Vec<FileServer>, Vec<DevToolsRpcClient>) {
    let mut servers = Vec::new();
    let mut clients = vec![DevToolsRpcClient::open_static(DIST).await.unwrap()];
    for finds in [Finds::Decoded, Finds::Raw] {
        let server = FileServer::over(Path::new(DIST), finds).await;
        clients.push(DevToolsRpcClient::open_static(&server.url).await.unwrap());
        clients.push(DevToolsRpcClient::connect(&server.url).await.unwrap());
        servers.push(server);
    }
    (servers, clients)
}

fn remote<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> RemoteError {
    match outcome {
        Err(CallError::Remote(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn calls_are_typed_as_they_are_live() {
    let (_servers, clients) = dumps().await;
    for rpc in clients {
        assert_eq!(*rpc.status().borrow(), ConnectionStatus::Connected);
        let ada = User {
            id: 1,
            name: "Ada".to_owned(),
        };
        assert_eq!(GetUser::call(&rpc, 1).await.unwrap(), ada);
        assert_eq!(Greet::call(&rpc, "fr").await.unwrap(), "bonjour");
        assert_eq!(Greet::call(&rpc, "de").await.unwrap(), "hi");
        Undefined::call(&rpc).await.unwrap();
        let rich = Rich::call(&rpc).await.unwrap();
        let big: js::BigInt = "12345678901234567890".parse().unwrap();
        assert_eq!(rich.get("big"), Some(&js::Value::BigInt(big)));

        let listed = rpc.with_functions::<DemoFunctions>();
        assert_eq!(call!(listed, "demo:get-user", 1).await.unwrap(), ada);
        let echo: Value = rpc
            .call_dynamic("demo:echo", ("a", json!({"a": [true, null], "z": 1})))
            .await
            .unwrap();
        assert_eq!(echo["args"][0], "a");
        let weird: String = rpc.call_dynamic(WEIRD, ()).await.unwrap();
        assert_eq!(weird, "weird");

        Event::notify(&rpc, 1).await.unwrap();
        Notify::notify(&rpc, "nobody hears it").await.unwrap();
        assert_eq!(LiveOnly::call_optional(&rpc).await.unwrap(), None);
        let unknown = LiveOnly::call(&rpc).await.unwrap_err();
        assert!(matches!(unknown, CallError::UnknownFunction(name) if name == "demo:live-only"));
    }
}

#[tokio::test]
async fn recorded_errors_come_back_as_what_they_were() {
    let (_servers, clients) = dumps().await;
    for rpc in clients {
        let error = remote(GetUser::call(&rpc, 3).await);
        assert_eq!((&*error.name, &*error.message), ("Error", "no user 3"));
        let error = remote(ScQuery::call(&rpc, "throw").await);
        assert_eq!((&*error.name, &*error.message), ("HttpError", "not found"));
        assert_eq!(error.data, Some(json!({ "status": 404 })));
        let cause = error.cause.as_deref().unwrap();
        assert_eq!((&*cause.name, &*cause.message), ("TypeError", "inner"));
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "inner");
        let error = remote(GetUser::call(&rpc, 99).await);
        assert_eq!(error.code.as_deref(), Some("dump-not-recorded"));
        assert!(error.message.contains("[99]"), "{error}");
    }
}

#[rpc_function(name = "t:read-file")]
async fn read_file(code: String) -> Result<String, ReadError>;

#[tokio::test]
async fn typed_errors_come_back_typed() {
    const HASH: &str = "oyZhikPAthr_SX9NioL0hX_pUsX64VarlPrPStv33LQ"; // of ["a"]
    let error = json!({
        "name": "Error",
        "message": "no file at `/a`\n[code: not-found, data: {\"path\":\"/a\",\"nearestPath\":\"/b\"}]",
        "code": "not-found",
        "data": { "path": "/a", "nearestPath": "/b" },
    });
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, content: Value| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.to_string()).unwrap();
    };
    write("__connection.json", json!({ "backend": "static" }));
    let entry = json!({ "type": "query", "records": { HASH: "__rpc-dump/a.json" } });
    write("__rpc-dump/index.json", json!({ "t:read-file": entry }));
    write(
        "__rpc-dump/a.json",
        json!({ "inputs": ["a"], "error": error }),
    );
    let rpc = DevToolsRpcClient::open_static(folder.path()).await.unwrap();
    match ReadFile::call(&rpc, "a").await.unwrap_err() {
        CallError::Function(ReadError::NotFound { path, nearest_path }) => {
            assert_eq!((&*path, nearest_path.as_deref()), ("/a", Some("/b")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_fetched_and_that_once() {
    let server = FileServer::over(Path::new(DIST), Finds::Decoded).await;
    let rpc = DevToolsRpcClient::open_static(&server.url).await.unwrap();
    let first = ["__connection.json", "__rpc-dump/index.json"];
    assert_eq!(server.asked(), first);
    let calls = (0..20).map(|_| {
        let rpc = rpc.clone();
        async move { Greet::call(&rpc, "fr").await.unwrap() }
    });
    for greeting in futures_util::future::join_all(calls).await {
        assert_eq!(greeting, "bonjour");
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with("__rpc-dump/demo~greet.record."));
    Greet::call(&rpc, "fr").await.unwrap();
    assert_eq!(server.asked(), [""; 0]);

    // A name with escapes is asked for as it is, and then as most servers find it.
    let weird: String = rpc.call_dynamic(WEIRD, ()).await.unwrap();
    assert_eq!(weird, "weird");
    let asked = server.asked();
    assert!(asked[0].contains("~weird%2Fna%20me"), "{asked:?}");
    assert!(asked[1].contains("~weird%252Fna%2520me"), "{asked:?}");
}

#[tokio::test]
async fn what_is_no_dump_is_told() {
    // Other tests of this program have functions that need more than there is here.
    let builder = DevTools::builder().auth(Auth::None).without_collected();
    let live = builder.function(Add::definition());
    let live = live.bind("127.0.0.1:0").await.unwrap();
    let error = DevToolsRpcClient::open_static(live.url())
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::NotStatic(_)), "{error}");
    let rpc = DevToolsRpcClient::connect(&live.url()).await.unwrap();
    assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);

    let error = DevToolsRpcClient::open_static("there/is/none")
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Dump { .. }), "{error}");
    assert!(
        error.to_string().contains("none/__connection.json"),
        "{error}"
    );

    let folder = tempfile::tempdir().unwrap();
    let metadata = folder.path().join("__connection.json");
    std::fs::write(&metadata, "<html>").unwrap();
    let error = DevToolsRpcClient::open_static(folder.path())
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Metadata { .. }), "{error}");
    std::fs::write(&metadata, r#"{"backend":"static"}"#).unwrap();
    let error = DevToolsRpcClient::open_static(folder.path())
        .await
        .unwrap_err();
    assert!(matches!(&error, ConnectError::Dump { file, .. } if file.ends_with("index.json")));

    let server = FileServer::over(Path::new(DIST), Finds::Raw).await;
    let over_socket = DevToolsRpcClient::builder(&server.url).transport(ClientTransport::WebSocket);
    let error = over_socket.connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::NoTransport(_)), "{error}");
}

#[tokio::test]
async fn the_metadata_may_be_a_copy_that_says_where_the_dump_is() {
    let site = tempfile::tempdir().unwrap();
    let put = |path: &str, content: &str| {
        let path = site.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    let copy = r#"{"backend":"static","baseUrl":"../__connection.json"}"#;
    put("__devtools/__connection.json", copy);
    put("__connection.json", r#"{"backend":"static"}"#);
    put(
        "__rpc-dump/index.json",
        r#"{"demo:greet":{"type":"query","records":{},"fallback":"__rpc-dump/fallback.json"}}"#,
    );
    put("__rpc-dump/fallback.json", r#"{"inputs":[],"output":"hi"}"#);
    let server = FileServer::over(site.path(), Finds::Decoded).await;
    let below: PathBuf = site.path().join("__devtools");
    for location in [
        below.clone(),
        below.join("__connection.json"),
        format!("{}__devtools", server.url).into(),
        format!("{}__devtools/__connection.json", server.url).into(),
    ] {
        let rpc = DevToolsRpcClient::open_static(location).await.unwrap();
        assert_eq!(Greet::call(&rpc, "de").await.unwrap(), "hi");
    }
}

#[tokio::test]
async fn a_server_cannot_say_which_files_of_this_machine_are_read() {
    let site = tempfile::tempdir().unwrap();
    let secret = tempfile::tempdir().unwrap();
    let manifest = r#"{"demo:greet":{"type":"query","records":{},"fallback":"secret.json"}}"#;
    std::fs::create_dir(secret.path().join("__rpc-dump")).unwrap();
    std::fs::write(secret.path().join("__rpc-dump/index.json"), manifest).unwrap();
    std::fs::write(secret.path().join("secret.json"), r#"{"output":"secret"}"#).unwrap();
    let base = format!("file://{}/__connection.json", secret.path().display());
    for base in [&base, "file:///", "FILE:///etc/", "file:__connection.json"] {
        let metadata = serde_json::json!({ "backend": "static", "baseUrl": base }).to_string();
        std::fs::write(site.path().join("__connection.json"), metadata).unwrap();
        let server = FileServer::over(site.path(), Finds::Decoded).await;
        let opened = DevToolsRpcClient::open_static(&server.url).await;
        let connected = DevToolsRpcClient::connect(&server.url).await;
        for refused in [opened, connected] {
            let error = refused.unwrap_err();
            assert!(
                matches!(error, ConnectError::Metadata { .. }),
                "{base}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_dump_is_closed_like_a_connection() {
    let limits = Limits::new().calls_in_flight(2).shard_bytes(0);
    let open = DevToolsRpcClient::builder(DIST)
        .limits(limits)
        .open_static();
    let rpc = open.await.unwrap();
    // Many more than may run at once.
    let calls = (0..100).map(|_| {
        let rpc = rpc.clone();
        async move { Greet::call(&rpc, "fr").await.unwrap() }
    });
    assert_eq!(futures_util::future::join_all(calls).await.len(), 100);
    rpc.close();
    rpc.closed().await;
    let closed = Greet::call(&rpc, "fr").await.unwrap_err();
    assert!(matches!(closed, CallError::Disconnected(_)), "{closed}");
}
