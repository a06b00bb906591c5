//! A server of its own: it listens, and ends when told to.

use std::fmt;
use std::net::SocketAddr;

use crate::devtools::DevTools;
use crate::host::fragment;
use crate::server::Listening;

/// A server that takes connections. Dropping it ends it and its sessions at once; [`shutdown`](Self::shutdown) is the
/// polite way.
pub struct Server {
    devtools: DevTools,
    listening: Listening,
}

impl Server {
    pub(super) fn new(devtools: DevTools, listening: Listening) -> Self {
        Self {
            devtools,
            listening,
        }
    }

    /// The address the server listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The URL of the functions' mount: what a client connects to.
    pub fn url(&self) -> String {
        self.url_of(&self.devtools.0.settings.base)
    }

    /// The URL of a path on this server, such as the base of a view.
    pub fn url_of(&self, path: &str) -> String {
        format!("http://{}{path}", self.local_addr())
    }

    /// The URL of a path that signs its page in when it is opened: with what stands for the one-time code there, if
    /// there is a gate.
    ///
    /// It is good for five minutes and for one page. A page that comes later asks for a code, which the gate then shows.
    pub fn sign_in_url(&self, path: &str) -> String {
        let url = self.url_of(path);
        match self.devtools.sign_in_link() {
            Some(link) => url + &fragment(&link),
            None => url,
        }
    }

    /// What is served.
    pub fn devtools(&self) -> &DevTools {
        &self.devtools
    }

    /// Serves until the process is told to end (SIGINT, SIGTERM), then shuts down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn run(self) {
        self.run_until(EndSignals::listen()).await;
    }

    /// [`run`](Self::run) with signals that were listened for before.
    pub(crate) async fn run_until(self, mut end: EndSignals) {
        end.told().await;
        tracing::info!("shutting down");
        self.shutdown().await;
    }

    /// Takes no more connections, ends those there are, and waits until their calls have ended, for
    /// [`Limits::grace`](crate::Limits::grace) at most.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn shutdown(self) {
        self.listening.stop();
        self.devtools.shutdown().await;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.local_addr())
            .finish_non_exhaustive()
    }
}

/// How the operating system tells the process to end. A signal that comes before it is waited for is not lost, and does
/// not end the process by itself any more.
#[derive(Debug)]
pub(crate) struct EndSignals {
    #[cfg(unix)]
    signals: [Option<tokio::signal::unix::Signal>; 2],
}

#[cfg(unix)]
impl EndSignals {
    /// Begins to listen. Signals that cannot be listened for end the process at once, as they would without this.
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = |kind| {
            signal(kind)
                .inspect_err(
                    |error| tracing::warn!(%error, ?kind, "a signal ends the process at once"),
                )
                .ok()
        };
        Self {
            signals: [SignalKind::interrupt(), SignalKind::terminate()].map(listen),
        }
    }

    /// Resolves once the process is told to end.
    pub(crate) async fn told(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
impl EndSignals {
    /// Begins to listen, once it is waited for.
    pub(crate) fn listen() -> Self {
        Self {}
    }

    /// Resolves once the process is told to end.
    pub(crate) async fn told(&mut self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "an interrupt ends the process at once");
            std::future::pending::<()>().await;
        }
    }
}
