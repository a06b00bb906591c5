//! The HTTP side: documents, views, redirects, and mounting into an application.

mod hosting;

use axum::Router;
use devtools_runtime::{DevToolsRpcClient, EmbeddedFile};
use serde_json::Value;
use tests::fixture::{Add, devtools};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("index.html", b"<!doctype html>panel"),
    EmbeddedFile::new("assets/app.js", b"export {}"),
    EmbeddedFile::new("logo.svg", b"<svg/>"),
];

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }
}

async fn request(address: std::net::SocketAddr, method: &str, path: &str, extra: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{extra}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

async fn get(address: std::net::SocketAddr, path: &str) -> Answer {
    request(address, "GET", path, "").await
}

// A27
#[tokio::test]
async fn the_metadata_names_the_socket_and_the_functions_that_take_json() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let answer = get(server.local_addr(), "/__devtools/__connection.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/json;charset=UTF-8")
    );
    let meta: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(meta["backend"], "websocket");
    assert_eq!(meta["websocket"]["path"], "__ws");
    assert_eq!(meta["frameBytes"], 100 * 1024 * 1024);
    let takes_json = |name: &str| {
        meta["jsonSerializableMethods"]
            .as_array()
            .unwrap()
            .iter()
            .any(|method| method == name)
    };
    assert!(takes_json("e2e:add"));
    assert!(!takes_json("e2e:greet"), "it has an optional parameter");
    assert!(!takes_json("e2e:echo-clone"), "it is structured clone");
}

// A20
#[tokio::test]
async fn a_view_serves_its_files() {
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();

    let page = get(address, "/__panel/").await;
    assert_eq!(
        (page.status, page.body.as_str()),
        (200, "<!doctype html>panel")
    );
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let script = get(address, "/__panel/assets/app.js?v=1").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(
        get(address, "/__panel/logo.svg")
            .await
            .header("content-type"),
        Some("image/svg+xml")
    );

    let known = format!("if-none-match: \"x\", {}\r\n", page.header("etag").unwrap());
    let unchanged = request(address, "GET", "/__panel/", &known).await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));

    let head = request(address, "HEAD", "/__panel/", "").await;
    assert_eq!(
        (
            head.status,
            head.header("content-length"),
            head.body.as_str()
        ),
        (200, Some("20"), "")
    );
    let post = request(address, "POST", "/__panel/", "content-length: 0\r\n").await;
    assert_eq!(
        (post.status, post.header("allow")),
        (405, Some("GET, HEAD"))
    );
    assert_eq!(get(address, "/__panel/nope.js").await.status, 404);

    let front = get(address, "/").await;
    assert_eq!(
        (front.status, front.header("location")),
        (307, Some("./__panel/"))
    );
    let lost = get(address, "/nowhere").await;
    assert_eq!(lost.status, 404);
    assert!(lost.body.contains("/__panel/"), "{}", lost.body);

    // A page finds the functions beside itself, wherever both are mounted.
    let meta = get(address, "/__panel/__connection.json").await;
    let meta: Value = serde_json::from_str(&meta.body).unwrap();
    assert_eq!(meta["websocket"]["path"], "../__devtools/__ws");
    let url = server.url_of("/__panel/");
    let rpc = DevToolsRpcClient::connect(&url).await.unwrap();
    assert_eq!(Add::call(&rpc, 2, 3).await.unwrap(), 5);
}

#[tokio::test]
async fn an_address_without_its_last_slash_redirects() {
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    for (path, location) in [
        ("/__panel", "./__panel/"),
        ("/__panel?q=1", "./__panel/?q=1"),
        ("/__devtools", "./__devtools/"),
    ] {
        let answer = get(server.local_addr(), path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (308, Some(location))
        );
    }
}

