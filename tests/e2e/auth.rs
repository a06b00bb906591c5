//! The trust of clients: codes, tokens, and the functions that an untrusted client can reach.

// The library of these tests is not linked: its functions would be collected, and they want a state of their own.
#[path = "../src/wait.rs"]
mod wait;
#[path = "../src/wire.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod wire;

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::trust::AuthCode;
use devtools_runtime::{
    CallError, DevTools, DevToolsContext, DevToolsRpcClient, Gate, Limits, Mode, RpcSession,
    Server, UntrustedLimits, rpc_function,
};
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use wait::{SHORT, eventually, in_time, within};
use wire::Wire;

/// Adds two numbers, for those who may.
#[rpc_function(name = "auth:add")]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Says what is known of who calls.
#[rpc_function(name = "anonymous:auth:whoami")]
fn whoami(session: &RpcSession) -> (bool, Option<String>, Option<String>) {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    (
        session.is_trusted(),
        owned(session.origin()),
        owned(session.user_agent()),
    )
}

/// Says what it is told.
#[rpc_function(name = "anonymous:auth:echo")]
fn echo(text: String) -> String {
    text
}

/// Something that only trusted clients are told.
#[rpc_function(name = "auth:secret", kind = "event", side = "client")]
async fn secret(text: String);

/// Something that a client is asked.
#[rpc_function(name = "auth:ask", side = "client")]
async fn ask() -> u8;

/// Tells everybody who may know. How many were told?
#[rpc_function(name = "anonymous:auth:tell", kind = "action")]
async fn tell(ctx: &DevToolsContext) -> usize {
    Secret::broadcast(ctx, "everybody").await.unwrap_or(99)
}

struct Gated {
    server: Server,
    codes: mpsc::Receiver<AuthCode>,
}

impl Gated {
    async fn start(gate: Gate) -> Self {
        Self::bounded(gate, Limits::default()).await
    }

    async fn bounded(gate: Gate, limits: Limits) -> Self {
        let (sender, codes) = mpsc::channel();
        let server = DevTools::builder()
            .limits(limits)
            .auth(gate.on_code(move |code| sender.send(code.clone()).unwrap()))
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        Self { server, codes }
    }

    async fn connect(&self, token: Option<&str>) -> Client {
        let token = token.map(|token| format!("?devframe_auth_token={token}"));
        let url = format!(
            "ws://{}/__devtools/__ws{}",
            self.server.local_addr(),
            token.unwrap_or_default()
        );
        let headers = [
            ("origin", "http://localhost:5173"),
            ("user-agent", "curl/8"),
        ];
        let wire = Wire::connect(&url, &headers).await.unwrap();
        Client { wire, last_id: 0 }
    }

    /// The code, as the gate shows it to a client that asks.
    async fn code_for(&self, client: &mut Client) -> String {
        client.request_code(false).await;
        self.codes.try_recv().unwrap().code().to_owned()
    }

    fn sessions(&self) -> Vec<RpcSession> {
        self.server.devtools().context().rpc().sessions()
    }
}

struct Client {
    wire: Wire,
    last_id: u32,
}

const REFUSED: &str = "was rejected: the caller is not authorized.";

impl Client {
    async fn send(&mut self, frame: Value) {
        self.wire.send(&frame.to_string()).await;
    }

    /// The next frame; of structured clone only what is compared here.
    async fn frame(&mut self) -> String {
        self.wire.text().await
    }

    /// Calls, and gives the result, or the frame that holds the error.
    async fn call(&mut self, method: &str, arguments: Value) -> Result<Value, String> {
        self.last_id += 1;
        let id = self.last_id.to_string();
        self.send(json!({"m": method, "a": arguments, "t": "q", "i": id}))
            .await;
        let frame = self.frame().await;
        match serde_json::from_str::<Value>(&frame) {
            Ok(mut reply) => {
                assert_eq!(reply["i"], id, "{frame}");
                Ok(reply["r"].take())
            }
            Err(_) => Err(frame),
        }
    }

