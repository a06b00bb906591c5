//! A mock of a client.

use crate::client::DevToolsRpcClient;
use crate::devtools::DevTools;
use crate::function::{RpcFunction, SourceLocation};
use crate::peer::{Caller, Peer};
use crate::testing::expectation::ExpectedCall;
use crate::testing::expectations::Expectations;

/// A client for the tests of functions and plugins: it calls them over the wire format without a socket, and expects
/// the calls and events that the program sends to its clients.
///
/// `GetModule::call(&client, …)` calls a function through it. [`rpc`](Self::rpc) gives access to everything else:
/// streams, shared states, the connection. When the mock is dropped, it panics with a report if expected calls are
/// missing, or if other calls of the same functions have come.
///
/// ```
/// use devtools_runtime::testing::MockClient;
/// use devtools_runtime::{DevTools, DevToolsContext, NotifyError, rpc_function};
///
/// /// Panels show that a file was saved.
/// #[rpc_function(name = "docs-of-mock-client:saved", kind = "event", side = "client")]
/// async fn saved(path: String);
///
/// #[rpc_function(name = "docs-of-mock-client:save", kind = "action")]
/// async fn save(ctx: &DevToolsContext, path: String) -> Result<(), NotifyError> {
///     Saved::broadcast(ctx, path).await?;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().without_collected().function(Save::definition()).build().await?;
/// let mut client = MockClient::connect(&devtools);
/// client.expect_call::<Saved>().with("src/main.rs").times(1);
///
/// Save::call(&client, "src/main.rs").await?;
/// client.met().await;
/// # Ok(())
/// # }
/// ```
pub struct MockClient {
    rpc: DevToolsRpcClient,
    expectations: Expectations,
}

impl MockClient {
    /// Connects a client that is trusted and has every role.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn connect(devtools: &DevTools) -> Self {
        Self::over(devtools.client())
    }

    /// Connects a client that is trusted and has exactly these roles.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn with_roles<R: Into<String>>(
        devtools: &DevTools,
        roles: impl IntoIterator<Item = R>,
    ) -> Self {
        Self::over(devtools.client_with_roles(roles))
    }

    /// Connects a client that is not trusted: it may call functions whose name begins with `anonymous:`, and gets no broadcasts.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn untrusted(devtools: &DevTools) -> Self {
        Self::over(devtools.open_untrusted_client())
    }

    /// Makes a mock of a client that is connected in another way.
    pub fn over(rpc: DevToolsRpcClient) -> Self {
        Self {
            rpc,
            expectations: Expectations::new("MockClient"),
        }
    }

    /// Expects that the program calls `F` on this client, or sends the event `F`. Set its arguments, its answer, and
    /// how often it comes on the returned value.
    ///
    /// # Panics
    ///
    /// If `F` runs on the server.
    #[track_caller]
    pub fn expect_call<F: RpcFunction>(&mut self) -> ExpectedCall<F> {
        const {
            assert!(
                matches!(F::SIDE, crate::Side::Client),
                "a client expects calls of its own functions: declare it with `side = \"client\"`"
            );
        }
        let location = SourceLocation::of_caller("");
        let rpc = &self.rpc;
        self.expectations
            .expect(location, |function| rpc.replace(function))
    }

    /// Returns the client itself.
    pub fn rpc(&self) -> &DevToolsRpcClient {
        &self.rpc
    }

    /// Waits until every expectation is met. Put a timeout around it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn met(&self) {
        self.expectations.met().await;
    }

    /// Checks that the expected calls have come, and no others. Dropping the client does the same.
    ///
    /// # Panics
    ///
    /// If expected calls are missing, or others have come. The message lists them.
    pub fn verify(mut self) {
        self.expectations.verify();
    }
}

#[diagnostic::do_not_recommend]
impl Caller for MockClient {
    fn peer(&self) -> &Peer {
        self.rpc.peer()
    }
}

crate::debug_impl! { MockClient as it { report: it.expectations.report(), .. } }
