//! The types of encrypted connections in a build without the feature `tls`, which cannot encrypt.

use tokio::net::TcpStream;

use crate::client::error::TlsError;
use crate::function::BoxError;

/// The stream of a connection.
pub(crate) type ClientStream = TcpStream;

/// A client that cannot encrypt its connections.
#[derive(Clone, Default)]
pub(crate) struct Tls;

/// The type of a client that can encrypt. Without the feature `tls` it has no value.
pub(crate) enum Prepared {}

/// Returns a stream without encryption.
pub(crate) fn plain(stream: TcpStream) -> ClientStream {
    stream
}

impl Tls {
    #[expect(
        clippy::unused_async,
        reason = "with the feature `tls`, files are read"
    )]
    pub(crate) async fn prepare(&self) -> Result<Prepared, TlsError> {
        let missing = "this program was built without encryption: turn on the feature `tls` of devtools-runtime";
        Err(TlsError::new(missing.into()))
    }
}

impl Prepared {
    #[expect(clippy::unused_async, reason = "with the feature `tls`, this encrypts")]
    pub(crate) async fn dial(self, _: TcpStream, _: &str) -> Result<ClientStream, BoxError> {
        match self {}
    }
}
