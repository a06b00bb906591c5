//! The lines for nginx and Caddy of the page on proxies, as they are written, in front of a server.
//!
//! Only addresses are replaced: a free port of this machine, without TLS, for the one of the page, and the port of the server.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::{DevTools, DevToolsRpcClient, Server};
use tests::book::repository;
use tests::fixture::{Add, Broadcast, Message, devtools};
use tests::wait::in_time;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// The port of the program on the page.
const PROGRAM: &str = "127.0.0.1:7812";

/// Returns the lines of the page in the first block of this language behind a heading.
fn lines_of_page(heading: &str, language: &str) -> String {
    let page = fs::read_to_string(repository().join("docs/mounting.md")).unwrap();
    let (_, section) = page.split_once(&format!("### {heading}\n")).unwrap();
    let (_, block) = section.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    text.replace(from, to)
}

/// Returns a port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a proxy, and waits until it listens. Returns `None`, and says so, if the program is not installed.
async fn started(mut command: Command, port: u16) -> Option<Child> {
    let program = command.as_std().get_program().to_owned();
    let mut process = match command.kill_on_drop(true).spawn() {
        Ok(process) => process,
        Err(error) => {
            let text = format!("{}: its lines were not run: {error}", program.display());
            assert!(std::env::var_os("CI").is_none(), "{text}");
            println!("{text}");
            return None;
        }
    };
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Some(process);
        }
        if let Some(status) = process.try_wait().unwrap() {
            panic!("{} has ended: {status}", program.display());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} does not listen", program.display());
}

/// The program, started as the page says.
async fn program() -> Server {
    let devtools: DevTools = devtools()
        .allow_host("tools.example.org")
        .root_path("/team")
        .build()
        .await
        .unwrap();
    devtools.bind("127.0.0.1:0").await.unwrap()
}

/// Sends a request of a page of the proxy's host, and returns the head of the answer.
async fn head(port: u16, path: &str, origin: &str, headers: &str) -> String {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: tools.example.org\r\norigin: {origin}\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|it| it == b"\r\n\r\n") {
        let mut buffer = [0; 1024];
        let read = in_time(stream.read(&mut buffer)).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Uses the functions through the proxy, as the page says.
async fn use_proxy(port: u16) {
    let url = format!("http://127.0.0.1:{port}/team/__devtools/");
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let builder = DevToolsRpcClient::builder(&url).transport(transport);
        let rpc = in_time(builder.connect()).await.unwrap();
        let (sender, mut messages) = mpsc::unbounded_channel();
        rpc.register::<Message>(move |text: String| {
            let sender = sender.clone();
            async move {
                let _ = sender.send(text);
            }
        });
        assert_eq!(in_time(Add::call(&rpc, 40, 2)).await.unwrap(), 42);
        // Events pass while the response goes on: nothing is buffered.
        for text in ["first", "second"] {
            in_time(Broadcast::call(&rpc, text)).await.unwrap();
            let came = in_time(messages.recv()).await;
            assert_eq!(came.as_deref(), Some(text), "{transport:?}");
        }
    }
    // A page of the proxy's host may connect, and one of another host may not.
    let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let socket = "/team/__devtools/__ws";
    let own = head(port, socket, "https://tools.example.org", upgrade).await;
    assert!(own.starts_with("HTTP/1.1 101"), "{own}");
    let foreign = head(port, socket, "https://example.com", upgrade).await;
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_for_nginx_work_as_written() {
    let server = program().await;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let lines = lines_of_page("nginx", "nginx");
    let lines = replaced(
        &lines,
        "listen 443 ssl;",
        &format!("listen 127.0.0.1:{port};"),
    );
    let lines = replaced(&lines, PROGRAM, &server.local_addr().to_string());
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|path| format!("{path}_temp_path {path};\n"));
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{}{lines}}}\n",
        paths.concat()
    );
    fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
    let mut command = Command::new(program_named("nginx"));
    command.arg("-p").arg(folder.path());
    command.args(["-c", "nginx.conf", "-e", "stderr"]);
    if let Some(proxy) = started(command, port).await {
        use_proxy(port).await;
        drop(proxy);
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_for_caddy_work_as_written() {
    let server = program().await;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let lines = lines_of_page("Caddy", "text");
    let lines = replaced(&lines, "tools.example.org {", &format!("http://:{port} {{"));
    let lines = replaced(&lines, PROGRAM, &server.local_addr().to_string());
    let configuration = format!("{{\n    admin off\n}}\n{lines}");
    let file = folder.path().join("Caddyfile");
    fs::write(&file, configuration).unwrap();
    let mut command = Command::new(program_named("caddy"));
    command.args(["run", "--adapter", "caddyfile", "--config"]);
    command.arg(&file);
    for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(variable, folder.path());
    }
    command.stderr(std::process::Stdio::null());
    if let Some(proxy) = started(command, port).await {
        use_proxy(port).await;
        drop(proxy);
    }
    server.shutdown().await;
}

/// Returns the path of a program of the system, which may be in a folder that is only on the administrator's path.
fn program_named(name: &str) -> String {
    let path = format!("/usr/sbin/{name}");
    if Path::new(&path).exists() {
        path
    } else {
        name.to_owned()
    }
}
