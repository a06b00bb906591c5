//! The documents of the mount: metadata, views and folders.

use crate::http::exchange::{PANEL, get, request};
use crate::http::mounting::Mounted;
use devtools_runtime::{DevTools, DevToolsRpcClient, Server};
use serde_json::Value;
use tests::fixture::{Add, devtools};

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
        let page = get(server.local_addr(), base).await;
        let link = "href=\"__inspector/\"";
        assert!(
            page.status == 200 && page.body.contains(link),
            "the page leads to the inspector too: {}",
            page.body
        );
        if base != "/" {
            let only = get(server.local_addr(), "/").await;
            assert_eq!(
                (only.status, only.header("location")),
                (307, Some("./__only/"))
            );
        }
    }
    // Where a view has the address of the mount, it is shown.
    let (_devtools, server) = serve("/__hub/", &["/__hub/", "/__a/"]).await;
    assert_eq!(
        get(server.local_addr(), "/__hub/").await.body,
        "<!doctype html>panel"
    );

    // An application does not say whether its own address ends with a slash, so its page finds out.
    let devtools = devtools().inspector(false).build().await.unwrap();
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
