//! What stands between a stranger and the functions: codes, tokens, and what they open.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use devtools_runtime::{
    AuthCode, CallError, DevTools, DevToolsContext, Gate, Mode, RpcSession, Server, rpc_function,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

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
        let (sender, codes) = mpsc::channel();
        let server = DevTools::builder()
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
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", "http://localhost:5173".parse().unwrap());
        headers.insert("user-agent", "curl/8".parse().unwrap());
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Client { socket, last_id: 0 }
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
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u32,
}

const REFUSED: &str = "was rejected: the caller is not authorized.";

impl Client {
    async fn send(&mut self, frame: Value) {
        let text = Message::Text(frame.to_string().into());
        self.socket.send(text).await.unwrap();
    }

    /// The next frame; of structured clone only what is compared here.
    async fn frame(&mut self) -> String {
        let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next());
        next.await
            .unwrap()
            .unwrap()
            .unwrap()
            .into_text()
            .unwrap()
            .to_string()
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

    async fn request_code(&mut self, reissue: bool) {
        let request = json!([{"ua": "curl/8", "origin": "http://h", "reissue": reissue}]);
        self.call("anonymous:devframe:auth:request-code", request)
            .await
            .unwrap();
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
    // An optional call does not hide it, and a name nobody has is said to be one.
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

    // Nor is a stranger told or asked anything.
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
async fn inside_the_process_everybody_is_trusted() {
    let devtools = DevTools::builder()
        .auth(Gate::new().memory())
        .build()
        .await
        .unwrap();
    assert_eq!(Add::call(&devtools.client(), 2, 3).await.unwrap(), 5);
}