    async fn shake_hands(&mut self, token: &str) -> bool {
        let introduction = json!([{"authToken": token, "ua": "curl/8", "origin": "http://h"}]);
        let reply = self
            .call("anonymous:devframe:auth", introduction)
            .await
            .unwrap();
        reply["isTrusted"].as_bool().unwrap()
    }

    async fn exchange(&mut self, code: &str) -> Option<String> {
        let offer = json!([{"code": code, "ua": "curl/8", "origin": "http://h"}]);
        let reply = self
            .call("anonymous:devframe:auth:exchange", offer)
            .await
            .unwrap();
        reply["authToken"].as_str().map(str::to_owned)
    }

    async fn request_code(&mut self, reissue: bool) -> Value {
        let request = json!([{"ua": "curl/8", "origin": "http://h", "reissue": reissue}]);
        self.call("anonymous:devframe:auth:request-code", request)
            .await
            .unwrap()
    }

    async fn add(&mut self) -> Result<Value, String> {
        self.call("auth:add", json!([1, 2])).await
    }

    fn assert_refused(outcome: Result<Value, String>) {
        let frame = outcome.unwrap_err();
        assert!(frame.contains(REFUSED), "{frame}");
    }
}

#[tokio::test]
async fn strangers_learn_nothing() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    assert!(!client.shake_hands("").await);
    assert!(!client.shake_hands("wrong").await);
    Client::assert_refused(client.add().await);
    // An optional call is refused in the same way, and an unknown name is reported as unknown.
    client
        .send(json!({"m": "auth:add", "a": [], "t": "q", "o": true, "i": "9"}))
        .await;
    assert!(client.frame().await.contains(REFUSED));
    let unknown = client.call("auth:nothing", json!([])).await.unwrap_err();
    assert!(
        unknown.contains("[birpc] function \\\"auth:nothing\\\" not found"),
        "{unknown}"
    );
    for guarded in ["devframe:auth:revoke", "devframe:rpc:server-state:get"] {
        Client::assert_refused(client.call(guarded, json!(["devframe:services"])).await);
    }

    // The server sends an untrusted client neither events nor calls.
    assert_eq!(
        client.call("anonymous:auth:tell", json!([])).await.unwrap(),
        0
    );
    let session = gated.sessions().remove(0);
    assert!(matches!(
        Ask::call(&session).await,
        Err(CallError::Unauthorized(_))
    ));
    assert!(Secret::notify(&session, "psst").await.is_err());
    let whoami = client
        .call("anonymous:auth:whoami", json!([]))
        .await
        .unwrap();
    assert_eq!(whoami, json!([false, "http://localhost:5173", "curl/8"]));
}

#[tokio::test]
async fn a_code_opens_the_gate_and_leaves_a_token() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    let session = gated.sessions().remove(0);
    let code = gated.code_for(&mut client).await;
    client.request_code(false).await;
    assert!(gated.codes.try_recv().is_err(), "it was shown before");

    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(client.exchange(wrong).await, None);
    Client::assert_refused(client.add().await);
    let token = client.exchange(&code).await.unwrap();
    assert_eq!(token.len(), 32);
    assert!(session.trusted().await);
    assert_eq!(client.add().await.unwrap(), 3);
    assert_eq!(client.exchange(&code).await, None, "a code is good once");

    // The token opens the gate in the address as well as in the handshake.
    let mut returning = gated.connect(Some(&token)).await;
    assert_eq!(returning.add().await.unwrap(), 3);
    assert!(returning.shake_hands("").await);
    let mut other = gated.connect(None).await;
    assert!(other.shake_hands(&token).await);
    assert_eq!(other.add().await.unwrap(), 3);
}

