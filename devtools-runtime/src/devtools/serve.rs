//! The ways of serving a program: at an address, with or without encryption, and as a service of another application.

use std::sync::Arc;

use crate::devtools::handle::DevTools;
use crate::devtools::serve_error::ServeError;
use crate::devtools::server::Server;
use crate::server::{Encryption, Listening};

impl DevTools {
    /// Listens at `address`, such as `127.0.0.1:7812`. Port 0 chooses a free port.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or if it is not a loopback address while [`Auth::None`](crate::Auth::None) is
    /// set.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future releases the address.
    pub async fn bind(
        &self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<Server, ServeError> {
        self.listen(address, Encryption::default()).await
    }

    async fn listen(
        &self,
        address: impl tokio::net::ToSocketAddrs,
        encryption: Encryption,
    ) -> Result<Server, ServeError> {
        let listening = Listening::bind(Arc::clone(&self.0), address, encryption).await?;
        Ok(Server::new(self.clone(), listening).announced())
    }

    /// Serves at `address` until the process receives SIGINT or SIGTERM. Prints the address to open to standard error, unless the
    /// builder is [`quiet`](crate::DevToolsBuilder::quiet).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn serve(&self, address: impl tokio::net::ToSocketAddrs) -> Result<(), ServeError> {
        self.run(self.bind(address).await?).await;
        Ok(())
    }

    /// Listens at `address` as [`bind`](Self::bind) does, with encrypted connections: the URLs of the server begin with `https`.
    ///
    /// ```no_run
    /// use devtools_runtime::DevTools;
    /// use devtools_runtime::server::TlsIdentity;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let identity = TlsIdentity::from_files("cert.pem", "key.pem")?;
    /// let devtools = DevTools::builder().build().await?;
    /// let server = devtools.bind_tls("0.0.0.0:7812", identity).await?;
    /// println!("open {}", server.sign_in_url("/"));
    /// server.run().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A client that does not encrypt gets the status 400. A handshake may take as long as
    /// [`Limits::handshake`](crate::Limits::handshake).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// As [`bind`](Self::bind).
    #[cfg(feature = "tls")]
    pub async fn bind_tls(
        &self,
        address: impl tokio::net::ToSocketAddrs,
        identity: crate::server::TlsIdentity,
    ) -> Result<Server, ServeError> {
        self.listen(address, Encryption::with(identity)).await
    }

    /// Serves at `address` as [`serve`](Self::serve) does, with encrypted connections.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// As [`serve`](Self::serve).
    #[cfg(feature = "tls")]
    pub async fn serve_tls(
        &self,
        address: impl tokio::net::ToSocketAddrs,
        identity: crate::server::TlsIdentity,
    ) -> Result<(), ServeError> {
        self.run(self.bind_tls(address, identity).await?).await;
        Ok(())
    }

    async fn run(&self, server: Server) {
        if !self.0.settings.quiet {
            server.announce();
        }
        server.run().await;
    }

    /// Returns the functions and views as a service, to mount in an application.
    ///
    /// The service expects paths relative to its mount. In axum, mount it with `nest_service`.
    pub fn service(&self) -> crate::server::DevToolsService {
        crate::server::DevToolsService::mounted(Arc::clone(&self.0))
    }
}
