//! `dev`: what it says, and how it ends.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use tokio::process::Command;

use crate::{Running, run};

// B19
#[tokio::test]
async fn it_says_where_it_listens_and_ends_when_told() {
    for signal in ["TERM", "INT"] {
        let server = Running::start(&["dev", "--port", "0"]).await;
        let port = server.url.strip_prefix("http://127.0.0.1:");
        let port = port.and_then(|rest| rest.strip_suffix("/__devtools/"));
        assert!(
            port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)),
            "{}",
            server.url
        );
        let panel = server.url.replace("__devtools", "__conformance");
        // The line says that it listens: the signal may come at once.
        let ended = server.end(signal).await;
        assert_eq!(ended.status, Some(0), "{}", ended.err);
        assert_eq!(ended.out, "", "one line is all there is");
        assert_eq!(ended.err, format!("panel: {panel}\n"));
    }
}

#[tokio::test]
async fn the_gate_comes_with_a_link() {
    let server = Running::start(&["dev", "--port", "0", "--auth", "otp"]).await;
    let panel = server.url.replace("__devtools", "__conformance");
    let ended = server.end("TERM").await;
    let code = ended.err.lines().find_map(|line| {
        let link = line.strip_prefix("panel: ")?;
        link.strip_prefix(&panel)?.strip_prefix("#devframe_otp=")
    });
    assert!(
        code.is_some_and(
            |code| code.len() == 32 && code.bytes().all(|byte| byte.is_ascii_hexdigit())
        ),
        "{}",
        ended.err
    );
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&["dev", "--port", &port]).await;
    assert_eq!(ended.status, Some(1));
    assert_eq!(ended.out, "");
    assert_eq!(
        ended.err,
        format!(
            "error: 127.0.0.1:{port} is taken: choose another port with `--port`, or any free one with `--port 0`\n"
        )
    );
}

#[tokio::test]
async fn nobody_is_let_in_from_elsewhere_by_accident() {
    let ended = run(&["dev", "--host", "0.0.0.0", "--port", "0"]).await;
    assert_eq!(ended.status, Some(1));
    assert!(
        ended.err.contains("can be reached from other machines"),
        "{}",
        ended.err
    );
}

#[tokio::test]
async fn arguments_that_make_no_sense_have_a_status_of_their_own() {
    for arguments in [
        &["dev", "--port", "x"][..],
        &["dev", "--auth", "maybe"],
        &["serve"],
        &[],
    ] {
        let ended = run(arguments).await;
        assert_eq!(ended.status, Some(2), "{arguments:?}");
        assert_eq!(ended.out, "");
        assert!(ended.err.contains("--help"), "{}", ended.err);
    }
}

/// Opens event streams, and posts what has no end.
async fn hold(url: &str, count: usize) -> Vec<TcpStream> {
    let address = url.strip_prefix("http://").unwrap();
    let (address, _) = address.split_once('/').unwrap();
    let mut held = Vec::new();
    for _ in 0..count {
        for request in [
            "GET /__devtools/__sse HTTP/1.1\r\nhost: localhost\r\n\r\n",
            "POST /__devtools/__sse HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{",
            "GET /__devtools/__sse HTTP/1.1\r\nhost:",
        ] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            held.push(stream);
        }
    }
    held
}

#[tokio::test]
async fn strangers_cannot_use_up_the_file_descriptors() {
    let program = env!("CARGO_BIN_EXE_conformance");
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "ulimit -n 128; exec \"$0\" dev --port 0 --auth otp",
        program,
    ]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = Running::spawn(command).await;
    let link = server.err.next_line().await.unwrap().unwrap();
    let (_, code) = link.split_once("#devframe_otp=").expect(&link);
    let _held = hold(&server.url, 100).await;
    let ended = run(&[
        "call",
        "conformance:get-count",
        "--url",
        &server.url,
        "--code",
        code,
    ])
    .await;
    assert_eq!(
        (ended.status, &*ended.out),
        (Some(0), "0\n"),
        "{}",
        ended.err
    );
}