#[tokio::test]
async fn only_who_is_trusted_learns_which_functions_there_are() {
    const LIST: &str = "devtools-runtime:functions";
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    let refused = client.call(LIST, json!([])).await.unwrap_err();
    assert!(refused.contains(REFUSED), "{refused}");
    let code = gated.code_for(&mut client).await;
    client.exchange(&code).await.unwrap();
    let functions = client.call(LIST, json!([])).await.unwrap();
    let functions = functions.as_array().unwrap();
    let add = functions
        .iter()
        .find(|it| it["name"] == "auth:add")
        .unwrap();
    assert_eq!(
        (&add["type"], &add["encoding"]),
        (&json!("query"), &json!("json"))
    );
    assert!(add["file"].as_str().unwrap().ends_with("auth.rs"), "{add}");

    // Where the source lies is nobody's business once the program is built.
    let built = DevTools::builder().mode(Mode::Build).build().await.unwrap();
    assert!(!built.context().rpc().has(LIST));
    assert!(
        built
            .context()
            .rpc()
            .describe()
            .iter()
            .any(|it| it.name == "auth:add")
    );
}

#[tokio::test]
async fn a_revoked_token_cuts_its_sessions_off() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    let code = gated.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();
    let mut same = gated.connect(Some(&token)).await;
    assert_eq!(same.add().await.unwrap(), 3);
    let mut other = gated.connect(None).await;
    let code = gated.code_for(&mut other).await;
    other.exchange(&code).await.unwrap();

    // The caller is told before its call is answered.
    client
        .send(json!({"m": "devframe:auth:revoke", "a": [], "t": "q", "i": "r"}))
        .await;
    for told in [client.frame().await, same.frame().await] {
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(
            told,
            json!({"m": "devframe:auth:revoked", "a": [], "t": "q", "o": true})
        );
    }
    let reply: Value = serde_json::from_str(&client.frame().await).unwrap();
    assert_eq!(reply["i"], "r");

    // Who is still trusted is told, before the reply to the call that told it.
    other
        .send(json!({"m": "anonymous:auth:tell", "a": [], "t": "q", "i": "t"}))
        .await;
    assert!(other.frame().await.contains("auth:secret"));
    let reply: Value = serde_json::from_str(&other.frame().await).unwrap();
    assert_eq!(reply, json!({"t": "s", "i": "t", "r": 1}));
    Client::assert_refused(client.add().await);
    Client::assert_refused(same.add().await);
    assert!(!same.shake_hands(&token).await);
    let mut later = gated.connect(Some(&token)).await;
    Client::assert_refused(later.add().await);
}

#[tokio::test]
async fn the_program_can_take_trust_back() {
    let gated = Gated::start(Gate::new().memory().token("of the CI, long and secret")).await;
    let mut client = gated
        .connect(Some("of%20the%20CI%2C%20long%20and%20secret"))
        .await;
    assert_eq!(client.add().await.unwrap(), 3);
    let context = gated.server.devtools().context().clone();
    let session = gated.sessions().remove(0);
    context.rpc().revoke(&session).await.unwrap();
    assert!(client.frame().await.contains("devframe:auth:revoked"));
    Client::assert_refused(client.add().await);
    // Tokens that the program gave stay good.
    assert!(client.shake_hands("of the CI, long and secret").await);
}

#[tokio::test]
async fn tokens_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let gated = Gated::start(Gate::new().storage(&file)).await;
    let mut client = gated.connect(None).await;
    let code = gated.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();
    drop((client, gated));

    let again = Gated::start(Gate::new().storage(&file)).await;
    let mut client = again.connect(Some(&token)).await;
    assert_eq!(client.add().await.unwrap(), 3);
    assert_eq!(stored(&file)["trusted"][&token]["ua"], "curl/8");
    client
        .send(json!({"m": "devframe:auth:revoke", "a": [], "t": "q", "i": "r"}))
        .await;
    client.frame().await;
    client.frame().await;
    assert_eq!(stored(&file), json!({"trusted": {}}));
}

