//! Good clients: they do what a panel does, by the Rust client, and check all that they get.

mod calls;
mod newcomers;
mod states;
mod streams;

use std::sync::Arc;
use std::time::{Duration, Instant};

use devtools_runtime::client::{ClientTransport, ConnectError, DevToolsRpcClientBuilder};
use devtools_runtime::{DevToolsRpcClient, Limits};
use tokio::task::JoinSet;

use crate::LAST;
use crate::server::TOKEN;
use crate::tally::Tally;

const TRANSPORTS: [ClientTransport; 2] = [ClientTransport::WebSocket, ClientTransport::Sse];

/// The results of good clients.
#[derive(Debug, Clone)]
pub(crate) struct Tallies {
    calls: Arc<Tally>,
    chunks: Arc<Tally>,
    states: Arc<Tally>,
    newcomers: Arc<Tally>,
    links: Arc<Tally>,
    codes: Arc<Tally>,
}

impl Tallies {
    pub(crate) fn new() -> Self {
        let tally = |name| Arc::new(Tally::new(name));
        Self {
            calls: tally("calls"),
            chunks: tally("stream chunks"),
            states: tally("state changes"),
            newcomers: tally("newcomers, to their first reply"),
            links: tally("sign-ins by link"),
            codes: tally("sign-ins by a code shown for it"),
        }
    }

    /// All of them. Nothing may be lost or wrong.
    pub(crate) fn all(&self) -> [&Arc<Tally>; 6] {
        let Self {
            calls,
            chunks,
            states,
            newcomers,
            links,
            codes,
        } = self;
        [calls, chunks, states, newcomers, links, codes]
    }
}

/// Where good clients connect to.
#[derive(Debug, Clone)]
struct Home {
    url: String,
    until: Instant,
}

impl Home {
    /// A client that waits: how long connecting takes is counted, and nothing more.
    fn builder(&self) -> DevToolsRpcClientBuilder {
        let limits = Limits::new().handshake(LAST);
        DevToolsRpcClient::builder(&self.url).limits(limits)
    }

    async fn connect(&self, transport: ClientTransport) -> Result<DevToolsRpcClient, ConnectError> {
        self.builder()
            .transport(transport)
            .token(TOKEN)
            .connect()
            .await
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }
}

/// Begins all of them. Each ends at `until`, once it has what it has asked for.
pub(crate) async fn start(
    url: &str,
    until: Instant,
    tallies: &Tallies,
) -> Result<JoinSet<()>, ConnectError> {
    let home = Home {
        url: url.to_owned(),
        until,
    };
    let mut clients = JoinSet::new();
    for transport in TRANSPORTS {
        for client in 0..2 {
            let rpc = home.connect(transport).await?;
            let (home, tally) = (home.clone(), Arc::clone(&tallies.calls));
            clients.spawn(async move { calls::call(client, &rpc, &home, &tally).await });
        }
        let rpc = home.connect(transport).await?;
        let (reads, tally) = (home.clone(), Arc::clone(&tallies.chunks));
        clients.spawn(async move { streams::read(&rpc, &reads, &tally).await });
    }
    for index in 0..2 {
        states::start(index, &home, &tallies.states, &mut clients).await?;
    }
    let (come, tally) = (home.clone(), Arc::clone(&tallies.newcomers));
    clients.spawn(async move { newcomers::come(&come, &tally).await });
    let rpc = home.connect(ClientTransport::WebSocket).await?;
    let [links, codes] = [&tallies.links, &tallies.codes].map(Arc::clone);
    clients.spawn(async move { newcomers::sign_in(rpc, &home, &links, &codes).await });
    Ok(clients)
}

async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
