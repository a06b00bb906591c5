//! What a Rust client does when it is not trusted, when its connection is lost, and when it knows the answer.

// The library of these tests is not linked: its functions would be collected, and they want a state of their own.
#[path = "../src/wait.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod wait;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::client::{
    Backoff, ClientTransport, ConnectError, ConnectionStatus, DevToolsRpcClientBuilder,
};
use devtools_runtime::context::{Delivery, SessionTransport};
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, DevToolsRpcClient, Gate, Limits, PluginState,
    RpcSession, Server, define_rpc_function, rpc_function,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use wait::{SHORT, within};

/// Who calls, and how.
#[rpc_function(name = "reconnect:whoami")]
fn whoami(session: &RpcSession) -> (u64, SessionTransport) {
    (session.id(), session.transport())
}

/// Never answers.
#[rpc_function(name = "reconnect:wait")]
async fn wait() {
    std::future::pending::<()>().await;
}

/// How often [`constant`] has run.
#[derive(Default, PluginState)]
struct Runs(AtomicU32);

/// The same every time, as far as clients know.
#[rpc_function(name = "reconnect:constant", kind = "static")]
fn constant(runs: &Runs) -> u32 {
    runs.0.fetch_add(1, Ordering::Relaxed) + 1
}

/// What the server asks of its clients.
#[rpc_function(name = "reconnect:double", kind = "action", side = "client")]
async fn double(number: u32) -> u32;

/// Has every client double a number.
#[rpc_function(name = "reconnect:ask-all", kind = "action")]
async fn ask_all(ctx: &DevToolsContext, number: u32) -> Vec<u32> {
    let replies = Double::broadcast(ctx, number).await;
    replies
        .into_iter()
        .filter_map(|reply| reply.result.ok())
        .collect()
}

const SOON: Backoff = Backoff::new()
    .first(Duration::from_millis(5))
    .longest(Duration::from_millis(20));

async fn serve(auth: impl Into<Auth>, address: SocketAddr) -> Server {
    let devtools = DevTools::builder().auth(auth).build_with_runs().await;
    devtools.bind(address).await.unwrap()
}

trait WithRuns {
    async fn build_with_runs(self) -> DevTools;
}

impl WithRuns for devtools_runtime::DevToolsBuilder {
    async fn build_with_runs(self) -> DevTools {
        self.plugin(Counting).build().await.unwrap()
    }
}

struct Counting;

impl devtools_runtime::DevToolsPlugin for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), devtools_runtime::SetupError> {
        ctx.insert_state(Runs::default())?;
        Ok(())
    }
}

fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn client_of(server: &Server) -> DevToolsRpcClientBuilder {
    DevToolsRpcClient::builder(&server.url()).reconnect(SOON)
}

#[track_caller]
fn until(
    status: &mut watch::Receiver<ConnectionStatus>,
    wanted: ConnectionStatus,
) -> impl Future<Output = ()> {
    within(SHORT, async move {
        let reached = status.wait_for(|status| *status == wanted);
        drop(reached.await.unwrap());
    })
}

#[tokio::test]
async fn a_client_comes_back_to_a_server_that_was_restarted() {
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let server = serve(Auth::None, anywhere()).await;
        let address = server.local_addr();
        let rpc = client_of(&server)
            .transport(transport)
            .connect()
            .await
            .unwrap();
        rpc.register::<Double>(|number| async move { number * 2 });
        assert_eq!(AskAll::call(&rpc, 4).await.unwrap(), [8]);
        let mut status = rpc.status();
        assert_eq!(*status.borrow(), ConnectionStatus::Connected);

        let waiting = tokio::spawn({
            let rpc = rpc.clone();
            async move { Wait::call(&rpc).await }
        });
        server.shutdown().await;
        let error = waiting.await.unwrap().unwrap_err();
        assert!(
            matches!(error, CallError::Disconnected(Delivery::MayHaveRun)),
            "{error:?}"
        );
        assert!(!error.is_safe_to_retry());
        until(&mut status, ConnectionStatus::Error).await;
        let error = Whoami::call(&rpc).await.unwrap_err();
        assert!(
            matches!(error, CallError::Disconnected(Delivery::NotSent)),
            "{error:?}"
        );
        assert!(error.is_safe_to_retry());

        // What the client can do for the server is known to the new one, too.
        let server = serve(Auth::None, address).await;
        until(&mut status, ConnectionStatus::Connected).await;
        assert_eq!(AskAll::call(&rpc, 5).await.unwrap(), [10]);
        assert_eq!(Whoami::call(&rpc).await.unwrap().0, 1);
        rpc.close();
        within(SHORT, rpc.closed()).await;
        drop(server);
    }
}