/// Two servers with one file of tokens, as two processes have them.
#[tokio::test]
async fn a_token_that_another_process_revokes_cuts_sessions_off_here() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let here = Gated::start(Gate::new().storage(&file)).await;
    let there = Gated::start(Gate::new().storage(&file)).await;
    let mut client = here.connect(None).await;
    let code = here.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();
    let mut other = here.connect(None).await;
    let code = here.code_for(&mut other).await;
    other.exchange(&code).await.unwrap();

    let mut revoking = there.connect(Some(&token)).await;
    assert_eq!(revoking.add().await.unwrap(), 3);
    revoking
        .send(json!({"m": "devframe:auth:revoke", "a": [], "t": "q", "i": "r"}))
        .await;
    assert!(client.frame().await.contains("devframe:auth:revoked"));
    Client::assert_refused(client.add().await);
    assert!(!client.shake_hands(&token).await);
    assert_eq!(other.add().await.unwrap(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_cannot_be_looked_up_now_is_not_said_to_be_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let gated = Gated::start(Gate::new().storage(&file)).await;
    let mut client = gated.connect(None).await;
    let code = gated.code_for(&mut client).await;
    let token = client.exchange(&code).await.unwrap();

    // A link to itself: whoever opens it fails, as somebody does who has no file descriptor left.
    let aside = folder.path().join("aside");
    std::fs::rename(&file, &aside).unwrap();
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let mut returning = gated.connect(Some(&token)).await;
    let introduction = json!([{"authToken": token, "ua": "curl/8", "origin": "http://h"}]);
    let frame = returning
        .call("anonymous:devframe:auth", introduction)
        .await
        .unwrap_err();
    assert!(
        frame.contains("cannot be looked up now: try again"),
        "{frame}"
    );
    Client::assert_refused(returning.add().await);
    assert_eq!(client.add().await.unwrap(), 3, "who is in stays in");

    std::fs::rename(&aside, &file).unwrap();
    assert!(returning.shake_hands(&token).await);
    assert_eq!(returning.add().await.unwrap(), 3);
}

fn stored(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[tokio::test]
async fn the_link_signs_in() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    client.request_code(false).await;
    let code = gated.codes.try_recv().unwrap();
    // The origin is the one that the browser vouches for, not the one that the page claims.
    let link = code.link().unwrap();
    let (page, secret) = link.split_once("#devframe_otp=").unwrap();
    assert_eq!(page, "http://localhost:5173/");
    // Nobody guesses what is in the link.
    assert_eq!(secret.len(), 32);
    assert_eq!(code.label(), "curl/8");
    let url = gated.server.sign_in_url("/__panel/");
    assert!(
        url.ends_with(&format!("/__panel/#devframe_otp={secret}")),
        "{url}"
    );
    client.request_code(true).await;
    let later = gated.codes.try_recv().unwrap();
    assert_ne!(later.code(), code.code());
    assert_eq!(client.exchange(secret).await, None, "a new code was wanted");
    let (_, secret) = url_of(&later);
    assert!(client.exchange(&secret).await.is_some());
    assert_eq!(client.add().await.unwrap(), 3);
    let mut other = gated.connect(None).await;
    assert_eq!(
        other.exchange(later.code()).await,
        None,
        "spent with its link"
    );
}

fn url_of(code: &AuthCode) -> (String, String) {
    let link = code.link().unwrap();
    let (page, secret) = link.split_once("#devframe_otp=").unwrap();
    (page.to_owned(), secret.to_owned())
}

#[tokio::test]
async fn a_flood_of_wrong_codes_keeps_nobody_out() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut person = gated.connect(None).await;
    let code = gated.code_for(&mut person).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let offer = json!([{"code": wrong, "ua": "curl/8", "origin": ""}]);
    let mut paused = 0;
    for _ in 0..10 {
        let mut flooding = gated.connect(None).await;
        for _ in 0..10 {
            let answer = flooding
                .call("anonymous:devframe:auth:exchange", offer.clone())
                .await;
            let answer = answer.unwrap();
            assert_eq!(answer["authToken"], Value::Null);
            if let Some(reason) = answer["reason"].as_str() {
                assert!(reason.starts_with("too many wrong codes"), "{reason}");
                assert!(answer["retryAfter"].as_u64().unwrap() >= 1, "{answer}");
                paused += 1;
            }
        }
    }
    assert_eq!(paused, 90, "ten of all of them are compared");
    // The person for whom the code was shown mistypes it once.
    assert_eq!(person.exchange(wrong).await, None);
    assert!(person.exchange(&code).await.is_some());
    // Whoever has only a code that was shown for somebody else waits; the link is good at once.
    let mut other = gated.connect(None).await;
    let mut asked = gated.connect(None).await;
    asked.request_code(false).await;
    let code = gated.codes.try_recv().unwrap();
    assert_eq!(other.exchange(code.code()).await, None);
    assert!(other.exchange(&url_of(&code).1).await.is_some());
}

