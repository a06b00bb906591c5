//! Opens static dumps.

use std::path::Path;

use url::Url;

use crate::client::builder::DevToolsRpcClientBuilder;
use crate::client::connect::discover;
use crate::client::error::ConnectError;
use crate::client::handle::DevToolsRpcClient;
use crate::client::options::ClientOptions;
use crate::function::BoxError;

impl DevToolsRpcClient {
    /// Opens a static dump, which is then used like a server. `location` is the folder that a build wrote, or its URL on a file
    /// server.
    ///
    /// ```no_run
    /// use devtools_runtime::{DevToolsRpcClient, rpc_function};
    ///
    /// /// Returns the size of a module.
    /// #[rpc_function(name = "my-plugin:get-module-size")]
    /// async fn get_module_size(id: String, minified: Option<bool>) -> Option<u64>;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let rpc = DevToolsRpcClient::open_static("dist").await?;
    /// let size = GetModuleSize::call(&rpc, "/src/main.ts", None).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A call returns the recorded result for its arguments, or else the fallback of its function
    /// ([protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)). Events do nothing.
    ///
    /// - **Arguments** are compared by their hash. If up to eight arguments at the end are absent, a record with `undefined`,
    ///   `null` or nothing in their place is found too.
    /// - **A call that is not recorded** fails with a [`RemoteError`] whose code is `dump-not-recorded`. Its message names the
    ///   function, the arguments, and the nearest of the first sixteen records, which are read for the message. If the dump does
    ///   not have the function, the call fails with [`CallError::UnknownFunction`], and an optional call returns `None`.
    /// - **Recorded errors** are returned as the server would return them: typed, or with name, cause, code and data.
    /// - **`undefined`** is `()` or `None`, even for a static function, for which the dump contains `{}`.
    /// - **Files**: the index is read at once and takes about 50 bytes of memory for each record. The other files are read when
    ///   a call needs them, and cached up to [`Limits::shard_bytes`]. No file may be larger than [`Limits::frame_bytes`]. If a
    ///   file is missing or damaged, the calls that need it fail with its name and the code `dump-unreadable`. From a
    ///   file server, each file must arrive within [`Limits::handshake`].
    ///
    /// [`DevToolsRpcClientBuilder::open_static`] accepts limits.
    /// [`DevToolsRpcClient::connect`] opens either a server or a dump.
    ///
    /// [`CallError::UnknownFunction`]: crate::CallError::UnknownFunction
    /// [`RemoteError`]: crate::RemoteError
    /// [`Limits::shard_bytes`]: crate::Limits::shard_bytes
    /// [`Limits::frame_bytes`]: crate::Limits::frame_bytes
    /// [`Limits::handshake`]: crate::Limits::handshake
    ///
    /// # Errors
    ///
    /// If there is no dump, or its index cannot be read.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn open_static(location: impl AsRef<Path>) -> Result<Self, ConnectError> {
        let location = location.as_ref();
        let url = url_of(location).map_err(unusable(location))?;
        open(&ClientOptions::new(url.as_str())).await
    }
}

impl DevToolsRpcClientBuilder {
    /// Opens the static dump in the folder or at the URL of the builder, as [`DevToolsRpcClient::open_static`] does. It uses the
    /// limits, headers and certificates, and ignores the other options.
    ///
    /// ```no_run
    /// use devtools_runtime::{DevToolsRpcClient, Limits};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let limits = Limits::new().shard_bytes(1024 * 1024);
    /// let rpc = DevToolsRpcClient::builder("dist").limits(limits).open_static().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no dump, or its index cannot be read.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn open_static(self) -> Result<DevToolsRpcClient, ConnectError> {
        let mut options = self.options;
        let location = Path::new(&options.url);
        options.url = url_of(location).map_err(unusable(location))?.into();
        open(&options).await
    }
}

/// Makes the error for a location that has no URL.
fn unusable(location: &Path) -> impl FnOnce(BoxError) -> ConnectError {
    |source| ConnectError::Address {
        address: location.display().to_string(),
        source,
    }
}

async fn open(options: &ClientOptions) -> Result<DevToolsRpcClient, ConnectError> {
    let endpoints = discover(options, &options.dialer()).await?;
    let transport = endpoints.dump(&options.limits).await?;
    Ok(DevToolsRpcClient::over_dump(transport, &options.limits))
}

/// Returns the URL of a dump: `location` itself if it is a URL, or the URL of the folder.
fn url_of(location: &Path) -> Result<Url, BoxError> {
    const SCHEMES: [&str; 3] = ["http://", "https://", "file://"];
    match location.to_str() {
        Some(url) if SCHEMES.iter().any(|scheme| url.starts_with(scheme)) => Ok(Url::parse(url)?),
        _ => Url::from_file_path(std::path::absolute(location)?)
            .map_err(|()| "the path has no URL".into()),
    }
}
