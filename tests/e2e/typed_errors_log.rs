//! The log has the text that an error hides from its caller. Alone in its program: the log is one for all of it.

use std::io;

use devtools_runtime::{DevToolsRpcClient, rpc_function};
use tests::fixture::{self, ReadClone, ReadFile};
use tests::log::Log;
use tracing_subscriber::filter::LevelFilter;

#[rpc_function(name = "log:open")]
async fn open() -> anyhow::Result<u8> {
    let error = io::Error::other("the lock is broken");
    Err(anyhow::Error::new(error).context("could not open the door"))
}

#[rpc_function(name = "log:panics")]
async fn panics() -> u8 {
    panic!("the bell is broken")
}

#[tokio::test]
async fn the_log_has_what_an_internal_error_hides() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(LevelFilter::WARN)
        .with_writer(move || writer.clone())
        .init();
    let server = fixture::devtools().bind("127.0.0.1:0").await.unwrap();
    let first = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    for code in ["io", "forbidden"] {
        for error in [
            ReadFile::call(&rpc, code).await.unwrap_err(),
            ReadClone::call(&rpc, code).await.unwrap_err(),
        ] {
            assert_eq!(error.to_string(), "internal error");
        }
    }
    let opened = Open::call(&rpc).await.unwrap_err().to_string();
    let panicked = Panics::call(&rpc).await.unwrap_err().to_string();
    drop(first);
    let text = log.text();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains("an internal error ended a call") && line.contains("code="))
        .collect();
    let expected = [
        ["e2e:read-file", "code=\"io\"", "/etc/secret is on fire"],
        ["e2e:read-clone", "code=\"io\"", "/etc/secret is on fire"],
        [
            "e2e:read-file",
            "code=\"forbidden\"",
            "the user root may not",
        ],
        [
            "e2e:read-clone",
            "code=\"forbidden\"",
            "the user root may not",
        ],
    ];
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, parts) in lines.iter().zip(expected) {
        for part in parts.iter().chain(&["WARN", "session=2"]) {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    // A caller that reports an id has the line that belongs to it.
    for (told, parts) in [
        (
            opened,
            ["log:open", "could not open the door", "the lock is broken"],
        ),
        (
            panicked,
            ["log:panics", "a handler panicked", "the bell is broken"],
        ),
    ] {
        let id = told.strip_prefix("internal error (id ").unwrap();
        let id = id.strip_suffix(')').unwrap();
        let line = text.lines().find(|line| line.contains(id)).unwrap();
        for part in parts.iter().chain(&["WARN", "session=2"]) {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
}
