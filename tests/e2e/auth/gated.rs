//! A server with a gate, and a client of bare frames.

use std::sync::mpsc;

use devtools_runtime::trust::AuthCode;
use devtools_runtime::{DevTools, Gate, Limits, RpcSession, Server};
use serde_json::{Value, json};

use crate::wire::Wire;

pub(crate) struct Gated {
    pub(crate) server: Server,
    pub(crate) codes: mpsc::Receiver<AuthCode>,
}

impl Gated {
    pub(crate) async fn start(gate: Gate) -> Self {
        Self::bounded(gate, Limits::default()).await
    }

    pub(crate) async fn bounded(gate: Gate, limits: Limits) -> Self {
        let (sender, codes) = mpsc::channel();
        let server = DevTools::builder()
            .limits(limits)
            .auth(gate.on_code(move |code| sender.send(code.clone()).unwrap()))
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        Self { server, codes }
    }

    pub(crate) async fn connect(&self, token: Option<&str>) -> Client {
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
    pub(crate) async fn code_for(&self, client: &mut Client) -> String {
        client.request_code(false).await;
        self.codes.try_recv().unwrap().code().to_owned()
    }

    pub(crate) fn sessions(&self) -> Vec<RpcSession> {
        self.server.devtools().context().rpc().sessions()
    }
}

pub(crate) struct Client {
    pub(crate) wire: Wire,
    pub(crate) last_id: u32,
}

pub(crate) const REFUSED: &str = "was rejected: the caller is not authorized.";

impl Client {
    pub(crate) async fn send(&mut self, frame: Value) {
        self.wire.send(&frame.to_string()).await;
    }

    /// The next frame; of structured clone only what is compared here.
    pub(crate) async fn frame(&mut self) -> String {
        self.wire.text().await
    }

    /// Calls, and gives the result, or the frame that holds the error.
    pub(crate) async fn call(&mut self, method: &str, arguments: Value) -> Result<Value, String> {
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

    pub(crate) async fn shake_hands(&mut self, token: &str) -> bool {
        let introduction = json!([{"authToken": token, "ua": "curl/8", "origin": "http://h"}]);
        let reply = self
            .call("anonymous:devframe:auth", introduction)
            .await
            .unwrap();
        reply["isTrusted"].as_bool().unwrap()
    }

    pub(crate) async fn exchange(&mut self, code: &str) -> Option<String> {
        let offer = json!([{"code": code, "ua": "curl/8", "origin": "http://h"}]);
        let reply = self
            .call("anonymous:devframe:auth:exchange", offer)
            .await
            .unwrap();
        reply["authToken"].as_str().map(str::to_owned)
    }

    pub(crate) async fn request_code(&mut self, reissue: bool) -> Value {
        let request = json!([{"ua": "curl/8", "origin": "http://h", "reissue": reissue}]);
        self.call("anonymous:devframe:auth:request-code", request)
            .await
            .unwrap()
    }

    pub(crate) async fn add(&mut self) -> Result<Value, String> {
        self.call("auth:add", json!([1, 2])).await
    }

    pub(crate) fn assert_refused(outcome: Result<Value, String>) {
        let frame = outcome.unwrap_err();
        assert!(frame.contains(REFUSED), "{frame}");
    }
}

pub(crate) fn url_of(code: &AuthCode) -> (String, String) {
    let link = code.link().unwrap();
    let (page, secret) = link.split_once("#devframe_otp=").unwrap();
    (page.to_owned(), secret.to_owned())
}
