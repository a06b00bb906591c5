//! One-time codes that another process has shown.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::host::backplane::Backplane;
use crate::host::context::DevToolsContext;
use crate::host::fleet::request::{ProcessRequest, RequestOutcome, message, read, subject_of};
use crate::host::trust::CodesElsewhere;

/// How long another process may take to compare a code.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The number of codes that are compared elsewhere at the same time. Another one counts as wrong.
const AT_ONCE: usize = 8;

/// The codes of the other processes.
pub(super) struct FleetCodes {
    backplane: Arc<dyn Backplane>,
    asking: Arc<Semaphore>,
}

impl FleetCodes {
    pub(super) fn new(backplane: &Arc<dyn Backplane>) -> Self {
        Self {
            backplane: Arc::clone(backplane),
            asking: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl CodesElsewhere for FleetCodes {
    fn redeem(
        &self,
        code: &str,
        session: u64,
        address: Option<IpAddr>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send>> {
        if self.backplane.is_alone() {
            return Box::pin(async { false });
        }
        let backplane = Arc::clone(&self.backplane);
        let asking = Arc::clone(&self.asking);
        let mut hasher = DefaultHasher::new();
        (backplane.process(), session).hash(&mut hasher);
        let request = message(&ProcessRequest::Redeem {
            code: code.to_owned(),
            // The numbers of sessions are small, so no session has this one.
            session: hasher.finish() | 1 << 63,
            address,
        });
        Box::pin(async move {
            let (Ok(_permit), Ok(members)) = (asking.try_acquire(), backplane.members().await)
            else {
                return false;
            };
            let asked = members.iter().map(|process| {
                backplane.request(&subject_of(process), request.clone(), ANSWER_TIMEOUT)
            });
            let answers = join_all(asked).await;
            answers.into_iter().any(|answer| {
                let answer = answer.and_then(|answer| read(&answer));
                matches!(answer, Ok(RequestOutcome::Done))
            })
        })
    }
}

/// Answers another process that asks whether this one has a code.
pub(super) fn redeem(
    context: &DevToolsContext,
    code: &str,
    session: u64,
    address: Option<IpAddr>,
) -> RequestOutcome {
    match context.trust() {
        Some(trust) if trust.redeem_here(code, session, address) => RequestOutcome::Done,
        _ => RequestOutcome::NoSession,
    }
}
