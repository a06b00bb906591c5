//! Confirmation of destructive calls by the user of a panel.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use devtools_runtime::context::SessionTransport;
use devtools_runtime::{CallError, DevToolsContext, RpcFunction, RpcSession};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The default time that a user may take to confirm a call.
const PATIENCE: Duration = Duration::from_secs(300);

/// A call of an agent, for the user who confirms it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct AgentCall {
    /// The name of the function.
    pub function: String,
    /// The title of the tool.
    pub title: String,
    /// The arguments, in the order of the parameters.
    pub arguments: Vec<Value>,
}

impl AgentCall {
    pub(crate) fn new(function: &str, title: &str, arguments: Vec<Value>) -> Self {
        Self {
            function: function.to_owned(),
            title: title.to_owned(),
            arguments,
        }
    }
}

/// The function of the panels that asks the user.
#[derive(Clone)]
pub(crate) struct Confirmation {
    name: &'static str,
    ask: Arc<dyn Fn(RpcSession, AgentCall) -> Asking + Send + Sync>,
    pub(crate) patience: Duration,
}

type Asking = Pin<Box<dyn Future<Output = Result<bool, CallError>> + Send>>;

impl Confirmation {
    pub(crate) fn by<F: RpcFunction<Args = (AgentCall,), Output = bool>>() -> Self {
        Self {
            name: F::NAME,
            ask: Arc::new(|session, call| {
                Box::pin(async move { session.call_dynamic(F::NAME, (call,)).await })
            }),
            patience: PATIENCE,
        }
    }

    /// Asks all panels. The first answer counts, and the calls to the other panels are cancelled.
    ///
    /// # Errors
    ///
    /// If the user has refused or has not answered, or if no panel is open. The agent receives the error.
    pub(crate) async fn ask(
        &self,
        context: &DevToolsContext,
        call: &AgentCall,
    ) -> Result<(), String> {
        let sessions = context.rpc().sessions().into_iter();
        let panels = sessions.filter(|session| {
            session.is_trusted() && session.transport() != SessionTransport::Local
        });
        let mut answers: FuturesUnordered<_> = panels
            .map(|session| (self.ask)(session.with_timeout(self.patience), call.clone()))
            .collect();
        let mut failure = None;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(true) => return Ok(()),
                Ok(false) => return Err("the user refused the call".to_owned()),
                // A connected program is not a panel, and does not have the function.
                Err(CallError::UnknownFunction(_)) => {}
                Err(error) => {
                    tracing::debug!(%error, function = self.name, "a panel did not confirm");
                    failure = Some(match error {
                        CallError::Timeout(_) => {
                            let seconds = self.patience.as_secs();
                            format!("the user did not confirm the call within {seconds} s")
                        }
                        CallError::Disconnected(_) => {
                            "the panel was closed before the user had confirmed the call".to_owned()
                        }
                        error => format!("the panel could not ask the user: {error}"),
                    });
                }
            }
        }
        Err(failure.unwrap_or_else(|| {
            "a user has to confirm the call, and no panel is open: open the panel of the program and call again".to_owned()
        }))
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Confirmation").field(&self.name).finish()
    }
}
