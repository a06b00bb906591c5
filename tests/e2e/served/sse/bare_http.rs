//! Requests written by hand, and event streams read piece by piece.

use std::net::SocketAddr;

use devtools_runtime::Server;
use serde_json::{Value, json};
use tests::http::{Answer, answer, head, send};
use tests::wait::{eventually, in_time};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// An event stream.
pub(crate) struct Events {
    pub(crate) stream: BufReader<TcpStream>,
    pub(crate) head: Answer,
    /// The event that came first.
    pub(crate) opening: String,
    pub(crate) session: String,
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
}

impl Events {
    pub(crate) async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = send(address, "GET", path, headers, "").await;
        let head = head(&mut stream).await;
        let mut events = Self {
            stream,
            head,
            opening: String::new(),
            session: String::new(),
            address,
            path: path.to_owned(),
        };
        events.opening = events.next().await.unwrap();
        let id = events.opening.strip_prefix("event: session\ndata: ");
        id.unwrap().trim_end().clone_into(&mut events.session);
        events
    }

    pub(crate) async fn of(server: &Server) -> Self {
        Self::open(server.local_addr(), "/__devtools/__sse", &[]).await
    }

    /// The next part of the stream; `None` once it has ended.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let mut size = String::new();
        in_time(self.stream.read_line(&mut size)).await.ok()?;
        let size = usize::from_str_radix(size.trim_end(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        in_time(self.stream.read_exact(&mut chunk)).await.unwrap();
        chunk.truncate(size);
        (size > 0).then(|| String::from_utf8(chunk).unwrap())
    }

    /// The frame that the next event brings.
    pub(crate) async fn frame(&mut self) -> String {
        let event = self.next().await.expect("an event");
        let frame = event.strip_prefix("event: message\ndata: ").unwrap();
        frame.strip_suffix("\n\n").unwrap().to_owned()
    }

    /// Begins a POST of this frame.
    pub(crate) async fn begin(&self, frame: &str) -> BufReader<TcpStream> {
        let session = ("x-birpc-session", &*self.session);
        send(self.address, "POST", &self.path, &[session], frame).await
    }

    pub(crate) async fn post(&self, frame: &str) -> Answer {
        answer(self.begin(frame).await).await
    }

    /// The frame that answers a call.
    pub(crate) async fn call(&self, method: &str, arguments: Value) -> String {
        let answer = self.post(&call(method, arguments, "X")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    pub(crate) async fn works(&self) {
        let reply = self.call("e2e:add", json!([1, 2])).await;
        assert_eq!(reply, r#"{"t":"s","i":"X","r":3}"#);
    }
}

pub(crate) fn call(method: &str, arguments: Value, id: &str) -> String {
    json!({ "m": method, "a": arguments, "t": "q", "i": id }).to_string()
}

pub(crate) fn failed(message: &str) -> String {
    format!(
        r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"X"],[0,"e"],[7,{{"name":"Error","message":{message}}}]]"#
    )
}

/// Waits until this many sessions are open.
pub(crate) async fn sessions(server: &Server, count: usize) {
    let rpc = server.devtools().context().rpc();
    eventually(|| rpc.sessions().len() == count).await;
}
