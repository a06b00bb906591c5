//! Tests of `dev`: its output, and how it ends.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use tokio::process::Command;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{Running, program, run};

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
        // The signal may come as soon as the line is printed.
        let ended = server.end(signal).await;
        assert_eq!(ended.status, Some(0), "{}", ended.err);
        assert_eq!(ended.out, "", "one line is all there is");
        assert_eq!(ended.err, format!("panel: {panel}\n"));
    }
}

#[tokio::test]
async fn it_is_listed_among_the_programs_of_the_machine_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut program = program(&["dev", "--port", "0"]);
        program.env("DEVFRAME_INSTANCES_DIR", folder.path());
        program.env_remove("DEVFRAME_DISABLE_INSTANCE_REGISTRY");
        Running::spawn(program)
    };
    let (first, second) = (start().await, start().await);
    std::fs::write(
        folder.path().join("1-1.json"),
        r#"{"pid":1,"port":1,"origin":"http://127.0.0.1:1","basePath":"/","startedAt":1}"#,
    )
    .unwrap();
    let arguments = [
        "call",
        "--url",
        &first.url,
        "devframes:plugin:inspect:list-instances",
    ];
    let listed = run(&arguments).await;
    let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    let listed = listed.as_array().unwrap();
    let urls: Vec<_> = listed
        .iter()
        .map(|it| it["url"].as_str().unwrap())
        .collect();
    assert_eq!(
        urls,
        [&*second.url, &*first.url],
        "the dead one is left out"
    );
    assert_eq!(listed[1]["isCurrent"], true);
    assert_eq!(listed[0]["isCurrent"], false);
    assert_eq!(listed[0]["name"], "conformance");
    for server in [first, second] {
        assert_eq!(server.end("TERM").await.status, Some(0));
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "programs remove their files only");
}

/// The function that describes the program to the inspector.
const PROGRAM: &str = "devtools-runtime:inspector:program";

#[tokio::test]
async fn an_editor_is_named_by_the_command_line_or_the_environment() {
    let editor_of = |arguments: &'static [&'static str], variable: Option<&'static str>| async move {
        let mut program = program(arguments);
        for name in ["LAUNCH_EDITOR", "VISUAL", "EDITOR"] {
            program.env_remove(name);
        }
        if let Some(variable) = variable {
            program.env(variable, "my-editor");
        }
        let server = Running::spawn(program).await;
        let arguments = ["call", "--url", &server.url, PROGRAM];
        let described = run(&arguments).await;
        let described: serde_json::Value = serde_json::from_str(&described.out).unwrap();
        described["editor"].as_str().map(str::to_owned)
    };
    let dev = &["dev", "--port", "0"];
    let asked = &["dev", "--port", "0", "--editor"];
    let named = &[
        "dev",
        "--port",
        "0",
        "--editor",
        "/usr/bin/Code --new-window",
    ];
    assert_eq!(editor_of(dev, None).await, None);
    assert_eq!(editor_of(dev, Some("EDITOR")).await, None);
    let mine = || Some("my-editor".to_owned());
    assert_eq!(editor_of(dev, Some("LAUNCH_EDITOR")).await, mine());
    assert_eq!(editor_of(asked, Some("EDITOR")).await, mine());
    assert_eq!(
        editor_of(named, Some("EDITOR")).await,
        Some("code".to_owned())
    );
    let ended = program(asked).env_clear().output().await.unwrap();
    let error = String::from_utf8(ended.stderr).unwrap();
    assert!(
        error.contains("none of the variables LAUNCH_EDITOR, VISUAL and EDITOR is set"),
        "{error}"
    );
    let ended = run(&["dev", "--port", "0", "--editor", "'code"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("a quote is not closed"), "{}", ended.err);
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
            "error: could not bind 127.0.0.1:{port}: the port is in use; choose another with `--port`, or 0 for a free one\n"
        )
    );
}

