//! The part of a broadcast that goes to other processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::host::backplane::{Appended, Backplane, BackplaneError, Message};
use crate::host::fleet::outcome::{ClientReplies, ClientResult};
use crate::host::fleet::request::{
    EVENTS, ProcessRequest, calls_of, head, message, read, subject_of,
};
use crate::host::fleet::selector::Selector;
use crate::host::fleet::session::FleetSession;
use crate::host::fleet::session_info::ProcessSession;
use crate::peer::{BroadcastCall, Frame, Reply};

/// How long another process may take to list its sessions.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);

/// The additional time for the answer of a process to arrive, after the time that its clients have.
const ON_THE_WAY: Duration = Duration::from_secs(2);

/// The other processes, and their sessions that a broadcast goes to.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    backplane: Arc<dyn Backplane>,
    pub(crate) selector: Selector,
}

impl Elsewhere {
    /// All sessions of the other processes.
    pub(crate) fn all(backplane: &Arc<dyn Backplane>) -> Self {
        Self {
            backplane: Arc::clone(backplane),
            selector: Selector::default(),
        }
    }

    /// The sessions of other processes in a list. Returns `None` if there are none.
    pub(crate) fn of(sessions: &[FleetSession]) -> Option<Self> {
        let mut only = BTreeMap::<String, Vec<u64>>::new();
        let mut through = None;
        for (process, session, backplane) in sessions.iter().filter_map(FleetSession::remote) {
            only.entry(process.to_owned()).or_default().push(session);
            through = Some(backplane);
        }
        Some(Self {
            backplane: Arc::clone(through?),
            selector: Selector {
                only: Some(only),
                ..Selector::default()
            },
        })
    }

    /// Returns whether no session of another process can receive anything.
    pub(crate) fn is_nobody(&self) -> bool {
        self.backplane.is_alone() || self.selector.is_nobody()
    }

    /// Sends an event to the selected sessions.
    pub(crate) fn send(&self, event: Frame) -> Appended {
        let entry = Message {
            head: self.selector.to_bytes(),
            body: event.into_bytes(),
        };
        self.backplane.append(EVENTS, entry)
    }

    /// Calls a function of the selected sessions, and returns their outcomes by process.
    ///
    /// A process that does not answer is named in the log, because its clients are not known.
    pub(crate) async fn call(&self, call: &BroadcastCall) -> Vec<(FleetSession, ClientResult)> {
        let Ok(frame) = call.frame() else {
            return Vec::new(); // The arguments cannot be written, which the sessions of this process report.
        };
        let members = match self.backplane.members().await {
            Ok(members) => members,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the other processes are not known, so their clients are not called"
                );
                return Vec::new();
            }
        };
        let members = members.iter().filter(|it| self.selector.names(it));
        let time = call.deadline().saturating_duration_since(Instant::now());
        let body = frame.clone().into_bytes();
        let request = head(&ProcessRequest::Call {
            function: call.function().to_owned(),
            id: call.id(),
            milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            selector: self.selector.clone(),
        });
        let asked = members.map(|process| {
            let request = Message {
                head: request.clone(),
                body: body.clone(),
            };
            self.ask(process, calls_of(process), request, time + ON_THE_WAY)
        });
        let mut results = Vec::new();
        for (process, answer) in join_all(asked).await {
            match answer.and_then(|answer| self.read_outcomes(&process, call.function(), &answer)) {
                Ok(outcomes) => results.extend(outcomes),
                Err(error) => tracing::warn!(
                    process,
                    rpc.method = call.function(),
                    error = &error as &dyn std::error::Error,
                    "a process has not answered a broadcast, so the replies of its clients are missing"
                ),
            }
        }
        results
    }

    /// Returns the sessions of the other processes.
    ///
    /// # Errors
    ///
    /// If the processes are not known, or one of them does not answer although it is connected.
    pub(crate) async fn sessions(&self) -> Result<Vec<FleetSession>, BackplaneError> {
        let members = self.backplane.members().await?;
        let request = message(&ProcessRequest::Sessions);
        let asked = members
            .iter()
            .map(|process| self.ask(process, subject_of(process), request.clone(), LIST_TIMEOUT));
        let mut sessions = Vec::new();
        for (process, answer) in join_all(asked).await {
            match answer {
                Ok(answer) => {
                    let infos: Vec<ProcessSession> = read(&answer)?;
                    let of_process =
                        |info| FleetSession::elsewhere(&process, info, &self.backplane);
                    sessions.extend(infos.into_iter().map(of_process));
                }
                // It has ended, and its sessions with it.
                Err(BackplaneError::NoResponder(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sessions)
    }

    fn ask(
        &self,
        process: &str,
        subject: String,
        request: Message,
        timeout: Duration,
    ) -> impl Future<Output = (String, Result<Message, BackplaneError>)> + Send + use<> {
        let answer = self.backplane.request(&subject, request, timeout);
        let process = process.to_owned();
        async move { (process, answer.await) }
    }

    fn read_outcomes(
        &self,
        process: &str,
        function: &str,
        answer: &Message,
    ) -> Result<Vec<(FleetSession, ClientResult)>, BackplaneError> {
        let ClientReplies(outcomes) = read(answer)?;
        let mut position = 0_usize;
        let mut results = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            let result = match outcome.result {
                Ok(length) => {
                    let end = position.checked_add(length);
                    let end = end.filter(|end| *end <= answer.body.len());
                    let end =
                        end.ok_or_else(|| BackplaneError::Unreadable("a reply is cut off".into()))?;
                    let frame = Frame::from_utf8(answer.body.slice(position..end))
                        .ok_or_else(|| BackplaneError::Unreadable("a reply is no text".into()))?;
                    position = end;
                    Ok(Reply::of(frame))
                }
                Err(lost) => Err(lost.into_error(function)),
            };
            let session = FleetSession::elsewhere(process, outcome.session, &self.backplane);
            results.push((session, result));
        }
        Ok(results)
    }
}
