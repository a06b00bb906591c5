//! A server that listens until the process is asked to end.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;

use crate::devtools::end_signals::EndSignals;
use crate::devtools::handle::DevTools;
use crate::devtools::on_listen::{Announced, OnListen};
use crate::host::{DevToolsContext, fragment};
use crate::server::Listening;

/// A server that listens for connections. Dropping it closes all connections at once. Use
/// [`shutdown`](Self::shutdown) to let calls end first.
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
    /// Values of [`DevToolsContext::on_listen`](crate::DevToolsContext::on_listen).
    announced: Vec<Announced>,
}

impl Server {
    pub(super) fn new(devtools: DevTools, listening: Listening) -> Self {
        Self {
            devtools,
            listening,
            announced: Vec::new(),
        }
    }

    /// Runs the functions that the program has for servers that listen.
    pub(super) fn announced(mut self) -> Self {
        let functions: &OnListen<Self> = self.devtools.context().own_state();
        self.announced = functions.announce(&self);
        self
    }

    /// Returns the address that the server listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.listening.addresses().bound()
    }

    /// Returns the URL of the functions' mount, which clients connect to.
    pub fn url(&self) -> String {
        self.url_of(self.base())
    }

    /// Returns the path of the functions' mount.
    pub(crate) fn base(&self) -> &str {
        &self.devtools.0.settings.base
    }

    /// Returns the URL of a path on this server, such as the base of a view. If the server listens at all addresses
    /// of the machine, the host is `localhost`; [`urls_of`](Self::urls_of) returns the others.
    pub fn url_of(&self, path: &str) -> String {
        let origin = self.listening.addresses().origins().next();
        // A server has at least one origin.
        format!("{}{path}", origin.unwrap_or_default())
    }

    /// Returns the URLs of a path on this server, beginning with [`url_of`](Self::url_of). If the server listens at
    /// all addresses of the machine (`0.0.0.0`, `::`), there is one for `localhost`, one for each address, and one
    /// for the machine's name if it can be looked up.
    pub fn urls_of(&self, path: &str) -> Vec<String> {
        let origins = self.listening.addresses().origins();
        origins.map(|origin| origin + path).collect()
    }

    /// Returns the URL of a path, with a secret that signs in the page which opens it. Without a gate the URL has no
    /// secret.
    ///
    /// The secret is valid for five minutes and for one page. A later page asks for a code, which the gate then
    /// shows. Every view, and the page of the mount at [`url`](Self::url), accepts it.
    pub fn sign_in_url(&self, path: &str) -> String {
        self.url_of(path) + &self.fragment()
    }

    /// Returns the URLs of a path like [`urls_of`](Self::urls_of), with the secret of
    /// [`sign_in_url`](Self::sign_in_url).
    pub fn sign_in_urls(&self, path: &str) -> Vec<String> {
        let fragment = self.fragment();
        let urls = self.urls_of(path).into_iter();
        urls.map(|url| url + &fragment).collect()
    }

    /// Returns the fragment that signs in a page. Empty if there is no gate.
    fn fragment(&self) -> String {
        let link = self.devtools.sign_in_link();
        link.map_or_else(String::new, |link| fragment(&link))
    }

    /// Prints the address to open to standard error, for people, and the other addresses of this machine.
    pub(crate) fn announce(&self) {
        let mut lines = String::new();
        // Writing to a string does not fail, and a closed standard error is not an error of this program.
        if let Some((name, path)) = self.page_to_open() {
            let _ = writeln!(lines, "{name}: {}", self.sign_in_url(&path));
        } else {
            let _ = writeln!(lines, "functions: {}", self.url());
        }
        for url in self.sign_in_urls("/").iter().skip(1) {
            let _ = writeln!(lines, "also at: {url}");
        }
        let _ = io::stderr().write_all(lines.as_bytes());
    }

    /// Returns the page that a person opens, with its kind: the panel, or the page that leads to several panels and to the
    /// inspector.
    fn page_to_open(&self) -> Option<(&'static str, String)> {
        let context = self.devtools.context();
        match &context.views().bases()[..] {
            [view] => Some(("panel", view.clone())),
            [] => inspector_of(context).map(|page| ("inspector", format!("{}{page}", self.base()))),
            // One address is enough: the page of the mount leads to all panels, and to the inspector.
            _ => Some(("panels", self.base().to_owned())),
        }
    }

    /// Returns the program that is served.
    pub fn devtools(&self) -> &DevTools {
        &self.devtools
    }

    /// Serves until the process receives SIGINT or SIGTERM, then shuts down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn run(self) {
        self.run_until(EndSignals::listen()).await;
    }

    /// Serves as [`run`](Self::run) does, with signals that were registered before.
    pub(crate) async fn run_until(self, end: EndSignals) {
        end.received().await;
        self.shutdown().await;
    }

    /// Stops listening, closes all connections, and waits until their calls have ended, at most for
    /// [`Limits::grace`](crate::Limits::grace).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn shutdown(self) {
        drop(self.announced);
        self.listening.stop();
        self.devtools.shutdown().await;
    }
}

/// Returns the folder of the inspector below the mount, if the program shows one.
fn inspector_of(context: &DevToolsContext) -> Option<&'static str> {
    #[cfg(feature = "inspector")]
    if crate::inspector::is_shown(context) {
        return Some(crate::inspector::FOLDER);
    }
    let _ = context;
    None
}

impl DevToolsContext {
    /// Calls `announce` with each server of this context that begins to listen. The value that it returns is dropped when the
    /// server ends.
    ///
    /// ```
    /// use devtools_runtime::{DevTools, Server};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().without_collected().build().await?;
    /// let context = devtools.context();
    /// context.on_listen(|server: &Server| println!("listens at {}", server.url()));
    /// devtools.bind("127.0.0.1:0").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_listen<T: Send + Sync + 'static>(
        &self,
        announce: impl Fn(&Server) -> T + Send + Sync + 'static,
    ) {
        let functions: &OnListen<Server> = self.own_state();
        functions.add(announce);
    }
}

crate::debug_impl! { Server as it { address: it.local_addr(), .. } }

#[cfg(test)]
#[cfg(feature = "inspector")]
mod tests {
    use crate::{DevTools, EmbeddedFile};

    const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"<!doctype html>")];

    async fn page_to_open(views: &[&str], inspector: bool) -> Option<(&'static str, String)> {
        let builder = DevTools::builder().without_collected();
        let devtools = builder.inspector(inspector).build().await.unwrap();
        for view in views {
            devtools.context().views().host_static(view, PANEL).unwrap();
        }
        let server = devtools.bind("127.0.0.1:0").await.unwrap();
        server.page_to_open()
    }

    #[tokio::test]
    async fn one_address_is_printed_that_of_the_panel_if_there_is_one() {
        let page = |kind, path: &str| Some((kind, path.to_owned()));
        for inspector in [true, false] {
            let one = page_to_open(&["/__a/"], inspector).await;
            assert_eq!(one, page("panel", "/__a/"));
            let several = page_to_open(&["/__a/", "/__b/"], inspector).await;
            assert_eq!(several, page("panels", "/__devtools/"));
        }
        let without = page_to_open(&[], true).await;
        assert_eq!(without, page("inspector", "/__devtools/__inspector/"));
        assert_eq!(page_to_open(&[], false).await, None);
    }
}
