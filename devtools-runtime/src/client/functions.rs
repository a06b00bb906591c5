//! The trait to connect with a list of functions.

use crate::client::error::ConnectError;
use crate::client::handle::DevToolsRpcClient;
use crate::function::FunctionList;

/// The trait behind `DevToolsRpcClient::<MyPluginFunctions>::connect(url)`, which connects with a list of functions.
///
/// It is a trait so that `DevToolsRpcClient::connect(url)` needs no type argument when there is no list. An import of
/// [`call!`](macro@crate::call) imports it too, because both have the same name. Otherwise, write `use
/// devtools_runtime::client::ConnectWithFunctions as _;`.
///
/// ```no_run
/// use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};
///
/// #[rpc_function(name = "docs-of-connecting:get-size")]
/// async fn get_size(path: String) -> u64;
///
/// rpc_functions! {
///     /// Everything that the server serves.
///     pub struct Sizes { GetSize }
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let rpc = DevToolsRpcClient::<Sizes>::connect("http://127.0.0.1:7812/__devtools/").await?;
/// let size = call!(rpc, "docs-of-connecting:get-size", "/src/main.ts").await?;
/// # Ok(())
/// # }
/// ```
pub trait ConnectWithFunctions: Sized {
    /// Connects as [`DevToolsRpcClient::connect`] does, to a server that has the functions of the list. To set options,
    /// such as a token, write `builder(url)…connect().await?.with_functions::<MyPluginFunctions>()`.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is not a server of this protocol, or does not trust this client.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    fn connect(url: &str) -> impl Future<Output = Result<Self, ConnectError>> + Send;
}

#[diagnostic::do_not_recommend]
impl<L: FunctionList> ConnectWithFunctions for DevToolsRpcClient<L> {
    async fn connect(url: &str) -> Result<Self, ConnectError> {
        let client = DevToolsRpcClient::builder(url).connect().await?;
        Ok(client.with_functions())
    }
}