/// Sends a request and returns the answer as text.
async fn get(authority: &str, path: &str, headers: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Returns the status of a WebSocket upgrade for a page.
async fn upgrade(authority: &str, host: &str, origin: &str) -> String {
    let headers = format!("host: {host}\r\norigin: {origin}\r\n");
    let answer = get(authority, "/__devtools/__ws", &headers).await;
    answer.split(' ').nth(1).unwrap().to_owned()
}

/// Returns the status of a plain request from a page that may connect.
const MAY_CONNECT: &str = "426";

#[tokio::test]
async fn every_address_that_is_printed_opens_a_page_that_may_connect() {
    let arguments = ["dev", "--host", "0.0.0.0", "--port", "0", "--auth", "otp"];
    // All lines are printed by the time the process is asked to end.
    let first = Running::start(&arguments).await;
    let (url_of_first, ended) = (first.url.clone(), first.end("TERM").await);
    let port_of = |url: &str| {
        let port = url.strip_prefix("http://localhost:").unwrap();
        port.strip_suffix("/__devtools/").unwrap().to_owned()
    };
    let server = Running::start(&arguments).await;
    let (port, before) = (port_of(&server.url), port_of(&url_of_first));
    let mut printed = vec![server.url.clone()];
    for line in ended.err.lines() {
        let url = line
            .strip_prefix("panel: ")
            .or(line.strip_prefix("also at: "));
        let url = url.unwrap_or_else(|| panic!("{line}"));
        assert!(url.contains("#devframe_otp="), "{url}");
        printed.push(url.replace(&format!(":{before}/"), &format!(":{port}/")));
    }
    println!("printed: {}", printed.join(" "));
    assert!(printed.len() > 2, "there is an address besides localhost");

    // The requested address is an address of this machine too.
    let (local, unspecified) = (format!("127.0.0.1:{port}"), format!("0.0.0.0:{port}"));
    let status = upgrade(&local, &unspecified, &format!("http://{unspecified}")).await;
    assert_eq!(status, MAY_CONNECT);
    // A foreign name that points at this machine is refused.
    let rebound = format!("evil.example:{port}");
    let status = upgrade(&local, &rebound, &format!("http://{rebound}")).await;
    assert_eq!(status, "403");
    for url in &printed {
        let rest = url.strip_prefix("http://").unwrap();
        let (authority, path) = rest.split_once('/').unwrap();
        let path = path.split('#').next().unwrap();
        let answer = get(
            authority,
            &format!("/{path}"),
            &format!("host: {authority}\r\n"),
        )
        .await;
        let status = answer.split(' ').nth(1).unwrap();
        assert!(matches!(status, "200" | "307"), "{url}: {answer}");
        let origin = format!("http://{authority}");
        assert_eq!(
            upgrade(authority, authority, &origin).await,
            MAY_CONNECT,
            "{url}"
        );
        assert_eq!(
            upgrade(authority, authority, "http://evil.example").await,
            "403"
        );
    }
    server.end("TERM").await;
}

#[tokio::test]
async fn hosts_and_origins_are_allowed_as_a_refusal_says() {
    let plain = Running::start(&["dev", "--port", "0"]).await;
    let local = |server: &Running| {
        let rest = server.url.strip_prefix("http://").unwrap();
        rest.split('/').next().unwrap().to_owned()
    };
    let refusal = get(&local(&plain), "/", "host: devbox:7812\r\n").await;
    assert!(refusal.starts_with("HTTP/1.1 403"), "{refusal}");
    for advice in [
        ".allow_host(\"devbox\")",
        "--allow-host devbox",
        "DEVTOOLS_ALLOW_HOST=devbox",
    ] {
        assert!(refusal.contains(advice), "{advice}: {refusal}");
    }
    let page = "host: localhost\r\norigin: vscode-webview://1f2a\r\n";
    let refusal = get(&local(&plain), "/__devtools/__ws", page).await;
    assert!(refusal.starts_with("HTTP/1.1 403"), "{refusal}");
    for advice in [
        ".allow_origin(\"vscode-webview://1f2a\")",
        "--allow-origin vscode-webview://1f2a",
        "DEVTOOLS_ALLOW_ORIGIN=vscode-webview://1f2a",
    ] {
        assert!(refusal.contains(advice), "{advice}: {refusal}");
    }
    plain.end("TERM").await;

    let mut program = program(&[
        "dev",
        "--port",
        "0",
        "--allow-host",
        "devbox:7812,.example.local",
        "--allow-origin",
        "vscode-webview://*",
        "--allow-origin",
        "https://panel.example",
        "--allow-frame",
        "https://hub.example",
    ]);
    program.env("DEVTOOLS_ALLOW_HOST", "other, 10.0.0.7");
    program.env("DEVTOOLS_ALLOW_ORIGIN", ".pages.example");
    program.env("DEVTOOLS_ALLOW_FRAME", "");
    let open = Running::spawn(program).await;
    let local = local(&open);
    for host in [
        "devbox:1",
        "a.example.local",
        "example.local:80",
        "other",
        "10.0.0.7",
    ] {
        let answer = get(
            &local,
            "/__devtools/client.js",
            &format!("host: {host}\r\n"),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
        assert!(answer.contains(" https://hub.example\r\n"), "{answer}");
        let origin = format!("http://{host}");
        assert_eq!(upgrade(&local, host, &origin).await, MAY_CONNECT, "{host}");
    }
    for (origin, status) in [
        ("vscode-webview://1f2a", MAY_CONNECT),
        ("https://panel.example", MAY_CONNECT),
        ("http://a.pages.example:5173", MAY_CONNECT),
        ("http://panel.example", "403"),
        ("http://pages.example.evil", "403"),
    ] {
        assert_eq!(
            upgrade(&local, "localhost", origin).await,
            status,
            "{origin}"
        );
    }
    open.end("TERM").await;
}

#[tokio::test]
async fn what_cannot_be_allowed_is_named() {
    for (arguments, told) in [
        (
            ["--allow-host", "http://devbox"],
            "`http://devbox` is not a host: write a name such as `devbox`",
        ),
        (
            ["--allow-origin", "https://*"],
            "`https://*` is not an origin: write `https://host`",
        ),
        (
            ["--allow-frame", "hub.example/x"],
            "`hub.example/x` is not an origin",
        ),
    ] {
        let ended = run(&[&["dev", "--port", "0"], &arguments[..]].concat()).await;
        assert_eq!(ended.status, Some(2), "{}", ended.err);
        assert!(ended.err.contains(told), "{}", ended.err);
    }
    let mut program = program(&["dev", "--port", "0"]);
    let output = program.env("DEVTOOLS_ALLOW_HOST", "a b").output();
    let output = tokio::time::timeout(crate::TIMEOUT, output)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.starts_with("error: DEVTOOLS_ALLOW_HOST: `a b` is not a host: "),
        "{told}"
    );
}

#[tokio::test]
async fn an_address_that_cannot_be_bound_is_named() {
    // An address for documentation, which no machine has.
    let ended = run(&["dev", "--host", "192.0.2.1", "--port", "0", "--auth", "otp"]).await;
    assert_eq!(ended.status, Some(1));
    assert!(
        ended.err.starts_with(
            "error: could not bind 192.0.2.1:0: this machine does not have the address; 0.0.0.0 stands for all it has\n"
        ),
        "{}",
        ended.err
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

/// Opens event streams, and sends requests whose body never ends.
fn hold(url: &str, count: usize) -> Vec<TcpStream> {
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
    let _held = hold(&server.url, 100);
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

#[tokio::test]
async fn the_base_is_where_the_functions_are() {
    let server = Running::start(&["dev", "--port", "0", "--base", "/tools/lens/"]).await;
    assert!(server.url.ends_with("/tools/lens/"), "{}", server.url);
    let ended = run(&["call", "conformance:add", "1", "2", "--url", &server.url]).await;
    assert_eq!((&*ended.out, &*ended.err), ("3\n", ""));
    let elsewhere = server.url.replace("/tools/lens/", "/__devtools/");
    let ended = run(&["call", "conformance:add", "1", "2", "--url", &elsewhere]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.out);
    server.end("TERM").await;

    let ended = run(&["dev", "--port", "0", "--base", "tools"]).await;
    assert_eq!(ended.status, Some(1));
    assert!(ended.err.contains("`tools`"), "{}", ended.err);
}

#[tokio::test]
async fn a_token_signs_clients_in_and_others_are_refused() {
    let mut from_environment = program(&["dev", "--port", "0"]);
    from_environment.env("DEVTOOLS_RUNTIME_TOKEN", "a-token-of-tests");
    let arguments = ["dev", "--port", "0", "--token", "a-token-of-tests"];
    for program in [program(&arguments), from_environment] {
        let server = Running::spawn(program).await;
        let call = ["call", "conformance:add", "1", "2", "--url", &server.url];
        let known = run(&[&call[..], &["--token", "a-token-of-tests"]].concat()).await;
        assert_eq!((&*known.out, &*known.err), ("3\n", ""));
        for stranger in [&["--token", "another"][..], &[]] {
            let ended = run(&[&call[..], stranger].concat()).await;
            assert_eq!(ended.status, Some(1), "{}", ended.out);
            assert!(ended.err.contains("does not trust"), "{}", ended.err);
        }
        let ended = server.end("TERM").await;
        assert!(!ended.err.contains("a-token-of-tests"), "{}", ended.err);
    }
    let both = run(&["dev", "--token", "a", "--auth", "none"]).await;
    assert_eq!(both.status, Some(2), "{}", both.err);
}

#[tokio::test]
async fn a_program_that_vite_started_ends_with_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vite.json");
    let process = r#"{"protocol":1,"config":{"root":"/project"}}"#;
    std::fs::write(&file, process).unwrap();
    let mut started = program(&["dev", "--port", "0"]);
    started
        .env("DEVTOOLS_RUNTIME_VITE", &file)
        .stdin(Stdio::piped());
    let mut server = Running::spawn(started).await;
    let input = server.process.stdin.take().unwrap();
    let ended = run(&["call", "conformance:add", "1", "2", "--url", &server.url]).await;
    assert_eq!(ended.out, "3\n", "it runs while its input is open");
    drop(input);
    let status = tokio::time::timeout(crate::TIMEOUT, server.process.wait()).await;
    assert_eq!(status.expect("it ends").unwrap().code(), Some(0));
    let told = server.err.next_line().await.unwrap();
    assert_eq!(told, None, "addresses are for people");

    // Without Vite, the end of the input means nothing.
    let server = Running::start(&["dev", "--port", "0"]).await;
    let ended = run(&["call", "conformance:add", "1", "2", "--url", &server.url]).await;
    assert_eq!(ended.out, "3\n");
    server.end("TERM").await;

    let mut broken = program(&["dev", "--port", "0"]);
    broken.env("DEVTOOLS_RUNTIME_VITE", folder.path().join("none.json"));
    let output = broken.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("none.json") && told.contains("could not be read"),
        "{told}"
    );
}
