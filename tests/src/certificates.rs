//! Certificates of an authority that nobody else knows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tempfile::TempDir;

/// The number of authorities in this process.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// An authority that signs certificates, with its root certificate in a file.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its private key, as PEM.
#[derive(Debug)]
pub struct Certificate {
    /// The certificate.
    pub chain: String,
    /// Its private key.
    pub key: String,
}

impl Authority {
    /// Creates an authority with a root certificate of its own.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    #[expect(clippy::new_without_default, reason = "each one is another one")]
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        // Authorities of one name would be taken for each other.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("authority {number} of process {}", std::process::id());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("root.pem"), issuer.pem()).expect("a file");
        Self { folder, issuer }
    }

    /// Signs a certificate for these names and addresses.
    ///
    /// # Panics
    ///
    /// If one of them is neither.
    pub fn sign(&self, names: &[&str]) -> Certificate {
        self.sign_with(names, |_| {})
    }

    /// [`sign`](Self::sign), for a time that is over.
    ///
    /// # Panics
    ///
    /// If one of them is neither.
    pub fn sign_expired(&self, names: &[&str]) -> Certificate {
        self.sign_with(names, |params| params.not_after = date_time_ymd(2001, 1, 1))
    }

    fn sign_with(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Certificate {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(names).expect("names");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer);
        Certificate {
            chain: certificate.expect("a certificate").pem(),
            key: key.serialize_pem(),
        }
    }

    /// Returns the root certificate, as PEM.
    pub fn root(&self) -> Vec<u8> {
        self.issuer.pem().into_bytes()
    }

    /// Returns the path of the file with the root certificate.
    pub fn root_file(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }
}

impl Certificate {
    /// Writes `cert.pem` and `key.pem` into a folder.
    ///
    /// # Panics
    ///
    /// If they cannot be written.
    pub fn write(&self, folder: &Path) {
        std::fs::write(folder.join("cert.pem"), &self.chain).expect("a file");
        std::fs::write(folder.join("key.pem"), &self.key).expect("a file");
    }
}
