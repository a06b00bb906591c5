//! A mock of a server.

use std::sync::Arc;

use crate::client::DevToolsRpcClient;
use crate::devtools::DevTools;
use crate::function::{Registry, RpcFunction, SourceLocation};
use crate::host::{Auth, DevToolsContext, ReplacementFunctions};
use crate::testing::calls::TestCalls;
use crate::testing::expectation::ExpectedCall;
use crate::testing::expectations::Expectations;
use crate::wire::Payload;
use crate::wire::js::Value;

/// A server for the tests of clients and panels: it expects calls, and answers them.
///
/// Its [context](Self::context) is that of a real server without functions, so events, streams and shared states work, and its
/// [`devtools`](Self::devtools) can be bound to an address and can host a panel for a test in a browser.
///
/// A call that is not expected fails with a [`RemoteError`](crate::RemoteError) whose code is `unexpected-call`. When
/// the server is dropped, it panics with a report if expected calls are missing, or if other calls have come.
///
/// ```
/// use devtools_runtime::testing::MockServer;
/// use devtools_runtime::{CallError, DevToolsRpcClient, rpc_function};
///
/// #[rpc_function(name = "docs-of-mock-server:get-module")]
/// async fn get_module(path: String) -> Option<u64>;
///
/// /// The code under test.
/// async fn total(rpc: &DevToolsRpcClient, paths: &[&str]) -> Result<u64, CallError> {
///     let mut total = 0;
///     for path in paths {
///         total += GetModule::call(rpc, *path).await?.unwrap_or_default();
///     }
///     Ok(total)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut server = MockServer::new();
/// server.expect_call::<GetModule>().with("src/a.ts").returns(Some(5));
/// server.expect_call::<GetModule>().with("src/b.ts").returns(None);
///
/// assert_eq!(total(&server.client(), &["src/a.ts", "src/b.ts"]).await?, 5);
/// # Ok(())
/// # }
/// ```
pub struct MockServer {
    devtools: DevTools,
    expectations: Expectations,
}

impl MockServer {
    /// Creates a server that expects no calls.
    ///
    /// # Panics
    ///
    /// If the current directory cannot be found.
    #[expect(
        clippy::new_without_default,
        reason = "it is created in a runtime, whose tasks it uses"
    )]
    pub fn new() -> Self {
        let builder = DevTools::builder().without_collected().auth(Auth::None);
        let devtools = match builder.built_at_once() {
            Ok(devtools) => devtools,
            Err(error) => panic!("a mock of a server could not be made: {error}"),
        };
        let functions = Registry::new();
        for function in devtools.context().rpc().list() {
            functions.replace(function);
        }
        let expectations = Expectations::new("MockServer");
        let calls = Arc::clone(&expectations.calls);
        devtools.context().replace_functions(ReplacementFunctions {
            functions,
            on_unknown_call: Arc::new(move |name, arguments| unknown(&calls, name, arguments)),
        });
        Self {
            devtools,
            expectations,
        }
    }

    /// Expects a call of `F`. Set its arguments, its answer, and how often it comes on the returned value.
    #[track_caller]
    pub fn expect_call<F: RpcFunction>(&mut self) -> ExpectedCall<F> {
        let location = SourceLocation::of_caller("");
        let replacement = self.devtools.context().replacement();
        self.expectations.expect(location, |function| {
            if let Some(replacement) = replacement {
                replacement.functions.replace(function);
            }
        })
    }

    /// Connects a client in memory.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn client(&self) -> DevToolsRpcClient {
        self.devtools.client()
    }

    /// Returns the context of the server, for broadcasts, streams and shared states.
    pub fn context(&self) -> &DevToolsContext {
        self.devtools.context()
    }

    /// Returns the server as a program, to bind it to an address.
    pub fn devtools(&self) -> &DevTools {
        &self.devtools
    }

    /// Waits until every expectation is met. Put a timeout around it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn met(&self) {
        self.expectations.met().await;
    }

    /// Checks that the expected calls have come, and no others. Dropping the server does the same.
    ///
    /// # Panics
    ///
    /// If expected calls are missing, or others have come. The message lists them.
    pub fn verify(mut self) {
        self.expectations.verify();
    }
}

crate::debug_impl! { MockServer as it { report: it.expectations.report(), .. } }

fn unknown(calls: &TestCalls, name: &str, arguments: Payload<'_>) {
    let arguments = match arguments.read() {
        Ok(Value::Array(arguments)) => arguments,
        _ => Vec::new(),
    };
    calls.unexpected(name, arguments, "no call of it is expected".to_owned());
}
