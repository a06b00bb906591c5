//! The HTTP side: documents, views, redirects, and mounting into an application.

use std::net::SocketAddr;

use axum::Router;
use devtools_runtime::{DevTools, DevToolsRpcClient, EmbeddedFile, Server};
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

async fn request(address: SocketAddr, method: &str, path: &str, extra: &str) -> Answer {
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{extra}\r\n");
    raw(address, &head).await
}

/// Sends a head as it is.
async fn raw(address: SocketAddr, head: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
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

async fn get(address: SocketAddr, path: &str) -> Answer {
    request(address, "GET", path, "").await
}

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
        // The dot stands for the root of all names.
        ("localhost.:1", "200"),
        ("devbox.example.", "200"),
        ("evil.example.", "403"),
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

/// An axum application with the service below a path.
struct Mounted {
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

impl Mounted {
    async fn start(path: &str, devtools: &DevTools) -> Self {
        let app = Router::new().nest_service(path, devtools.service());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, serving }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[tokio::test]
async fn a_malformed_host_or_two_of_a_header_are_refused() {
    let devtools = devtools().build().await.unwrap();
    let own = devtools.bind("127.0.0.1:0").await.unwrap();
    let mounted = Mounted::start("/__devtools", &devtools).await;
    for address in [own.local_addr(), mounted.address] {
        for (target, version, headers, status) in [
            ("", "1.1", "host: localhost\r\n", 200),
            (
                "",
                "1.1",
                "host: [::1]:7812\r\norigin: http://localhost:1\r\n",
                200,
            ),
            ("", "1.1", "", 400),
            ("", "1.0", "", 200),
            ("", "1.1", "host:\r\n", 400),
            ("", "1.1", "host: localhost\r\nhost: localhost\r\n", 400),
            ("", "1.1", "host: localhost\r\nhost: evil.example\r\n", 400),
            ("", "1.1", "host: user@localhost\r\n", 400),
            ("", "1.1", "host: localhost/x\r\n", 400),
            ("", "1.1", "host: localhost#x\r\n", 400),
            ("", "1.1", "host: localhost..\r\n", 400),
            ("", "1.1", "host: local\thost\r\n", 400),
            ("", "1.1", "host: localhost:x\r\n", 400),
            ("", "1.1", "host: localhost, evil.example\r\n", 400),
            ("http://localhost", "1.1", "host: localhost\r\n", 200),
            ("http://localhost", "1.1", "host: 127.0.0.1\r\n", 400),
            (
                "",
                "1.1",
                "host: localhost\r\norigin: http://localhost\r\norigin: http://localhost\r\n",
                400,
            ),
            (
                "",
                "1.1",
                "host: localhost\r\norigin: http://localhost\r\norigin: http://evil.example\r\n",
                400,
            ),
        ] {
            let head = format!(
                "GET {target}/__devtools/__connection.json HTTP/{version}\r\nconnection: close\r\n{headers}\r\n"
            );
            let answer = raw(address, &head).await;
            assert_eq!(answer.status, status, "{head}{}", answer.body);
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{head}"
            );
        }
    }
}

#[tokio::test]
async fn documents_are_only_read() {
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let own = devtools.bind("127.0.0.1:0").await.unwrap();
    let mounted = Mounted::start("/__devtools", &devtools).await;
    for (address, view) in [
        (own.local_addr(), "/__panel/"),
        (mounted.address, "/__devtools/__panel/"),
    ] {
        let view_metadata = format!("{view}__connection.json");
        for path in [
            "/__devtools/__connection.json",
            "/__devtools/__index.json",
            "/__devtools/__client-imports.js",
            "/__devtools/client.js",
            "/__devtools/client/trust.js",
            "/__devtools/static.js",
            "/__devtools/",
            &view_metadata,
            view,
        ] {
            for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
                let answer = request(address, method, path, "content-length: 0\r\n").await;
                assert_eq!(
                    (answer.status, answer.header("allow")),
                    (405, Some("GET, HEAD")),
                    "{method} {path}"
                );
            }
            let head = request(address, "HEAD", path, "").await;
            assert!(
                matches!(head.status, 200 | 307) && head.body.is_empty(),
                "{path}: {}",
                head.status
            );
        }
    }
}

/// Paths of every sort; the first nine are those of the mount.
const PATHS: [&str; 14] = [
    "/__devtools/__connection.json",
    "/__devtools/client.js",
    "/__devtools/client/calls.js",
    "/__devtools/static.js",
    "/__devtools/__index.json",
    "/__devtools/__sse",
    "/__devtools/__ws",
    "/__devtools",
    "/__devtools/nothing",
    "/__panel/",
    "/__panel/__connection.json",
    "/__panel/assets/app.js",
    "/__panel",
    "/",
];

#[tokio::test]
async fn every_response_says_who_may_read_frame_and_embed_it() {
    let builder = devtools()
        .allow_origin(".panel.example")
        .allow_frame("https://hub.example");
    let devtools = builder.build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let own = devtools.bind("127.0.0.1:0").await.unwrap();
    let mounted = Mounted::start("/__devtools", &devtools).await;
    let policy = "frame-ancestors 'self' http://localhost:* https://localhost:* http://*.localhost:* https://*.localhost:* \
                  http://127.0.0.1:* https://127.0.0.1:* https://hub.example";
    for (address, path) in PATHS
        .map(|path| (own.local_addr(), path.to_owned()))
        .into_iter()
        .chain(
            PATHS[..9]
                .iter()
                .map(|path| (mounted.address, (*path).to_owned())),
        )
    {
        for (origin, may_read) in [
            (None, false),
            (Some("http://localhost:5173"), true),
            (Some("https://a.panel.example"), true),
            (Some("https://evil.example"), false),
            (Some("null"), false),
        ] {
            let header = origin.map(|origin| format!("origin: {origin}\r\n"));
            // A stream of events is not read to its end.
            let method = if path.ends_with("__sse") {
                "PUT"
            } else {
                "GET"
            };
            let answer = request(address, method, &path, &header.unwrap_or_default()).await;
            let reader = origin.filter(|_| may_read);
            let about = format!("{path} for {origin:?}: {}", answer.head);
            assert_eq!(
                answer.header("access-control-allow-origin"),
                reader,
                "{about}"
            );
            let varies = answer.head.lines().any(|line| line == "vary: origin");
            assert!(varies, "{about}");
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{about}"
            );
            assert_eq!(
                answer.header("content-security-policy"),
                Some(policy),
                "{about}"
            );
            let embedded = if may_read {
                "cross-origin"
            } else {
                "same-site"
            };
            assert_eq!(
                answer.header("cross-origin-resource-policy"),
                Some(embedded),
                "{about}"
            );

            let Some(origin) = origin else { continue };
            let asks = format!("origin: {origin}\r\naccess-control-request-method: GET\r\n");
            let preflight = request(address, "OPTIONS", &path, &asks).await;
            let methods = if path.ends_with("__sse") {
                "GET, POST, OPTIONS"
            } else {
                "GET, HEAD"
            };
            let expected = if may_read {
                (204, Some(origin), Some(methods))
            } else {
                (403, None, None)
            };
            let got = (
                preflight.status,
                preflight.header("access-control-allow-origin"),
                preflight.header("access-control-allow-methods"),
            );
            if !path.ends_with("__ws") {
                assert_eq!(got, expected, "preflight: {about}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_the_application_handed_out_may_connect() {
    let devtools = devtools()
        .allow_host("tools.example")
        .build()
        .await
        .unwrap();
    let mounted = Mounted::start("/tools/x", &devtools).await;
    for (host, origin, status) in [
        // An address is no name that could have been turned to this machine.
        ("192.168.1.5:3000", "http://192.168.1.5:3000", 426),
        ("192.168.1.5:3000", "https://192.168.1.5:3000", 426),
        ("[fd00::1]:3000", "http://[fd00::1]:3000", 426),
        ("tools.example", "https://tools.example", 426),
        ("192.168.1.5:3000", "http://192.168.1.5:3001", 403),
        ("192.168.1.5:3000", "ftp://192.168.1.5:3000", 403),
        ("evil.example", "http://evil.example", 403),
        ("localhost:3000", "http://evil.example", 403),
        ("tools.example", "https://a.tools.example", 403),
    ] {
        let head = format!(
            "GET /tools/x/__ws HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: close\r\n\r\n"
        );
        assert_eq!(
            raw(mounted.address, &head).await.status,
            status,
            "{origin} at {host}"
        );
    }
}

async fn serve(base: &str, views: &[&str]) -> (DevTools, Server) {
    let devtools = devtools().base(base).build().await.unwrap();
    for view in views {
        devtools.context().views().host_static(view, PANEL).unwrap();
    }
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    (devtools, server)
}

#[tokio::test]
async fn the_address_of_the_mount_shows_its_views() {
    let two = ["/__a/", "/deep/b'<i>/"];
    for base in ["/__devtools/", "/x/y/", "/"] {
        let (_devtools, server) = serve(base, &two).await;
        let address = server.local_addr();
        let page = get(address, base).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, Some("text/html; charset=utf-8"))
        );
        let up = "../".repeat(base.matches('/').count() - 1);
        for link in [
            format!("href=\"{up}__a/\""),
            format!("href=\"{up}deep/b&#39;&lt;i&gt;/\""),
        ] {
            assert!(page.body.contains(&link), "{link}: {}", page.body);
        }
        if base != "/" {
            let front = get(address, "/").await;
            assert_eq!(
                (front.status, front.header("location")),
                (307, Some(&*format!(".{base}")))
            );
        }

        let (_devtools, server) = serve(base, &[]).await;
        let page = get(server.local_addr(), base).await;
        assert!(
            page.status == 200 && page.body.contains("but no views"),
            "{}",
            page.body
        );

        let (_devtools, server) = serve(base, &["/__only/"]).await;
        let only = get(server.local_addr(), base).await;
        let location = format!("./{up}__only/");
        assert_eq!(
            (only.status, only.header("location")),
            (307, Some(&*location))
        );
    }
    // Where a view has the address of the mount, it is shown.
    let (_devtools, server) = serve("/__hub/", &["/__hub/", "/__a/"]).await;
    assert_eq!(
        get(server.local_addr(), "/__hub/").await.body,
        "<!doctype html>panel"
    );

    // An application does not say whether its own address ends with a slash, so its page finds out.
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__a/", PANEL)
        .unwrap();
    let mounted = Mounted::start("/tools/x", &devtools).await;
    for path in ["/tools/x", "/tools/x/"] {
        let page = get(mounted.address, path).await;
        assert_eq!(page.status, 200);
        assert!(
            page.body.contains("href=\"__a/\" data-only"),
            "{}",
            page.body
        );
    }
}
