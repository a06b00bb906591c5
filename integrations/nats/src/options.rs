//! The options of a connection to NATS.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use devtools_runtime::backplane::BackplaneError;

use crate::backplane::Nats;

/// The options of a connection to NATS, from [`Nats::options`].
///
/// ```no_run
/// use std::time::Duration;
///
/// use devtools_nats::Nats;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let nats = Nats::options("tls://nats-1.internal,tls://nats-2.internal")
///     .namespace("lens-production")
///     .credentials("/run/secrets/nats.creds")
///     .replicas(3)
///     .event_age(Duration::from_secs(600))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are used to connect"]
pub struct NatsOptions {
    pub(crate) address: String,
    pub(crate) namespace: String,
    pub(crate) login: Login,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) require_tls: bool,
    pub(crate) connect_timeout: Duration,
    pub(crate) replicas: usize,
    pub(crate) queued_bytes: usize,
    pub(crate) append_timeout: Duration,
    pub(crate) event_age: Duration,
    pub(crate) event_bytes: u64,
    pub(crate) store_bytes: u64,
    pub(crate) removal_age: Duration,
    pub(crate) process_age: Duration,
    pub(crate) requests: usize,
}

/// The identification of this program to the server.
#[derive(Clone)]
pub(crate) enum Login {
    None,
    Token(String),
    Password { user: String, password: String },
}

impl NatsOptions {
    pub(crate) fn new(address: String) -> Self {
        Self {
            address,
            namespace: "devtools".to_owned(),
            login: Login::None,
            credentials: None,
            roots: Vec::new(),
            certificate: None,
            require_tls: false,
            connect_timeout: Duration::from_secs(5),
            replicas: 1,
            queued_bytes: 64 * 1024 * 1024,
            append_timeout: Duration::from_secs(30),
            event_age: Duration::from_secs(300),
            event_bytes: 256 * 1024 * 1024,
            store_bytes: 256 * 1024 * 1024,
            removal_age: Duration::from_secs(600),
            process_age: Duration::from_secs(9),
            requests: 1024,
        }
    }

    /// Sets the namespace, which begins all names in NATS. Processes with the same namespace belong together. Letters, digits, `-` and
    /// `_` are allowed. Default: `devtools`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Signs in with a token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.login = Login::Token(token.into());
        self
    }

    /// Signs in with a user name and a password.
    pub fn user(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Login::Password {
            user: user.into(),
            password: password.into(),
        };
        self
    }

    /// Signs in with a file of credentials, as `nsc` makes them.
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// Trusts the root certificates of a PEM file, besides those of the system.
    pub fn root_certificates(mut self, file: impl Into<PathBuf>) -> Self {
        self.roots.push(file.into());
        self
    }

    /// Sends a client certificate. Both files are PEM.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Refuses connections that are not encrypted. Addresses that begin with `tls://` do so too.
    pub fn require_tls(mut self) -> Self {
        self.require_tls = true;
        self
    }

    /// Sets how long one attempt to connect may take. Default: 5 seconds. [`connect`](Self::connect) then fails; after a loss of the
    /// connection the next attempt follows.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the number of servers of a NATS cluster that store each entry. Default: 1. It is used when the streams are created.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Sets how many bytes may wait to be sent to a log. Default: 64 MiB. A broadcast that exceeds the limit reaches
    /// the clients of its own process only, and its future resolves to an error.
    pub fn queued_bytes(mut self, bytes: usize) -> Self {
        self.queued_bytes = bytes;
        self
    }

    /// Sets how long an entry may wait until NATS has stored it, for instance while the server restarts. Default: 30
    /// seconds. A broadcast that waits longer resolves to an error. At most 60 seconds are used, because NATS
    /// recognizes repetitions for two minutes.
    pub fn append_timeout(mut self, timeout: Duration) -> Self {
        self.append_timeout = timeout.min(Duration::from_secs(60));
        self
    }

    /// Sets how long events are kept for processes that are cut off. Default: 5 minutes; at least 2 minutes are used. A process that is cut off
    /// for longer misses events, and logs how many. It is used when the stream is created.
    pub fn event_age(mut self, age: Duration) -> Self {
        self.event_age = age.max(Duration::from_secs(120));
        self
    }

    /// Sets how many bytes of events are kept. Default: 256 MiB. Beyond it the oldest ones are deleted. It is used when the stream is
    /// created.
    pub fn event_bytes(mut self, bytes: u64) -> Self {
        self.event_bytes = bytes;
        self
    }

    /// Sets how many bytes the values of a store may have together, such as all shared states. Default: 256 MiB. A value beyond it is refused with
    /// [`BackplaneError::StoreFull`]. It is used when the store is created.
    pub fn store_bytes(mut self, bytes: u64) -> Self {
        self.store_bytes = bytes;
        self
    }

    /// Sets how long NATS stores the mark of a removed key, for example of a deleted shared state. Default: 10
    /// minutes. A process that is cut off for longer does not learn of the removal, and has the old value until it
    /// changes it.
    pub fn removal_age(mut self, age: Duration) -> Self {
        self.removal_age = age;
        self
    }

    /// Sets how long a process is listed after its last announcement. Default: 9 seconds. It announces itself three
    /// times in that time. The setting is used when the stream of the processes is created.
    pub fn process_age(mut self, age: Duration) -> Self {
        self.process_age = age;
        self
    }

    /// Sets how many calls that other processes broadcast wait for the clients of this one at the same time. Default:
    /// 1024. Further calls wait, and if their own timeout ends first, their replies are missing.
    pub fn requests(mut self, requests: usize) -> Self {
        self.requests = requests.max(1);
        self
    }

    /// Connects, and creates the streams that do not exist.
    ///
    /// # Errors
    ///
    /// If no server can be reached, if it refuses this program, if it has no JetStream, or if the namespace is not valid.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the connection.
    pub async fn connect(self) -> Result<Nats, BackplaneError> {
        Nats::with(self).await
    }
}

impl fmt::Debug for NatsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Secrets and the address, which may contain one, are left out.
        f.debug_struct("NatsOptions")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