#[tokio::test]
async fn a_new_code_for_one_client_leaves_those_of_others_good() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut person = gated.connect(None).await;
    let code = gated.code_for(&mut person).await;
    let mut hostile = gated.connect(None).await;
    for _ in 0..20 {
        hostile.request_code(true).await;
    }
    assert!(person.exchange(&code).await.is_some());
}

#[tokio::test]
async fn who_asks_for_too_many_codes_is_told_so_and_others_are_shown_theirs() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut hostile = gated.connect(None).await;
    for _ in 0..3 {
        assert_eq!(hostile.request_code(true).await, Value::Null);
    }
    let answer = hostile.request_code(true).await;
    let reason = answer["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("too many codes were asked for"),
        "{reason}"
    );
    let seconds = answer["retryAfter"].as_u64().unwrap();
    assert!((1..=60).contains(&seconds), "{answer}");
    assert!(reason.contains(&format!("{seconds} seconds")), "{reason}");
    assert_eq!(gated.codes.try_iter().count(), 3);

    let mut person = gated.connect(None).await;
    assert_eq!(person.request_code(true).await, Value::Null);
    let code = gated.codes.try_recv().unwrap();
    assert!(person.exchange(code.code()).await.is_some());
}

// ---- the log -----------------------------------------------------------------------------------

/// A token that only the next test uses, so that the log of the others does not matter.
const LOGGED: &str = "e0d3c5a4-a token that must not be seen";

/// Notes who writes the token to the `log` crate.
struct Leaks(Mutex<Vec<String>>);

static LEAKS: Leaks = Leaks(Mutex::new(Vec::new()));

impl log::Log for Leaks {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        // In an address the spaces are written differently.
        if record.args().to_string().contains("e0d3c5a4-a") {
            self.0.lock().unwrap().push(record.target().to_owned());
        }
    }

    fn flush(&self) {}
}