#[tokio::test]
async fn a_client_that_is_not_to_come_back_does_not() {
    let server = serve(Auth::None, anywhere()).await;
    let rpc = client_of(&server)
        .without_reconnect()
        .connect()
        .await
        .unwrap();
    server.shutdown().await;
    within(SHORT, rpc.closed()).await;
    assert_eq!(*rpc.status().borrow(), ConnectionStatus::Disconnected);
}

/// A gate whose codes can be read.
fn gate() -> (Gate, Arc<Mutex<String>>) {
    let shown = Arc::new(Mutex::new(String::new()));
    let gate = Gate::new().memory().on_code({
        let shown = Arc::clone(&shown);
        move |code| code.code().clone_into(&mut shown.lock().unwrap())
    });
    (gate, shown)
}

#[tokio::test]
async fn a_client_earns_trust_with_a_code_or_a_token() {
    let (gate, shown) = gate();
    let server = serve(gate.token("a token of the program"), anywhere()).await;
    let error = client_of(&server).connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::Unauthorized), "{error:?}");
    let error = client_of(&server)
        .code("wrong")
        .connect()
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Unauthorized), "{error:?}");

    let code = server.devtools().auth_code().unwrap();
    let rpc = client_of(&server).code(code).connect().await.unwrap();
    assert!(Whoami::call(&rpc).await.is_ok());
    let token = rpc.auth_token().unwrap();
    for token in [token.as_str(), "a token of the program"] {
        let rpc = client_of(&server).token(token).connect().await.unwrap();
        assert!(Whoami::call(&rpc).await.is_ok());
    }

    // Somebody who reads the code off the terminal, and mistypes it once.
    let asked = move |wrong| {
        let code = if wrong == 0 {
            "12345".to_owned()
        } else {
            shown.lock().unwrap().clone()
        };
        async move { Some(code) }
    };
    let rpc = client_of(&server)
        .transport(ClientTransport::Sse)
        .ask_for_code(asked)
        .connect()
        .await
        .unwrap();
    assert_eq!(Whoami::call(&rpc).await.unwrap().1, SessionTransport::Sse);
    let gives_up = client_of(&server).ask_for_code(|_| async { None });
    assert!(matches!(
        gives_up.connect().await,
        Err(ConnectError::Unauthorized)
    ));
}

#[tokio::test]
async fn a_server_that_shows_its_code_of_its_own_accord_is_not_asked_to() {
    let (gate, _) = gate();
    let server = serve(gate, anywhere()).await;
    // As devframe 0.7 to 0.9 have it.
    let functions = server.devtools().context().rpc();
    assert!(functions.unregister("anonymous:devframe:auth:request-code"));
    let code = server.devtools().auth_code().unwrap();
    let ask = move |_| std::future::ready(Some(code.clone()));
    let rpc = client_of(&server).ask_for_code(ask).connect().await;
    assert!(Whoami::call(&rpc.unwrap()).await.is_ok());
    // Others know no codes at all.
    assert!(functions.unregister("anonymous:devframe:auth:exchange"));
    let rpc = client_of(&server).ask_for_code(|_| std::future::ready(Some("123456".to_owned())));
    let error = rpc.connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::NoCodes), "{error:?}");
}

