//! A server of its own: it listens, and ends when told to.

use std::fmt;
use std::net::SocketAddr;

use crate::devtools::DevTools;
use crate::host::fragment;
use crate::server::Listening;

/// A server that takes connections. Dropping it ends it and its sessions at once; [`shutdown`](Self::shutdown) is the
/// polite way.
///
/// ```
/// use devtools_runtime::DevTools;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let server = devtools.bind("127.0.0.1:0").await?;
/// assert_ne!(server.local_addr().port(), 0);
/// assert!(server.url_of("/__my-plugin/").ends_with("/__my-plugin/"));
/// println!("open {}", server.sign_in_url("/__my-plugin/")); // with a code in it
///
/// server.shutdown().await; // a program calls `server.run().await`, until SIGINT or SIGTERM
/// # Ok(())
/// # }
/// ```
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
        self.listening.addresses().bound()
    }

    /// The URL of the functions' mount: what a client connects to.
    pub fn url(&self) -> String {
        self.url_of(&self.devtools.0.settings.base)
    }

    /// The URL of a path on this server, such as the base of a view. A server that listens at all addresses of the machine is at
    /// `localhost`; [`urls_of`](Self::urls_of) has the others.
    pub fn url_of(&self, path: &str) -> String {
        let origin = self.listening.addresses().origins().next();
        // There is always one.
        format!("{}{path}", origin.unwrap_or_default())
    }

    /// The URLs of a path on this server: of a server that listens at all addresses of the machine (`0.0.0.0`, `::`), one for
    /// `localhost`, one for each address of the machine, and one for its name, if it can be looked up. The first is
    /// [`url_of`](Self::url_of).
    pub fn urls_of(&self, path: &str) -> Vec<String> {
        let origins = self.listening.addresses().origins();
        origins.map(|origin| origin + path).collect()
    }

    /// The URL of a path that signs its page in when it is opened: with what stands for the one-time code there, if
    /// there is a gate.
    ///
    /// It is good for five minutes and for one page. A page that comes later asks for a code, which the gate then shows. Every
    /// view uses it, and so does the page of the mount, at [`url`](Self::url).
    pub fn sign_in_url(&self, path: &str) -> String {
        self.url_of(path) + &self.fragment()
    }

    /// The URLs of a path that sign its page in when they are opened: [`urls_of`](Self::urls_of) as
    /// [`sign_in_url`](Self::sign_in_url) has them.
    pub fn sign_in_urls(&self, path: &str) -> Vec<String> {
        let fragment = self.fragment();
        let urls = self.urls_of(path).into_iter();
        urls.map(|url| url + &fragment).collect()
    }

    /// The fragment that signs a page in; empty where nobody is kept out.
    fn fragment(&self) -> String {
        let link = self.devtools.sign_in_link();
        link.map_or_else(String::new, |link| fragment(&link))
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
