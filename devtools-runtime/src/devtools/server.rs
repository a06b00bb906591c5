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

    /// The URL of a path that signs its page in when it is opened: with the one-time code, if there is a gate.
    ///
    /// The code is good for five minutes and for one page. A page that comes later asks for another one,
    /// which the gate then shows.
    pub fn sign_in_url(&self, path: &str) -> String {
        let url = self.url_of(path);
        match self.devtools.auth_code() {
            Some(code) => url + &fragment(&code),
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
        told_to_end().await;
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

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};

    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(error) => {
                tracing::warn!(%error, "SIGTERM ends the process at once");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = interrupted() => {}
        () = terminated => {}
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    interrupted().await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "an interrupt ends the process at once");
        std::future::pending::<()>().await;
    }
}
