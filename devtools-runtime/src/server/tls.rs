//! The certificate of a server, and the handshake of its connections.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// The first byte of a TLS handshake. No HTTP request begins with it.
const HANDSHAKE: u8 = 22;

/// The number of bytes that are read of a request without encryption.
const LARGEST_REQUEST: u64 = 64 * 1024;

/// The text of the answer to a request without encryption.
const NOT_ENCRYPTED: &str = "this server encrypts its connections: use an address with `https`\n";

/// A certificate and its private key, with which a server encrypts its connections. Clones share it.
///
/// ```
/// use devtools_runtime::server::{TlsIdentity, TlsIdentityError};
///
/// let error = TlsIdentity::from_pem(b"no certificate", b"no key").unwrap_err();
/// assert_eq!(error.to_string(), "the certificate has no section `BEGIN CERTIFICATE`");
/// ```
#[derive(Clone)]
pub struct TlsIdentity(TlsAcceptor);

/// The error of a certificate or key that a server cannot use.
///
/// ```
/// use devtools_runtime::server::{TlsIdentity, TlsIdentityError};
///
/// match TlsIdentity::from_pem(b"", b"") {
///     Ok(_) => println!("ready"),
///     Err(TlsIdentityError::NoCertificate) => println!("name a file with the certificate"),
///     Err(error) => println!("{error}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsIdentityError {
    /// A file could not be read.
    #[error("could not read {path}")]
    File {
        /// The path of the file.
        path: String,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// There is no certificate.
    #[error("the certificate has no section `BEGIN CERTIFICATE`")]
    NoCertificate,
    /// There is no private key.
    #[error(
        "the key has no section `BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE KEY`"
    )]
    NoKey,
    /// The private key is encrypted with a passphrase.
    #[error(
        "the key is encrypted with a passphrase: write it without one, with `openssl pkey -in KEY -out NEW_KEY`"
    )]
    EncryptedKey,
    /// The text is not valid PEM.
    #[error("the certificate or its key is not valid PEM: {0}")]
    Pem(String),
    /// The certificate and the key do not belong together, or are not supported.
    #[error("the certificate cannot be used with this key")]
    Unusable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl TlsIdentity {
    /// Reads a certificate and its private key from PEM. Certificates of the authorities between it and the root follow the
    /// certificate, as in the file `fullchain.pem` of an ACME client.
    ///
    /// # Errors
    ///
    /// If the texts are not a certificate and its key.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsIdentityError> {
        let chain = CertificateDer::pem_slice_iter(certificates).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| TlsIdentityError::Pem(error.to_string()))?;
        if chain.is_empty() {
            return Err(TlsIdentityError::NoCertificate);
        }
        let key = match PrivateKeyDer::from_pem_slice(key) {
            Ok(key) => key,
            Err(_) if is_encrypted(key) => return Err(TlsIdentityError::EncryptedKey),
            Err(pem::Error::NoItemsFound) => return Err(TlsIdentityError::NoKey),
            Err(error) => return Err(TlsIdentityError::Pem(error.to_string())),
        };
        let config = config(chain, key);
        let config = config.map_err(|error| TlsIdentityError::Unusable(error.into()))?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Reads a certificate and its private key from two files, as [`from_pem`](Self::from_pem) does. The files are read once: after
    /// the certificate was renewed, the program has to be started again.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or the files are not a certificate and its key.
    pub fn from_files(
        certificates: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsIdentityError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| TlsIdentityError::File {
                path: path.display().to_string(),
                source,
            })
        };
        Self::from_pem(&read(certificates.as_ref())?, &read(key.as_ref())?)
    }

    /// Makes the handshake of an accepted connection. A client that does not encrypt gets an answer that says so.
    pub(crate) async fn accept(&self, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first != [HANDSHAKE] {
            let answer = format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{NOT_ENCRYPTED}",
                NOT_ENCRYPTED.len()
            );
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
            // A connection that is closed with unread bytes is reset, and its answer may be lost.
            tokio::io::copy(&mut stream.take(LARGEST_REQUEST), &mut tokio::io::sink()).await?;
            return Err(io::Error::other("the client does not encrypt"));
        }
        self.0.accept(stream).await
    }
}

/// Returns whether a PEM has a key that is encrypted, in PKCS #8 or in the older form of OpenSSL.
fn is_encrypted(key: &[u8]) -> bool {
    let marks = [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "Proc-Type: 4,ENCRYPTED",
    ];
    let text = String::from_utf8_lossy(key);
    marks.iter().any(|mark| text.contains(mark))
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // A WebSocket needs HTTP/1.1.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

crate::debug_impl! { TlsIdentity { .. } }
