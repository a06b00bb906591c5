//! The floors: WebSocket servers that only answer.
//!
//! They have no registry, no types of functions, no limits and no sessions. The envelope is read into borrowed
//! fields, a `match` finds the function, and the reply is written. [`Floor::Bare`] uses tungstenite's defaults.
//! [`Floor::Tuned`] reads into 4 KiB, which is all that tungstenite then clears before each read, and writes once for
//! all requests that were read. This is about the best that these libraries can do.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use clap::ValueEnum;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// The kinds of floors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Floor {
    /// tungstenite's defaults.
    Bare,
    /// A small read buffer, and one flush for everything that was ready.
    Tuned,
}

/// The id of every stream.
const STREAM: &str = "stream-0123456789abcd";

#[derive(Debug, Serialize)]
struct Module {
    id: String,
    size: u32,
}

static LIST: LazyLock<Vec<Module>> = LazyLock::new(|| modules(100));
static MODULES: LazyLock<Vec<Module>> = LazyLock::new(|| modules(20_000));

fn modules(count: u32) -> Vec<Module> {
    let module = |number| Module {
        id: format!("/src/mod-{number:06}.ts"),
        size: 1000 + number,
    };
    (0..count).map(module).collect()
}

/// The queues of the connections. They are unbounded, because a floor need not protect itself.
#[derive(Debug, Default)]
struct Clients(Mutex<HashMap<u64, UnboundedSender<Utf8Bytes>>>);

impl Clients {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, UnboundedSender<Utf8Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &Utf8Bytes) {
        for client in self.lock().values() {
            // A connection that is gone gets nothing.
            let _ = client.send(event.clone());
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

impl Floor {
    /// Returns the command that serves it: this program with the option `--serve`.
    pub fn command(self) -> io::Result<Vec<String>> {
        let this = std::env::current_exe()?.display().to_string();
        let floor = match self {
            Self::Bare => "bare",
            Self::Tuned => "tuned",
        };
        Ok(vec![this, "--serve".to_owned(), floor.to_owned()])
    }

    /// Serves on this number of threads until the process ends.
    pub fn run(self, threads: usize) -> io::Result<()> {
        super::limits::raise();
        let runtime = match threads {
            0 | 1 => super::runtime()?,
            threads => Builder::new_multi_thread()
                .worker_threads(threads)
                .enable_all()
                .build()?,
        };
        runtime.block_on(async { tokio::spawn(self.serve()).await })?
    }

    async fn serve(self) -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("floor: http://{}/", listener.local_addr()?);
        let clients = Arc::new(Clients::default());
        let mut connections = JoinSet::new();
        for number in 0.. {
            let (stream, _) = listener.accept().await?;
            let clients = Arc::clone(&clients);
            connections.spawn(async move {
                let (sender, events) = unbounded_channel();
                clients.lock().insert(number, sender);
                // The load reports missing replies, so errors are ignored here.
                let _ = self.connection(stream, events, &clients).await;
                clients.lock().remove(&number);
            });
            while connections.try_join_next().is_some() {}
        }
        Ok(())
    }

    async fn connection(
        self,
        stream: TcpStream,
        mut events: UnboundedReceiver<Utf8Bytes>,
        clients: &Clients,
    ) -> Result<(), Failure> {
        stream.set_nodelay(true)?;
        let config = match self {
            Self::Bare => WebSocketConfig::default(),
            Self::Tuned => WebSocketConfig::default().read_buffer_size(4096),
        };
        let socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
        let mut connection = Connection {
            floor: self,
            socket,
        };
        loop {
            tokio::select! {
                message = connection.socket.next() => match message {
                    Some(message) => connection.answer(message?, clients).await?,
                    None => return Ok(()),
                },
                Some(event) = events.recv() => connection.put(event).await?,
            }
            if self == Self::Tuned {
                while let Some(Some(message)) = connection.socket.next().now_or_never() {
                    connection.answer(message?, clients).await?;
                }
                while let Ok(event) = events.try_recv() {
                    connection.put(event).await?;
                }
                connection.socket.flush().await?;
            }
        }
    }
}

struct Connection {
    floor: Floor,
    socket: WebSocketStream<TcpStream>,
}

#[derive(Deserialize)]
struct Request<'a> {
    m: &'a str,
    #[serde(borrow)]
    a: &'a RawValue,
    i: Option<&'a str>,
}

#[derive(Serialize)]
struct Reply<'a, R> {
    t: &'static str,
    i: &'a str,
    r: R,
}

#[derive(Serialize)]
struct Pong<'a> {
    id: &'a str,
    data: &'static str,
}

#[derive(Serialize)]
struct Event<A> {
    m: &'static str,
    a: A,
    t: &'static str,
}

#[derive(Serialize)]
struct Update {
    kind: &'static str,
    seq: u32,
}

impl Connection {
    async fn put(&mut self, text: Utf8Bytes) -> Result<(), Failure> {
        match self.floor {
            Floor::Bare => self.socket.send(Message::Text(text)).await?,
            Floor::Tuned => self.socket.feed(Message::Text(text)).await?,
        }
        Ok(())
    }

    async fn answer(&mut self, message: Message, clients: &Clients) -> Result<(), Failure> {
        let Message::Text(text) = message else {
            return Ok(()); // tungstenite answers pings and closes
        };
        let request: Request<'_> = serde_json::from_str(&text)?;
        let Some(id) = request.i else {
            return Ok(()); // the only event is that of a subscriber
        };
        let arguments = request.a.get();
        let reply = match request.m {
            "bench:ping" => {
                let (id_given,) = serde_json::from_str(arguments)?;
                let pong = Pong {
                    id: id_given,
                    data: "pong",
                };
                reply(id, pong)?
            }
            "bench:list" => reply(id, &*LIST)?,
            "bench:modules" => reply(id, &*MODULES)?,
            "bench:text" => {
                let (bytes,): (usize,) = serde_json::from_str(arguments)?;
                reply(id, "x".repeat(bytes))?
            }
            "bench:fire" => {
                let (events,): (u32,) = serde_json::from_str(arguments)?;
                for seq in 0..events {
                    let update = Update {
                        kind: "update",
                        seq,
                    };
                    clients.tell(&event("bench:event", [update])?);
                }
                reply(id, events)?
            }
            "bench:stream-open" => reply(id, STREAM)?,
            "bench:stream-run" => {
                let (stream, chunks): (&str, u32) = serde_json::from_str(arguments)?;
                for number in 0..chunks {
                    let chunk = format!("token-{number:08}");
                    let chunk = ("bench:chunks", stream, number + 1, chunk);
                    let chunk = event("devframe:streaming:chunk", chunk)?;
                    self.put(chunk).await?;
                }
                let end = event("devframe:streaming:end", ("bench:chunks", stream))?;
                self.put(end).await?;
                reply(id, chunks)?
            }
            other => return Err(format!("no function `{other}`").into()),
        };
        self.put(reply).await
    }
}

fn reply(id: &str, result: impl Serialize) -> serde_json::Result<Utf8Bytes> {
    let reply = Reply {
        t: "s",
        i: id,
        r: result,
    };
    serde_json::to_string(&reply).map(Utf8Bytes::from)
}

fn event(name: &'static str, arguments: impl Serialize) -> serde_json::Result<Utf8Bytes> {
    let event = Event {
        m: name,
        a: arguments,
        t: "q",
    };
    serde_json::to_string(&event).map(Utf8Bytes::from)
}