/// Where the events of `tracing` go.
#[derive(Debug, Clone, Default)]
struct Events(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Events {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_has_a_token() {
    log::set_logger(&LEAKS).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let events = Events::default();
    let writer = events.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // For this thread, which is all that the test has.
    let _logged = subscriber.set_default();

    let gated = Gated::start(Gate::new().memory().token(LOGGED)).await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let rpc = DevToolsRpcClient::builder(&gated.server.url())
            .transport(transport)
            .token(LOGGED)
            .connect()
            .await
            .unwrap();
        assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
        assert_eq!(rpc.auth_token().as_deref(), Some(LOGGED));
    }
    let leaks = LEAKS.0.lock().unwrap().clone();
    assert_eq!(leaks, Vec::<String>::new());

    // What others write in a handshake is in the records of one library, which the docs of `Gate` tell to keep out.
    let mut client = gated.connect(None).await;
    assert!(client.shake_hands(LOGGED).await);
    let leaks = LEAKS.0.lock().unwrap().clone();
    assert!(!leaks.is_empty(), "this test sees what is logged");
    assert!(
        leaks
            .iter()
            .all(|target| target.starts_with("tungstenite::")),
        "{leaks:?}"
    );
    let events = events.0.lock().unwrap().clone();
    let events = String::from_utf8(events).unwrap();
    assert!(
        events.contains("connected"),
        "this test sees what is traced"
    );
    assert!(!events.contains("e0d3c5a4-a"), "{events}");
}

// ---- what strangers may take ----------------------------------------------------------------

fn untrusted(untrusted: UntrustedLimits) -> Limits {
    Limits::new().untrusted(untrusted)
}

impl Client {
    /// How the server closes the connection, if it does so with a word.
    async fn closed(&mut self) -> Option<(u16, String)> {
        loop {
            match self.wire.next().await {
                Some(Message::Close(frame)) => {
                    return frame.map(|it| (it.code.into(), it.reason.as_str().to_owned()));
                }
                Some(_) => {}
                None => return None,
            }
        }
    }
}

#[tokio::test]
async fn silent_sockets_keep_nobody_out() {
    for (limits, kept) in [
        (Limits::new().sessions(20), 20),
        (untrusted(UntrustedLimits::new().sessions(15)), 15),
        (
            untrusted(UntrustedLimits::new().sessions_per_address(10)),
            10,
        ),
    ] {
        let gated = Gated::bounded(Gate::new().memory(), limits).await;
        let mut silent = Vec::new();
        for _ in 0..40 {
            silent.push(gated.connect(None).await);
        }
        // The user connects last and asks for a code, and is not evicted by later clients.
        let mut person = gated.connect(None).await;
        let code = gated.code_for(&mut person).await;
        for _ in 0..40 {
            silent.push(gated.connect(None).await);
        }
        let token = person.exchange(&code).await.unwrap();
        assert_eq!(person.add().await.unwrap(), 3);
        // Who was silent for longest had to go, and was told why.
        let told = silent[0].closed().await;
        let reason = "there are too many sessions that have not signed in";
        assert_eq!(told, Some((1008, reason.to_owned())));
        eventually(|| gated.sessions().len() <= kept + 1).await;
        let stats = gated.server.devtools().context().rpc().stats();
        assert!(stats.sessions_untrusted >= 81 - kept as u64, "{stats:?}");
        assert_eq!(stats.sessions_refused, 0);
        // A trusted session takes no slot of the untrusted ones, and is never evicted.
        let mut returning = gated.connect(Some(&token)).await;
        assert_eq!(returning.add().await.unwrap(), 3);
        for _ in 0..40 {
            silent.push(gated.connect(None).await);
        }
        assert_eq!(returning.add().await.unwrap(), 3);
        assert_eq!(person.add().await.unwrap(), 3);
    }
}

#[tokio::test]
async fn who_does_not_sign_in_has_to_go() {
    let limits = untrusted(UntrustedLimits::new().sign_in(Duration::from_millis(300)));
    let gated = Gated::bounded(Gate::new().memory().token("secret"), limits).await;
    let mut trusted = gated.connect(Some("secret")).await;
    let mut stranger = gated.connect(None).await;
    let reason = "it did not sign in in time: the limit `untrusted.sign_in`";
    assert_eq!(stranger.closed().await, Some((1008, reason.to_owned())));
    assert_eq!(trusted.add().await.unwrap(), 3);
}

#[tokio::test]
async fn a_stranger_sends_small_frames_only() {
    let gated = Gated::start(Gate::new().memory()).await;
    let frame = json!({"m": "auth:add", "a": ["x".repeat(100_000)], "t": "q", "i": "1"});
    // A very large one comes in many pieces, which are read to the end so that the reason is not lost.
    for large in [frame.clone(), json!("x".repeat(20_000_000))] {
        let mut stranger = gated.connect(None).await;
        in_time(stranger.send(large)).await;
        let reason = "over the limit `untrusted.frame_bytes` of 65536: sign in first";
        assert_eq!(stranger.closed().await, Some((1009, reason.to_owned())));
    }

    let mut person = gated.connect(None).await;
    let code = gated.code_for(&mut person).await;
    person.exchange(&code).await.unwrap();
    person.send(frame).await;
    let reply = person.frame().await;
    assert!(reply.contains("invalid type"), "{reply}");
}

#[tokio::test]
async fn a_stranger_that_reads_nothing_is_not_read_for_long() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut stranger = gated.connect(None).await;
    let session = gated.sessions().remove(0);
    let text = "x".repeat(60_000);
    let frame = json!({"m": "anonymous:auth:echo", "a": [text], "t": "q", "i": "1"}).to_string();
    let mut total = 0;
    let is_stuck = loop {
        let send = stranger.wire.0.send(Message::text(frame.clone()));
        match tokio::time::timeout(Duration::from_millis(500), send).await {
            Ok(sending) => sending.unwrap(),
            Err(_) => break true,
        }
        total += frame.len();
        if total > 200 << 20 {
            break false;
        }
    };
    assert!(is_stuck, "all of {total} bytes was read");
    // What sockets hold was answered. The rest waits, in the session and in sockets again.
    let read = session.stats().bytes_read;
    let written = session.stats().bytes_written;
    println!("read {read} bytes, wrote {written}, of {total}");
    assert!(read.saturating_sub(written) < 1 << 20, "{read} - {written}");
}

