//! Opening a static dump.

use std::path::Path;

use url::Url;

use crate::client::connect::discover;
use crate::client::{ConnectError, DevToolsRpcClient, DevToolsRpcClientBuilder};
use crate::function::BoxError;
use crate::peer::Limits;

impl DevToolsRpcClient {
    /// Opens a static dump, as if it were a server: a folder that a build wrote, or the address of one on a server of
    /// files.
    ///
    /// ```no_run
    /// use devtools_runtime::{DevToolsRpcClient, rpc_function};
    ///
    /// /// How large a module is.
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
    /// A call is answered with the record of its arguments, or else with the fallback of its function
    /// ([protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)). Events do nothing.
    ///
    /// - **Arguments** are compared by their hash, exactly as they are passed. Where those at the end are absent, up to
    ///   eight of them, a record with `undefined`, `null` or nothing in their place is found as well.
    /// - **Not recorded**: the call fails with a [`RemoteError`] whose code is `dump-not-recorded`. Its message names the
    ///   function, the arguments, and the nearest of the first sixteen records: the index has hashes alone, so these files
    ///   are read for it. A function that the dump does not have is [`CallError::UnknownFunction`], and `None` to an
    ///   optional call.
    /// - **Recorded errors** come back as what they were: typed, or with name, cause, code and data.
    /// - **`undefined`** is `()` or `None`, also where JavaScript's client reads the `{}` that a static function wrote for it.
    /// - **Files**: the index is read at once, and takes about 50 bytes of memory for each record. The others are read when
    ///   a call asks for them, and kept: how many says [`Limits::shard_bytes`], and how large any file may be
    ///   [`Limits::frame_bytes`]. One that is missing or damaged fails the calls that need it, with its name and the code
    ///   `dump-unreadable`. Over HTTP, which has to be without encryption, each file has to come within
    ///   [`Limits::handshake`].
    ///
    /// [`DevToolsRpcClientBuilder::open_static`] takes limits, and
    /// [`DevToolsRpcClient::connect`] opens a dump too, where a server may be in its place.
    ///
    /// [`CallError::UnknownFunction`]: crate::CallError::UnknownFunction
    /// [`RemoteError`]: crate::RemoteError
    ///
    /// # Errors
    ///
    /// If there is no dump, or its index cannot be read.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn open_static(location: impl AsRef<Path>) -> Result<Self, ConnectError> {
        open(location.as_ref(), &Limits::default()).await
    }
}

impl DevToolsRpcClientBuilder {
    /// Opens the static dump in the folder or at the address that the builder was made with, as
    /// [`DevToolsRpcClient::open_static`] does. Of the options the limits count.
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
        open(Path::new(&self.options.url), &self.options.limits).await
    }
}

async fn open(location: &Path, limits: &Limits) -> Result<DevToolsRpcClient, ConnectError> {
    let url = url_of(location).map_err(|source| ConnectError::Address {
        address: location.display().to_string(),
        source,
    })?;
    let endpoints = discover(url.as_str(), limits).await?;
    let transport = endpoints.dump(limits).await?;
    Ok(DevToolsRpcClient::over_dump(transport, limits))
}

/// The URL of a dump: its own, or that of its folder.
fn url_of(location: &Path) -> Result<Url, BoxError> {
    const SCHEMES: [&str; 3] = ["http://", "https://", "file://"];
    match location.to_str() {
        Some(url) if SCHEMES.iter().any(|scheme| url.starts_with(scheme)) => Ok(Url::parse(url)?),
        _ => Url::from_file_path(std::path::absolute(location)?)
            .map_err(|()| "the path has no URL".into()),
    }
}
