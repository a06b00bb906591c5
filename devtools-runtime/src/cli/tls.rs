//! The certificates that the command line names.

use std::path::PathBuf;

use clap::Args;

use crate::client::DevToolsRpcClientBuilder;
use crate::function::BoxError;
use crate::{DevTools, ServeError, Server};

/// The certificate of a server.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct CertificateFiles {
    /// Encrypts connections with the certificate in this file, as PEM, followed by those of the authorities between it and the root
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

/// The certificates that a client accepts in addition to those of the operating system.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct Roots {
    /// A file with further root certificates to accept, as PEM
    #[arg(long, value_name = "FILE", requires = "url")]
    cacert: Vec<PathBuf>,
}

/// The error of a build that cannot encrypt.
#[cfg(not(feature = "tls"))]
const NO_TLS: &str =
    "this program was built without encryption: turn on the feature `tls` of devtools-runtime";

impl CertificateFiles {
    /// Reads the certificate, so that an unusable one is reported before the program is built.
    #[cfg(feature = "tls")]
    pub(super) fn read(self) -> Result<PreparedCertificate, BoxError> {
        use crate::server::TlsIdentity;

        match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Ok(PreparedCertificate(Some(
                TlsIdentity::from_files(certificate, key)?,
            ))),
            _ => Ok(PreparedCertificate(None)),
        }
    }

    #[cfg(not(feature = "tls"))]
    pub(super) fn read(self) -> Result<PreparedCertificate, BoxError> {
        match (self.tls_cert, self.tls_key) {
            (None, None) => Ok(PreparedCertificate),
            _ => Err(NO_TLS.into()),
        }
    }
}

/// A certificate that was read, if the command line names one.
#[cfg(feature = "tls")]
pub(super) struct PreparedCertificate(Option<crate::server::TlsIdentity>);

/// Stands in for the certificate in a build without encryption.
#[cfg(not(feature = "tls"))]
pub(super) struct PreparedCertificate;

impl PreparedCertificate {
    /// Binds the address, with encryption if there is a certificate.
    pub(super) async fn bind(
        self,
        devtools: &DevTools,
        address: (&str, u16),
    ) -> Result<Server, ServeError> {
        #[cfg(feature = "tls")]
        if let Some(identity) = self.0 {
            return devtools.bind_tls(address, identity).await;
        }
        devtools.bind(address).await
    }
}

impl Roots {
    #[cfg(feature = "tls")]
    pub(super) fn add_to(
        &self,
        mut client: DevToolsRpcClientBuilder,
    ) -> Result<DevToolsRpcClientBuilder, BoxError> {
        for path in &self.cacert {
            let pem = std::fs::read(path)
                .map_err(|error| format!("could not read {}: {error}", path.display()))?;
            client = client.root_certificates(pem);
        }
        Ok(client)
    }

    #[cfg(not(feature = "tls"))]
    pub(super) fn add_to(
        &self,
        client: DevToolsRpcClientBuilder,
    ) -> Result<DevToolsRpcClientBuilder, BoxError> {
        if self.cacert.is_empty() {
            Ok(client)
        } else {
            Err(NO_TLS.into())
        }
    }
}
