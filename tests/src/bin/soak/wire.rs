//! Bare connections to the server, for clients that do what no client should.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::server::TOKEN;
use crate::tally::Tally;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Where hostile clients come from: good ones come from 127.0.0.1.
const HOSTILE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);

/// The address and the counts that hostile clients share.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// The results of calls on a connection with busy streams.
    pub(crate) beside_streams: Arc<Tally>,
    pub(crate) until: Instant,
}

impl Target {
    /// Waits as long as something is to be held, or until all is over.
    pub(crate) async fn hold(&self) {
        const HELD: Duration = Duration::from_secs(10);
        let left = self.until.saturating_duration_since(Instant::now());
        tokio::time::sleep(HELD.min(left)).await;
    }

    /// A connection with nothing on it.
    pub(crate) async fn connect(&self) -> io::Result<TcpStream> {
        self.connect_with(None).await
    }

    /// A connection that takes in few bytes before it is read.
    pub(crate) async fn connect_small(&self) -> io::Result<TcpStream> {
        self.connect_with(Some(4096)).await
    }

    async fn connect_with(&self, receive_buffer: Option<u32>) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        // Where the system has this address: others have to do with one.
        let _ = socket.bind((HOSTILE, 0).into());
        socket.connect(self.address).await
    }

    /// A WebSocket of somebody who is not trusted.
    pub(crate) async fn stranger(&self) -> Result<Wire, BoxError> {
        self.upgrade(self.connect().await?, "").await
    }

    /// A WebSocket of somebody who is.
    pub(crate) async fn friend(&self) -> Result<Wire, BoxError> {
        let query = format!("?devframe_auth_token={TOKEN}");
        self.upgrade(self.connect().await?, &query).await
    }

    pub(crate) async fn upgrade(&self, socket: TcpStream, query: &str) -> Result<Wire, BoxError> {
        let url = format!("ws://{}/__devtools/__ws{query}", self.address);
        let (socket, _) = tokio_tungstenite::client_async(url, socket).await?;
        Ok(Wire { socket })
    }
}

/// A WebSocket without a client.
pub(crate) struct Wire {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Wire {
    pub(crate) async fn send(&mut self, text: String) -> Result<(), BoxError> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// The next text.
    pub(crate) async fn next(&mut self) -> Result<String, BoxError> {
        loop {
            match self.socket.next().await.ok_or("closed")?? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(_) => return Err("closed".into()),
                _ => {}
            }
        }
    }

    /// Waits for as many texts, and not for ever.
    pub(crate) async fn take(&mut self, texts: usize) -> Result<(), BoxError> {
        for _ in 0..texts {
            tokio::time::timeout(Duration::from_secs(30), self.next()).await??;
        }
        Ok(())
    }
}

/// A request as a text.
pub(crate) fn request(method: &str, arguments: &Value, id: Option<&str>) -> String {
    let mut request = serde_json::json!({"m": method, "a": arguments, "t": "q"});
    if let Some(id) = id {
        request["i"] = id.into();
    }
    request.to_string()
}