/// An HTTP request of bare bytes, and the status of its response.
async fn status_of(gated: &Gated, head: &str, body: &[u8]) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(gated.server.local_addr()).await.unwrap();
    let head = format!("{head}\r\nhost: localhost\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut status = [0; 12];
    within(SHORT, stream.read_exact(&mut status)).await.unwrap();
    let status = String::from_utf8(status[9..].to_vec()).unwrap();
    (status, stream)
}

/// A session over server-sent events: its id, and the stream that it lasts as long as.
async fn event_stream(gated: &Gated, token: &str) -> (String, TcpStream) {
    let head = format!("GET /__devtools/__sse?devframe_auth_token={token} HTTP/1.1");
    let (status, mut stream) = status_of(gated, &head, b"\r\n").await;
    assert_eq!(status, "200");
    let mut text = String::new();
    while !text.contains("\n\n\r\n") && !text.ends_with("\n\n") {
        let mut bytes = [0; 1000];
        let read = in_time(stream.read(&mut bytes)).await.unwrap();
        assert!(read > 0, "{text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    let (_, id) = text.split_once("data: ").unwrap();
    (id[..36].to_owned(), stream)
}

#[tokio::test]
async fn a_stranger_posts_small_bodies_only_and_not_for_ever() {
    let limits = Limits::new()
        .handshake(Duration::from_millis(300))
        .least_rate(1 << 30);
    let gated = Gated::bounded(Gate::new().memory().token("secret"), limits).await;
    let (stranger, _events) = event_stream(&gated, "wrong").await;
    let (trusted, _trusted_events) = event_stream(&gated, "secret").await;
    let post = |id: &str, headers: &str| {
        format!("POST /__devtools/__sse HTTP/1.1\r\nx-birpc-session: {id}\r\n{headers}")
    };
    // As many large ones as a session may have under way: none is kept, and none is waited for.
    for _ in 0..16 {
        let head = post(&stranger, "content-length: 62914560");
        let (status, _) = status_of(&gated, &head, b"\r\n").await;
        assert_eq!(status, "413");
    }
    // Nor one that does not say how long it is.
    let mut chunk = b"\r\n20000\r\n".to_vec();
    chunk.extend(vec![b'x'; 0x20000]);
    let head = post(&stranger, "transfer-encoding: chunked");
    let (status, _) = status_of(&gated, &head, &chunk).await;
    assert_eq!(status, "413");
    // One that does not come to its end is given up, whoever sends it.
    for id in [&stranger, &trusted] {
        let head = post(id, "content-length: 1000");
        let (status, _) = status_of(&gated, &head, b"\r\n{").await;
        assert_eq!(status, "408");
    }
    // Who is trusted may post large frames.
    let text = format!(
        "{{\"m\":\"auth:nothing\",\"a\":[\"{}\"],\"t\":\"q\",\"i\":\"1\"}}",
        "x".repeat(100_000)
    );
    let head = post(&trusted, &format!("content-length: {}", text.len()));
    let (status, _) = status_of(&gated, &head, format!("\r\n{text}").as_bytes()).await;
    assert_eq!(status, "200");
}

#[tokio::test]
async fn idle_connections_keep_nobody_out() {
    let limits = Limits::new().connections(10);
    let gated = Gated::bounded(Gate::new().memory().token("secret"), limits).await;
    let (_, mut events) = event_stream(&gated, "secret").await;
    // Its token is looked up while the stream is open already.
    let is_trusted = || gated.sessions().first().is_some_and(RpcSession::is_trusted);
    eventually(is_trusted).await;
    let mut idle = Vec::new();
    for _ in 0..30 {
        let mut stream = TcpStream::connect(gated.server.local_addr()).await.unwrap();
        stream
            .write_all(b"POST /__devtools/__sse HTTP/1.1\r\n")
            .await
            .unwrap();
        idle.push(stream);
    }
    let mut client = gated.connect(Some("secret")).await;
    assert_eq!(client.add().await.unwrap(), 3);
    // The oldest had to go.
    let ended = within(SHORT, idle[0].read(&mut [0; 1])).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    // But not the event stream of a trusted client, although it is older.
    assert_eq!(gated.sessions().len(), 2);
    let read = tokio::time::timeout(Duration::from_millis(100), events.read(&mut [0; 1])).await;
    assert!(read.is_err(), "{read:?}");
}

/// The link of a code that a page of `origin` asks for, after it has asked for the metadata as `referer` says.
async fn link_for(
    address: std::net::SocketAddr,
    mount: &str,
    origin: &str,
    referer: Option<&str>,
    codes: &mpsc::Receiver<AuthCode>,
) -> Option<String> {
    if let Some(referer) = referer {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET {mount}__connection.json HTTP/1.1\r\nhost: {address}\r\nreferer: {referer}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let url = format!("ws://{address}{mount}__ws");
    let wire = Wire::connect(&url, &[("origin", origin)]).await.unwrap();
    let mut client = Client { wire, last_id: 0 };
    client.request_code(true).await;
    let code = codes.try_recv().unwrap();
    // There are only so many at once.
    assert!(client.exchange(code.code()).await.is_some());
    let link = code.link()?;
    let (page, _) = link.split_once("#devframe_otp=").unwrap();
    Some(page.to_owned())
}

#[tokio::test]
async fn the_link_leads_to_a_page_that_uses_the_code() {
    let (sender, codes) = mpsc::channel();
    let gate = Gate::new()
        .memory()
        .on_code(move |code| sender.send(code.clone()).unwrap());
    let devtools = DevTools::builder()
        .auth(gate)
        .base("/x/y/")
        .build()
        .await
        .unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let own = format!("http://{address}");
    let link = async |origin: &str, referer: Option<&str>| {
        link_for(address, "/x/y/", origin, referer, &codes).await
    };
    // Of a page of this server that hides where it is, the page of the mount is known.
    assert_eq!(link(&own, None).await, Some(format!("{own}/x/y/")));
    let page = format!("{own}/__panel/");
    let referer = format!("{page}?secret=1");
    assert_eq!(link(&own, Some(&referer)).await, Some(page));
    // Pages of another server of this machine say where they are, if they want to.
    let vite = "http://localhost:5173";
    assert_eq!(link(vite, None).await, Some(format!("{vite}/")));
    let page = format!("{vite}/app/");
    assert_eq!(link(vite, Some(&page)).await, Some(page.clone()));
    // A page that may not connect is no page to send anybody to.
    link(vite, Some("http://evil.example/")).await;
    assert_eq!(link(vite, None).await, Some(page));

    let nested = [
        ("/tools/x", devtools.service()),
        ("/named", devtools.service().mounted_at("/named/")),
    ];
    let mut app = axum::Router::new();
    for (path, service) in nested {
        app = app.nest_service(path, service);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let own = format!("http://{address}");
    let link = async |mount: &str, referer: Option<&str>| {
        link_for(address, mount, &own, referer, &codes).await
    };
    assert_eq!(
        link("/tools/x/", None).await,
        None,
        "it is not known, so it is not guessed"
    );
    assert_eq!(link("/named/", None).await, Some(format!("{own}/named/")));
    let page = format!("{own}/tools/x/__panel/");
    assert_eq!(link("/tools/x/", Some(&page)).await, Some(page));
    serving.abort();
}

#[tokio::test]
async fn inside_the_process_everybody_is_trusted() {
    let devtools = DevTools::builder()
        .auth(Gate::new().memory())
        .build()
        .await
        .unwrap();
    assert_eq!(Add::call(&devtools.client(), 2, 3).await.unwrap(), 5);
}
