//! Encrypted connections, with the certificates that the client accepts.

use std::sync::Arc;

use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_util::either::Either;

use crate::blocking;
use crate::client::error::TlsError;
use crate::function::BoxError;

/// The stream of a connection, encrypted or not.
pub(crate) type ClientStream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// The certificates that a client accepts: those of the operating system, and those that the program has added. Clones
/// share what was read.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    /// The files of further root certificates, as PEM.
    roots: Arc<[Vec<u8>]>,
    /// The certificates are read when the first encrypted connection is made.
    prepared: Arc<OnceCell<Prepared>>,
}

/// A client that has read its certificates.
#[derive(Clone)]
pub(crate) struct Prepared(TlsConnector);

/// Returns a stream without encryption.
pub(crate) fn plain(stream: TcpStream) -> ClientStream {
    Either::Left(stream)
}

impl Tls {
    /// Creates a client that also accepts certificates which these roots have signed.
    pub(crate) fn new(roots: Vec<Vec<u8>>) -> Self {
        Self {
            roots: roots.into(),
            prepared: Arc::default(),
        }
    }

    /// Reads the certificates, unless they were read before.
    pub(crate) async fn prepare(&self) -> Result<&Prepared, TlsError> {
        let read = || async {
            let roots = Arc::clone(&self.roots);
            let config = blocking::store(move || config(&roots)).await;
            let config = config.map_err(|panicked| TlsError::new(panicked.into()))?;
            let connector = TlsConnector::from(Arc::new(config.map_err(TlsError::new)?));
            Ok(Prepared(connector))
        };
        self.prepared.get_or_try_init(read).await
    }
}

impl Prepared {
    /// Encrypts a connection to `host`, whose certificate is checked.
    pub(crate) async fn dial(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> Result<ClientStream, BoxError> {
        let name = ServerName::try_from(host.to_owned())?;
        let stream = self.0.connect(name, stream).await;
        let stream = stream.map_err(|error| TlsError::new(error.into()))?;
        Ok(Either::Right(Box::new(stream)))
    }
}

fn config(roots: &[Vec<u8>]) -> Result<ClientConfig, BoxError> {
    let provider = Arc::new(ring::default_provider());
    let mut own = Vec::new();
    for pem in roots {
        let before = own.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            own.push(
                certificate.map_err(|error| format!("a root certificate is no PEM: {error}"))?,
            );
        }
        if own.len() == before {
            return Err(
                "a root certificate is no PEM: it has no section `BEGIN CERTIFICATE`".into(),
            );
        }
    }
    let verifier = Verifier::new_with_extra_roots(own, Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous() // the name of the method: the verifier is that of the platform
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
