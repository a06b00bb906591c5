//! Streaming channels: Rust clients and the real JavaScript client, connections that are lost, and readers that are slow.

mod javascript;
mod lost;
mod proxy;
mod slow;
mod streams;
mod uploads;

use std::fmt;
use std::time::Duration;

use devtools_runtime::client::{Backoff, ClientTransport};
use devtools_runtime::streaming::{Channel, ChannelOptions, StreamError, StreamReader};
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient, Server};
use tests::wait::{eventually, in_time};

const SOON: Backoff = Backoff::new()
    .first(Duration::from_millis(2))
    .longest(Duration::from_millis(10));

async fn serve() -> Server {
    let builder = DevTools::builder().auth(Auth::None).without_collected();
    builder.bind("127.0.0.1:0").await.unwrap()
}

/// A channel of a server of its own, and a client over a socket.
async fn channel<T>(options: ChannelOptions) -> (Server, Channel<T>, DevToolsRpcClient) {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let channel = rpc.streaming().create("test:channel", options).unwrap();
    let client = connect(&server.url()).await;
    (server, channel, client)
}

async fn connect(url: &str) -> DevToolsRpcClient {
    let builder = DevToolsRpcClient::builder(url).reconnect(SOON);
    in_time(builder.connect()).await.unwrap()
}

/// A client for each way to connect: over a WebSocket, over server-sent events, and in memory.
async fn clients(server: &Server) -> [DevToolsRpcClient; 3] {
    let sse = DevToolsRpcClient::builder(&server.url()).transport(ClientTransport::Sse);
    [
        connect(&server.url()).await,
        in_time(sse.connect()).await.unwrap(),
        server.devtools().client(),
    ]
}

fn subscribe<T>(rpc: &DevToolsRpcClient, id: &str) -> StreamReader<T>
where
    T: serde::de::DeserializeOwned + Send + 'static,
{
    rpc.streaming().subscribe("test:channel", id)
}

/// The next chunk, which there is.
async fn next<T: fmt::Debug>(reader: &mut StreamReader<T>) -> T {
    in_time(reader.next()).await.unwrap().unwrap()
}

/// All chunks, and the error that the stream has ended with.
async fn all<T>(reader: &mut StreamReader<T>) -> (Vec<T>, Option<StreamError>) {
    let mut chunks = Vec::new();
    loop {
        match in_time(reader.next()).await {
            Some(Ok(chunk)) => chunks.push(chunk),
            Some(Err(error)) => return (chunks, Some(error)),
            None => return (chunks, None),
        }
    }
}

/// Resolves once a channel has as many subscribers.
async fn subscribed<T>(channel: &Channel<T>, subscribers: usize) {
    eventually(|| channel.stats().subscribers == subscribers).await;
}

/// The name and message of the error that a producer has ended a stream with.
fn failure(error: Option<StreamError>) -> (String, String) {
    match error {
        Some(StreamError::Failed(error)) => (error.name, error.message),
        other => panic!("{other:?}"),
    }
}
