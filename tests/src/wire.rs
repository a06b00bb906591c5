//! A bare WebSocket, for tests of what the server makes of single frames.

use devtools_runtime::Server;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::wait::in_time;

/// A WebSocket without a client.
#[derive(Debug)]
pub struct Wire(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Wire {
    /// Connects to a URL with these headers. A token is part of the URL. Returns the error as text.
    pub async fn connect(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, String> {
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let connecting = Box::pin(tokio_tungstenite::connect_async(request));
        let (socket, _) = in_time(connecting)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Self(socket))
    }

    /// Connects to a server. Returns the error as text.
    pub async fn try_open(server: &Server) -> Result<Self, String> {
        let url = format!("{}__ws", server.url().replace("http", "ws"));
        Self::connect(&url, &[]).await
    }

    /// Connects to a server.
    pub async fn open(server: &Server) -> Self {
        Self::try_open(server).await.unwrap()
    }

    /// Sends a text frame.
    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next frame of any kind. Returns `None` if the connection has ended.
    pub async fn next(&mut self) -> Option<Message> {
        in_time(self.0.next()).await.and_then(Result::ok)
    }

    /// The next frame, which must be a text.
    pub async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.as_str().to_owned(),
            other => panic!("no text but {other:?}"),
        }
    }

    /// Sends a call with the id `X`, and returns the next text.
    pub async fn call(&mut self, method: &str, arguments: Value) -> String {
        let call = json!({ "m": method, "a": arguments, "t": "q", "i": "X" });
        self.send(&call.to_string()).await;
        self.text().await
    }

    /// Asserts that a call of a function of the fixture is answered.
    pub async fn works(&mut self) {
        let reply = self.call("e2e:add", json!([1, 2])).await;
        assert_eq!(reply, r#"{"t":"s","i":"X","r":3}"#);
    }
}
