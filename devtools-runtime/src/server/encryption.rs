//! The byte streams of accepted connections, encrypted or not.

use std::io;

use tokio::net::TcpStream;

#[cfg(feature = "tls")]
use crate::server::tls::TlsIdentity;

/// The stream of an accepted connection.
#[cfg(feature = "tls")]
pub(crate) type ServerStream =
    tokio_util::either::Either<TcpStream, Box<tokio_rustls::server::TlsStream<TcpStream>>>;

/// The stream of an accepted connection.
#[cfg(not(feature = "tls"))]
pub(crate) type ServerStream = TcpStream;

/// Whether the connections of a server are encrypted, and with which certificate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Encryption {
    #[cfg(feature = "tls")]
    identity: Option<TlsIdentity>,
}

impl Encryption {
    /// Encrypts all connections with a certificate.
    #[cfg(feature = "tls")]
    pub(crate) fn with(identity: TlsIdentity) -> Self {
        Self {
            identity: Some(identity),
        }
    }

    /// Returns the scheme of the server's addresses.
    #[cfg_attr(
        not(feature = "tls"),
        expect(
            clippy::unused_self,
            reason = "with the feature `tls`, this asks for the certificate"
        )
    )]
    pub(crate) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.identity.is_some() {
            return "https";
        }
        "http"
    }

    /// Encrypts an accepted connection, if this server encrypts.
    #[cfg(feature = "tls")]
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<ServerStream> {
        match &self.identity {
            None => Ok(ServerStream::Left(stream)),
            Some(identity) => Ok(ServerStream::Right(Box::new(
                identity.accept(stream).await?,
            ))),
        }
    }

    /// Returns an accepted connection as it is.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_async, reason = "with the feature `tls`, this encrypts")]
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<ServerStream> {
        Ok(stream)
    }
}
