//! The error of starting a server.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::devtools::error::BuildError;
use crate::server::ListenError;

/// The error of starting a server.
///
/// ```
/// use devtools_runtime::{Auth, DevTools, ServeError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().auth(Auth::None).build().await?;
/// match devtools.bind("0.0.0.0:0").await {
///     Err(ServeError::NotLoopback(address)) => println!("{address} can be reached from elsewhere"),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The program could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address could not be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Other machines can reach the address, but authentication is off.
    #[error(
        "{0} can be reached from other machines, and `Auth::None` trusts them all: bind 127.0.0.1, leave the gate on, or \
         insist with `.expose_without_auth()`"
    )]
    NotLoopback(SocketAddr),
}

/// The error of binding an address.
///
/// ```
/// use devtools_runtime::{Auth, DevTools, ServeError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = DevTools::builder().auth(Auth::None).bind("127.0.0.1:0").await?;
/// let taken = server.local_addr();
/// let error = DevTools::builder().auth(Auth::None).bind(taken).await.unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     format!("could not bind {taken}: the port is in use; choose another one, or 0 for a free one")
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
pub struct BindError {
    address: Option<SocketAddr>,
    #[source]
    error: io::Error,
}

impl BindError {
    /// Returns the address. For a name with several addresses it is the last one tried; for a name without any it is
    /// `None`.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Returns the kind of the operating system's error.
    pub fn kind(&self) -> io::ErrorKind {
        self.error.kind()
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(address) = self.address else {
            return f.write_str("could not find the address to bind");
        };
        match self.kind() {
            io::ErrorKind::AddrInUse => write!(
                f,
                "could not bind {address}: the port is in use; choose another one, or 0 for a free one"
            ),
            io::ErrorKind::AddrNotAvailable => write!(
                f,
                "could not bind {address}: this machine does not have the address; 0.0.0.0 stands for all it has"
            ),
            io::ErrorKind::PermissionDenied => write!(
                f,
                "could not bind {address}: the port may not be used; choose one above 1023, or 0 for a free one"
            ),
            _ => write!(f, "could not bind {address}"),
        }
    }
}

impl From<ListenError> for ServeError {
    fn from(error: ListenError) -> Self {
        let (address, error) = match error {
            ListenError::NotLoopback(address) => return Self::NotLoopback(address),
            ListenError::Bind(address, error) => (Some(address), error),
            ListenError::Unknown(error) | ListenError::Unusable(error) => (None, error),
        };
        Self::Bind(BindError { address, error })
    }
}
