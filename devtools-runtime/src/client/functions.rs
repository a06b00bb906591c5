//! Connecting with a list of functions.

use crate::client::{ConnectError, DevToolsRpcClient};
use crate::function::FunctionList;

/// `DevToolsRpcClient::<MyPluginFunctions>::connect(url)`: connecting with a list of functions.
///
/// It is a trait so that `DevToolsRpcClient::connect(url)` says no list where none is wanted. Whoever imports
/// [`call!`](macro@crate::call) has imported it: this is exported under that name too. Elsewhere `use
/// devtools_runtime::client::ConnectWithFunctions as _;` does.
pub trait ConnectWithFunctions: Sized {
    /// Connects as [`DevToolsRpcClient::connect`] does, to a server that has the functions of the list. For options,
    /// such as a token: `builder(url)…connect().await?.with_functions::<MyPluginFunctions>()`.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is no server of this protocol, or does not trust this client.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the connection it has made so far.
    fn connect(url: &str) -> impl Future<Output = Result<Self, ConnectError>> + Send;
}

#[diagnostic::do_not_recommend]
impl<L: FunctionList> ConnectWithFunctions for DevToolsRpcClient<L> {
    async fn connect(url: &str) -> Result<Self, ConnectError> {
        let client = DevToolsRpcClient::builder(url).connect().await?;
        Ok(client.with_functions())
    }
}