// A20
#[tokio::test]
async fn a_folder_is_served_and_nothing_outside_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/index.html"), "page").unwrap();
    std::fs::write(folder.path().join("dist/app.css"), "a{}").unwrap();
    std::fs::write(folder.path().join("dist/app.css.br"), "packed").unwrap();
    std::fs::create_dir(folder.path().join("dist/sub")).unwrap();
    std::fs::write(folder.path().join("dist/sub/index.html"), "sub").unwrap();
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    #[cfg(unix)]
    for (link, target) in [
        ("dist/link", "secret"),
        ("dist/up", "."),
        ("dist/app.js.br", "secret"),
        ("dist/inside", "dist/app.css"),
    ] {
        let target = folder.path().join(target);
        std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
    }
    std::fs::write(folder.path().join("dist/app.js"), "js").unwrap();
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__dist/", folder.path().join("dist"))
        .unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    assert_eq!(get(address, "/__dist/").await.body, "page");
    let css = get(address, "/__dist/app.css").await;
    assert_eq!(
        (css.header("content-type"), css.body.as_str()),
        (Some("text/css; charset=utf-8"), "a{}")
    );
    let part = request(address, "GET", "/__dist/app.css", "range: bytes=1-2\r\n").await;
    assert_eq!((part.status, part.body.as_str()), (206, "{}"));
    let tag = css.header("etag").unwrap();
    let known = format!("if-none-match: {tag}\r\n");
    let unchanged = request(address, "GET", "/__dist/app.css", &known).await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    let packed = request(
        address,
        "GET",
        "/__dist/app.css",
        "accept-encoding: gzip, br\r\n",
    )
    .await;
    assert_eq!(
        (packed.header("content-encoding"), packed.body.as_str()),
        (Some("br"), "packed")
    );
    assert_eq!(packed.header("vary"), Some("accept-encoding"));
    let sub = get(address, "/__dist/sub?q=1").await;
    assert_eq!(sub.header("location"), Some("./sub/?q=1"));
    assert_eq!(get(address, "/__dist/sub/").await.body, "sub");
    for path in [
        "/__dist/../secret",
        "/__dist/..%2fsecret",
        "/__dist/%2e%2e/secret",
        "/__dist//etc/passwd",
        "/__dist/link",
        "/__dist/up/secret",
        "/__dist/up/",
    ] {
        let answer = get(address, path).await;
        assert!(
            answer.status >= 400 && !answer.body.contains("secret"),
            "{path}: {}",
            answer.status
        );
    }
    if cfg!(unix) {
        assert_eq!(get(address, "/__dist/inside").await.body, "a{}");
    }
    let script = request(address, "GET", "/__dist/app.js", "accept-encoding: br\r\n").await;
    assert!(!script.body.contains("secret"), "{}", script.body);
}

#[tokio::test]
async fn the_socket_wants_a_websocket_handshake() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let plain = get(address, "/__devtools/__ws").await;
    assert_eq!(
        (plain.status, plain.header("upgrade")),
        (426, Some("websocket"))
    );
    let upgrade = |rest: &str| format!("upgrade: websocket\r\nconnection: Upgrade\r\n{rest}");
    for (headers, status, header) in [
        (
            "sec-websocket-version: 8\r\nsec-websocket-key: eA==\r\n",
            400,
            ("sec-websocket-version", "13"),
        ),
        (
            "sec-websocket-version: 13\r\n",
            400,
            ("content-type", "text/plain; charset=utf-8"),
        ),
    ] {
        let mut headers = upgrade(headers);
        headers = headers.replace("connection: close\r\n", "");
        let answer = request(address, "GET", "/__devtools/__ws", &headers).await;
        assert_eq!(
            (answer.status, answer.header(header.0)),
            (status, Some(header.1))
        );
    }
}

#[tokio::test]
async fn a_name_that_was_turned_to_this_machine_is_not_answered() {
    let server = devtools()
        .allow_host("devbox.example")
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    for (host, status) in [
        ("evil.example", "403"),
        ("localhost:1", "200"),
        ("devbox.example:7812", "200"),
    ] {
        let head = format!("HEAD /__devtools/client.js HTTP/1.1\r\nhost: {host}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]);
        assert_eq!(answer.split(' ').nth(1), Some(status), "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_connect() {
    let server = devtools()
        .allow_origin("https://panel.example")
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    for (origin, status) in [
        ("https://panel.example", 426),
        ("https://panel.example.evil", 403),
        ("http://panel.example", 403),
        ("http://localhost:5173", 426),
        ("http://localhost.evil.com", 403),
        ("null", 403),
    ] {
        let header = format!("origin: {origin}\r\n");
        let answer = request(server.local_addr(), "GET", "/__devtools/__ws", &header).await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

#[tokio::test]
async fn the_service_mounts_into_an_axum_application() {
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/panel/", PANEL)
        .unwrap();
    let app = Router::new()
        .route("/", axum::routing::get(|| async { "the application" }))
        .nest_service("/tools/devtools", devtools.service());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    assert_eq!(get(address, "/").await.body, "the application");
    assert_eq!(get(address, "/tools/devtools/client.js").await.status, 200);
    assert_eq!(
        get(address, "/tools/devtools/panel/").await.body,
        "<!doctype html>panel"
    );
    let redirect = get(address, "/tools/devtools/panel").await;
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (308, Some("./panel/"))
    );
    for mount in ["/tools/devtools/", "/tools/devtools/panel/"] {
        let rpc = DevToolsRpcClient::connect(&format!("http://{address}{mount}"))
            .await
            .unwrap();
        assert_eq!(Add::call(&rpc, 2, 3).await.unwrap(), 5);
    }
    serving.abort();
}