#[tokio::test]
async fn a_client_that_guesses_codes_is_told_to_wait() {
    let (gate, shown) = gate();
    let server = serve(gate, anywhere()).await;
    let asked = Arc::new(AtomicU32::new(0));
    let guess = {
        let asked = Arc::clone(&asked);
        move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            let code: u32 = shown.lock().unwrap().parse().unwrap();
            std::future::ready(Some(format!("{:06}", (code + 1) % 1_000_000)))
        }
    };
    let error = client_of(&server).ask_for_code(guess).connect().await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, ConnectError::TooManyCodes { retry_after } if !retry_after.is_zero()),
        "{error:?}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 6);
}

/// A server of metadata that lead elsewhere.
async fn leads_to(address: SocketAddr) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let metadata = format!(
        r#"{{"backend":"websocket","websocket":"ws://{address}/__devtools/__ws","sse":"http://{address}/__devtools/__sse"}}"#
    );
    let answer = move || {
        let metadata = metadata.clone();
        async move { metadata }
    };
    let app = axum::Router::new().route("/__connection.json", axum::routing::get(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// A server as devframe 0.7 to 0.9 are one: it shows its code of its own accord, and has no function to ask for it.
async fn without_request_code(code: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = leads_to(listener.local_addr().unwrap()).await;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            let Ok(text) = message.to_text() else { break };
            let Ok(request) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            let offered = &request["a"][0]["code"];
            let reply = match request["m"].as_str().unwrap() {
                "anonymous:devframe:auth" => json!({"r": {"isTrusted": false}}),
                "anonymous:devframe:auth:exchange" if *offered == code => {
                    json!({"r": {"authToken": "granted"}})
                }
                "anonymous:devframe:auth:exchange" => json!({"r": {"authToken": null}}),
                other => {
                    json!({"e": {"name": "Error", "message": format!("[birpc] function \"{other}\" not found")}})
                }
            };
            let mut frame = json!({"t": "s", "i": request["i"]});
            frame
                .as_object_mut()
                .unwrap()
                .extend(reply.as_object().unwrap().clone());
            if socket.send(Message::text(frame.to_string())).await.is_err() {
                break;
            }
        }
    });
    url
}

#[tokio::test]
async fn a_code_is_asked_for_where_the_server_shows_it_of_its_own_accord() {
    let url = without_request_code("123456").await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let ask = {
        let asked = Arc::clone(&asked);
        move |wrong| {
            asked.lock().unwrap().push(wrong);
            let code = if wrong == 0 { "654321" } else { " 123456\n" };
            std::future::ready(Some(code.to_owned()))
        }
    };
    let client = DevToolsRpcClient::builder(&url)
        .transport(ClientTransport::WebSocket)
        .ask_for_code(ask);
    let rpc = within(SHORT, client.connect()).await;
    let rpc = rpc.unwrap();
    assert_eq!(rpc.auth_token().as_deref(), Some("granted"));
    assert_eq!(*asked.lock().unwrap(), [0, 1]);
}

#[tokio::test]
async fn a_token_is_not_sent_where_the_program_did_not_say() {
    let (gate, shown) = gate();
    let server = serve(gate.token("a token of the program"), anywhere()).await;
    let elsewhere = leads_to(server.local_addr()).await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let client = || {
            let client = DevToolsRpcClient::builder(&elsewhere).transport(transport);
            client.token("a token of the program")
        };
        let error = client().connect().await.unwrap_err();
        let origin = format!("http://{}", server.local_addr());
        match &error {
            ConnectError::TokenWithheld { origin: other } => assert_eq!(*other, origin),
            other => panic!("{other:?}"),
        }
        // As the message has it.
        assert!(
            error
                .to_string()
                .contains(&format!("`.token_origin(\"{origin}\")`")),
            "{error}"
        );
        let rpc = client().token_origin(&origin).connect().await.unwrap();
        assert!(Whoami::call(&rpc).await.is_ok());
        // A code is for whoever shows it, and what it gives is for that server.
        let code = server.devtools().auth_code().unwrap();
        let rpc = client().code(code).connect().await.unwrap();
        assert_ne!(rpc.auth_token().unwrap(), "a token of the program");
        let context = server.devtools().context();
        let mut status = rpc.status();
        for session in context.rpc().sessions() {
            session.close("to see whether it comes back");
        }
        until(&mut status, ConnectionStatus::Disconnected).await;
        until(&mut status, ConnectionStatus::Connected).await;
        assert!(Whoami::call(&rpc).await.is_ok());
        assert!(
            shown.lock().unwrap().is_empty(),
            "it was asked for no other code"
        );
    }
}

