//! A relay between a client and a server, which can swallow what goes through it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use devtools_runtime::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

use crate::program::anywhere;

/// Stands before a server, and passes bytes on until it is told to swallow those of the connections that it has.
pub(crate) struct Relay {
    pub(crate) url: String,
    /// How many connections are swallowed: the first ones.
    pub(crate) swallowed: watch::Sender<usize>,
    pub(crate) taken: Arc<AtomicUsize>,
    pub(crate) serving: tokio::task::JoinHandle<()>,
}

impl Relay {
    pub(crate) async fn before(server: &Server) -> Self {
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
    pub(crate) fn swallow(&self) {
        self.swallowed
            .send_replace(self.taken.load(Ordering::SeqCst));
    }

    /// The same, and nothing comes through new ones either.
    pub(crate) fn swallow_all(&self) {
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
