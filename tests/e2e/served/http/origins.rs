//! Hosts and origins: who may connect, read, frame and embed.

use crate::http::exchange::{PANEL, raw, request};
use crate::http::mounting::Mounted;
use tests::fixture::devtools;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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