#[tokio::test]
async fn a_client_comes_back_with_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::new().storage(folder.path().join("auth.json"));
    let server = serve(gate.clone(), anywhere()).await;
    let address = server.local_addr();
    let code = server.devtools().auth_code().unwrap();
    let rpc = client_of(&server).code(code).connect().await.unwrap();
    let mut status = rpc.status();
    server.shutdown().await;
    until(&mut status, ConnectionStatus::Error).await;
    let server = serve(gate, address).await;
    until(&mut status, ConnectionStatus::Connected).await;
    assert!(Whoami::call(&rpc).await.is_ok());

    // Until it is taken back.
    let context = server.devtools().context();
    let session = context.rpc().sessions().remove(0);
    context.rpc().revoke(&session).await.unwrap();
    within(SHORT, rpc.closed()).await;
    assert_eq!(*status.borrow(), ConnectionStatus::Unauthorized);
    let error = Whoami::call(&rpc).await.unwrap_err();
    assert!(matches!(error, CallError::Unauthorized(_)), "{error:?}");
}

#[tokio::test]
async fn server_sent_events_take_the_place_of_a_websocket_that_does_not_get_through() {
    let server = serve(Auth::None, anywhere()).await;
    // As a proxy that lets no upgrade through would make it look.
    let listener = tokio::net::TcpListener::bind(anywhere()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let sse = format!("http://{}/__devtools/__sse", server.local_addr());
    let meta = format!(r#"{{"backend":"websocket","websocket":{{"path":"__ws"}},"sse":"{sse}"}}"#);
    let proxy = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let is_upgrade = String::from_utf8_lossy(&request[..read]).contains("__ws");
            let (status, body) = if is_upgrade {
                ("502 Bad Gateway", "")
            } else {
                ("200 OK", &*meta)
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            stream.write_all((head + body).as_bytes()).await.unwrap();
        }
    });
    let url = format!("http://{address}/");
    let rpc = DevToolsRpcClient::connect(&url).await.unwrap();
    assert_eq!(Whoami::call(&rpc).await.unwrap().1, SessionTransport::Sse);
    let only = DevToolsRpcClient::builder(&url).transport(ClientTransport::WebSocket);
    assert!(matches!(
        only.connect().await,
        Err(ConnectError::Unreachable { .. })
    ));
    proxy.abort();
}

#[tokio::test]
async fn a_client_asks_once_for_what_is_constant() {
    let server = serve(Auth::None, anywhere()).await;
    let rpc = client_of(&server).connect().await.unwrap();
    for _ in 0..3 {
        assert_eq!(Constant::call(&rpc).await.unwrap(), 1);
    }
    // By its name, only where the client wants to keep what the server lets it keep.
    assert_eq!(
        rpc.call_dynamic::<u32>("reconnect:constant", ())
            .await
            .unwrap(),
        2
    );
    let caching = client_of(&server).cache_queries().connect().await.unwrap();
    let mut results = Vec::new();
    while results.len() < 2 || results[results.len() - 1] != results[results.len() - 2] {
        results.push(
            caching
                .call_dynamic::<u32>("reconnect:constant", ())
                .await
                .unwrap(),
        );
    }

    // Until the server says that what is known is old.
    let late = define_rpc_function("reconnect:late")
        .query()
        .handler(|| 1_u8);
    server.devtools().context().rpc().register(late).unwrap();
    let newest = loop {
        let result = Constant::call(&rpc).await.unwrap();
        if result > 1 {
            break result;
        }
        // What is known is answered without waiting, which leaves nobody else a turn.
        tokio::task::yield_now().await;
    };
    assert_eq!(Constant::call(&rpc).await.unwrap(), newest);
}

