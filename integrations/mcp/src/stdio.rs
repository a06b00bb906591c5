//! One agent, over standard input and output.

use devtools_runtime::DevTools;
use rmcp::service::{ServerInitializeError, serve_server};
use rmcp::transport::io::stdio_pipes;

use crate::handler::Handler;
use crate::plugin::Mcp;

/// The error of [`serve_stdio`].
#[derive(Debug, thiserror::Error)]
#[error("an agent could not be served over standard input and output: {0}")]
pub struct StdioError(String);

/// Serves one agent over standard input and output until it closes the input. The agent has started the program, so
/// it is trusted with every role.
///
/// Nothing else may write to standard output meanwhile.
///
/// # Errors
///
/// If the agent does not begin with a handshake as the protocol requires.
///
/// # Panics
///
/// If called outside a tokio runtime.
///
/// # Cancel safety
///
/// Dropping the future ends the service. Running calls are dropped, except actions.
pub async fn serve_stdio(devtools: &DevTools, mcp: &Mcp) -> Result<(), StdioError> {
    let handler = Handler::of_connection(devtools.clone(), devtools.client(), mcp.options());
    let failed = |error: &dyn std::fmt::Display| StdioError(error.to_string());
    let service = match serve_server(handler, stdio_pipes()).await {
        Ok(service) => service,
        // An agent may connect only to see whether the program starts. That is not a failure.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(failed(&error)),
    };
    let (handler, agent) = (service.service().clone(), service.peer().clone());
    tokio::select! {
        ended = service.waiting() => ended.map(drop).map_err(|error| failed(&error)),
        () = handler.notify(&agent) => Ok(()),
    }
}
