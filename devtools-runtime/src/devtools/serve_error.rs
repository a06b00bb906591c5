//! Why a server could not be started.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::devtools::BuildError;
use crate::server::ListenError;

/// Why a server could not be started.
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
    /// What was to be served could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address could not be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Others than this machine could reach the address, and nothing would keep them out.
    #[error(
        "{0} can be reached from other machines, and `Auth::None` trusts them all: bind 127.0.0.1, leave the gate on, or \
         insist with `.expose_without_auth()`"
    )]
    NotLoopback(SocketAddr),
}

/// An address that could not be bound, and why.
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
#[derive(Debug)]
pub struct BindError {
    address: Option<SocketAddr>,
    error: io::Error,
}

impl BindError {
    /// The address, or the last one that was tried of a name with several. `None` if the name has no address.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The kind of the error that the operating system gave.
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

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
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