#[tokio::test]
async fn a_client_that_is_dropped_is_gone() {
    let server = serve(Auth::None, anywhere()).await;
    let rpc = client_of(&server).connect().await.unwrap();
    Whoami::call(&rpc).await.unwrap();
    let session = server.devtools().context().rpc().sessions().remove(0);
    drop(rpc);
    within(SHORT, session.closed()).await;
}

/// Stands before a server, and passes bytes on until it is told to swallow those of the connections that it has.
struct Relay {
    url: String,
    /// How many connections are swallowed: the first ones.
    swallowed: watch::Sender<usize>,
    taken: Arc<AtomicUsize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Relay {
    async fn before(server: &Server) -> Self {
        let listener = tokio::net::TcpListener::bind(anywhere()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = server.local_addr();
        let (swallowed, is_swallowed) = watch::channel(0);
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let serving = tokio::spawn(async move {
            let mut pumps = tokio::task::JoinSet::new();
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let far = TcpStream::connect(target).await.unwrap();
                let (near, far) = (near.into_split(), far.into_split());
                for (from, to) in [(near.0, far.1), (far.0, near.1)] {
                    pumps.spawn(pump(from, to, number, is_swallowed.clone()));
                }
            }
        });
        Self {
            url: format!("http://{address}/__devtools/"),
            swallowed,
            taken,
            serving,
        }
    }

    /// From now on, nothing comes through the connections that there are. None of them ends.
    fn swallow(&self) {
        self.swallowed
            .send_replace(self.taken.load(Ordering::SeqCst));
    }

    /// The same, and nothing comes through new ones either.
    fn swallow_all(&self) {
        self.swallowed.send_replace(usize::MAX);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    number: usize,
    swallowed: watch::Receiver<usize>,
) {
    let mut bytes = vec![0; 4096];
    let is_swallowed = || number < *swallowed.borrow();
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if !is_swallowed() && to.write_all(&bytes[..read]).await.is_err() {
            break;
        }
    }
    if is_swallowed() {
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn a_connection_that_swallows_everything_is_given_up() {
    let server = serve(Auth::None, anywhere()).await;
    let relay = Relay::before(&server).await;
    let limits = Limits::new().keep_alive(Duration::from_millis(200));
    let rpc = DevToolsRpcClient::builder(&relay.url)
        .limits(limits)
        .reconnect(SOON)
        .connect()
        .await
        .unwrap();
    let before = Whoami::call(&rpc).await.unwrap();
    let waiting = tokio::spawn({
        let rpc = rpc.clone();
        async move { Wait::call(&rpc).await }
    });
    let mut status = rpc.status();
    status.mark_unchanged();
    relay.swallow();
    let error = within(SHORT, waiting).await;
    let error = error.unwrap().unwrap_err();
    assert!(
        matches!(error, CallError::Disconnected(Delivery::MayHaveRun)),
        "{error:?}"
    );
    until(&mut status, ConnectionStatus::Connected).await;
    assert_ne!(Whoami::call(&rpc).await.unwrap(), before);
}

#[tokio::test]
async fn a_call_that_times_out_makes_the_client_suspicious() {
    let server = serve(Auth::None, anywhere()).await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let relay = Relay::before(&server).await;
        // Longer than the test takes, but for the time that the server is given for a sign of life.
        let limits = Limits::new()
            .keep_alive(Duration::from_secs(3))
            .handshake(Duration::from_secs(1));
        let rpc = DevToolsRpcClient::builder(&relay.url)
            .transport(transport)
            .limits(limits)
            .reconnect(SOON)
            .connect()
            .await
            .unwrap();
        let mut status = rpc.status();
        let before = Whoami::call(&rpc).await.unwrap();

        // The server answers, so that a slow function costs nothing.
        let hasty = rpc.with_timeout(Duration::from_millis(20));
        let error = Wait::call(&hasty).await.unwrap_err();
        assert!(matches!(error, CallError::Timeout(_)), "{error:?}");
        assert!(!error.is_safe_to_retry());
        until(&mut status, ConnectionStatus::Connected).await;
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);

        relay.swallow_all();
        let error = Whoami::call(&hasty).await.unwrap_err();
        assert!(matches!(error, CallError::Timeout(_)), "{error:?}");
        until(&mut status, ConnectionStatus::Suspicious).await;
        let given_up = status.wait_for(|status| {
            let is_kept = [ConnectionStatus::Connected, ConnectionStatus::Suspicious];
            !is_kept.contains(status)
        });
        let given_up = within(SHORT, given_up).await;
        drop(given_up.unwrap());
        relay.swallow(); // but not those that are made from now on
        until(&mut status, ConnectionStatus::Connected).await;
        assert_ne!(Whoami::call(&rpc).await.unwrap(), before);
    }
}

/// Takes any text.
#[rpc_function(name = "reconnect:length")]
fn length(text: String) -> usize {
    text.len()
}

/// A server that takes small frames alone, and the URL of metadata that do not say so.
async fn small_frames() -> (Server, String, tokio::task::JoinHandle<()>) {
    let limits = Limits::new().frame_bytes(10_000);
    let devtools = DevTools::builder().auth(Auth::None).limits(limits);
    let server = devtools.build_with_runs().await.bind(anywhere()).await;
    let server = server.unwrap();
    let target = format!("{}/__devtools/", server.local_addr());
    let meta = format!(
        r#"{{"backend":"websocket","websocket":"ws://{target}__ws","sse":"http://{target}__sse"}}"#
    );
    let listener = tokio::net::TcpListener::bind(anywhere()).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                meta.len()
            );
            let _ = stream.write_all((head + &meta).as_bytes()).await;
        }
    });
    (server, url, serving)
}

