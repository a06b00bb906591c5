//! Joining the other processes, and asking them for their sessions.

use std::sync::Arc;

use crate::host::backplane::{BackplaneError, Registration};
use crate::host::context::DevToolsContext;
use crate::host::fleet::codes::FleetCodes;
use crate::host::fleet::desk::Desk;
use crate::host::fleet::elsewhere::Elsewhere;
use crate::host::fleet::request::{EVENTS, STATES, calls_of, subject_of};
use crate::host::fleet::session::FleetSession;
use crate::host::fleet::states::FleetStates;
use crate::host::rpc::RpcHost;
use crate::host::trust::{SharedTokens, TOKENS, distrust_by_key};

/// The membership of a context among the processes of its program. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct FleetMembership {
    pub(crate) states: FleetStates,
    #[expect(dead_code, reason = "they are dropped")]
    registrations: Vec<Registration>,
}

/// Lets other processes reach a context, and opens the shared states that they have.
pub(crate) async fn join(context: &DevToolsContext) -> Result<FleetMembership, BackplaneError> {
    let desk = Arc::new(Desk::new(context));
    let states = FleetStates::new(context);
    let backplane = context.backplane();
    let process = backplane.process();
    let events = backplane.follow(EVENTS, Arc::clone(&desk) as _).await?;
    let requests = backplane.serve(&subject_of(process), None, desk).await?;
    let of_calls = Arc::new(Desk::of_calls(context));
    let calls = backplane.serve(&calls_of(process), None, of_calls).await?;
    let values = backplane.watch(STATES, Arc::new(states.clone())).await?;
    context.states().link(Arc::new(states.clone()));
    let mut registrations = vec![events, requests, calls, values];
    if let Some(trust) = context.trust() {
        let weak = context.downgrade();
        let on_revoked = move |key: &str| {
            if let Some(context) = weak.upgrade() {
                distrust_by_key(&context, key);
            }
        };
        let tokens = SharedTokens::new(backplane, Box::new(on_revoked));
        let watched = backplane.watch(TOKENS, Arc::new(tokens.clone()));
        registrations.push(watched.await?);
        trust.share(tokens, Box::new(FleetCodes::new(backplane)));
    }
    Ok(FleetMembership {
        states,
        registrations,
    })
}

impl RpcHost<'_> {
    /// Returns the open sessions of all processes: first those of this one, as [`sessions`](Self::sessions) returns them.
    ///
    /// The processes are those with the same [backplane](crate::DevToolsBuilder::backplane). A process that ends meanwhile is left out.
    ///
    /// # Errors
    ///
    /// If the other processes are not known, or one of them is connected and does not answer within ten seconds.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn fleet_sessions(self) -> Result<Vec<FleetSession>, BackplaneError> {
        let elsewhere = Elsewhere::all(self.context().backplane());
        let mut sessions: Vec<_> = self
            .sessions()
            .into_iter()
            .map(FleetSession::from)
            .collect();
        if !elsewhere.is_nobody() {
            sessions.extend(elsewhere.sessions().await?);
        }
        Ok(sessions)
    }
}