const TOO_MUCH: usize = 1_000_000;

#[tokio::test]
async fn what_is_too_large_for_the_server_is_not_sent() {
    let (server, _, _serving) = small_frames().await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let rpc = client_of(&server).transport(transport).connect().await;
        let rpc = rpc.unwrap();
        let before = Whoami::call(&rpc).await.unwrap();
        match Length::call(&rpc, "x".repeat(TOO_MUCH)).await {
            Err(CallError::TooLarge { size, limit }) => {
                assert!(size > TOO_MUCH);
                assert_eq!(limit, Some(10_000));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);

        // Nor is a reply of the client.
        rpc.register::<Echo>(|letters: usize| async move { "x".repeat(letters) });
        let sessions = server.devtools().context().rpc().sessions();
        let session = sessions.iter().find(|session| session.id() == before.0);
        let error = Echo::call(session.unwrap(), TOO_MUCH).await.unwrap_err();
        assert!(error.to_string().contains("over the limit"), "{error}");
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);
    }
}

/// As many letters as are asked for.
#[rpc_function(name = "reconnect:echo", kind = "action", side = "client")]
async fn echo(letters: usize) -> String;

#[tokio::test]
async fn what_a_server_refuses_as_too_large_is_told_its_caller() {
    let (_server, url, _serving) = small_frames().await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let client = DevToolsRpcClient::builder(&url).transport(transport);
        let rpc = client.reconnect(SOON).connect().await.unwrap();
        let before = Whoami::call(&rpc).await.unwrap();
        let mut status = rpc.status();
        let waiting = tokio::spawn({
            let rpc = rpc.clone();
            async move { Wait::call(&rpc).await }
        });
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);
        let refused = Length::call(&rpc, "x".repeat(TOO_MUCH));
        match within(SHORT, refused).await {
            Err(error @ CallError::TooLarge { size, limit: None }) => {
                assert!(size > TOO_MUCH);
                assert!(error.is_safe_to_retry());
            }
            other => panic!("{transport:?}: {other:?}"),
        }
        if transport == ClientTransport::Sse {
            // It concerns nothing else.
            assert_eq!(Whoami::call(&rpc).await.unwrap(), before);
            assert!(!waiting.is_finished());
            waiting.abort();
            continue;
        }
        let error = within(SHORT, waiting).await;
        let error = error.unwrap().unwrap_err();
        assert!(
            matches!(error, CallError::Disconnected(Delivery::MayHaveRun)),
            "{error:?}"
        );
        until(&mut status, ConnectionStatus::Connected).await;
        assert_ne!(Whoami::call(&rpc).await.unwrap(), before);
    }
}
