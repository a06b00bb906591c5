//! Asks the server for the whole value: over a new connection, and when the client's copy may differ from it.

use tokio::time::Instant;

use crate::function::{CallError, RpcFunction as _};
use crate::peer::Peer;
use crate::protocol::state::GetState;
use crate::state::client::replica::{Replica, ReplicaState};
use crate::state::client::standing::{ATTEMPTS, Pauses, Standing};
use crate::state::error::SyncError;
use crate::state::patch;
use crate::state::shared_state::SharedValue;
use crate::state::text;
use crate::wire::{Encoding, js};

/// Asks for the server's value. `None` if the server has no such state.
pub(super) async fn get<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<T>, CallError> {
    let encoding = Encoding::StructuredClone;
    let reply = peer.ask(GetState::NAME, encoding, &(key,)).await?;
    if reply.is_undefined() {
        return Ok(None);
    }
    reply.read(GetState::NAME, encoding).map(Some)
}

/// Asks for the server's value, as text.
async fn get_text<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<String>, CallError> {
    let value = get::<T>(peer, key).await?;
    Ok(value.and_then(|value| text::write(&value).ok()))
}

/// The outcome of a question for the server's value.
enum RefreshResult {
    Answered,
    /// The error is reported, and the copy is doubtful.
    Failed,
    /// The connection is lost, or not trusted any more.
    Lost,
}

impl<T: SharedValue> Replica<T> {
    /// Reads the server's value over a new connection, and decides what happens to a change that was made without one.
    pub(super) async fn catch_up(&self, peer: &Peer) {
        let is_behind = {
            let state = self.lock();
            // A change that was made before anything was known of the server's value is not given up.
            state.outbox.is_pending() && state.confirmed.is_some()
        };
        // If it failed, `keep_in_step` asks again.
        self.ask(peer, is_behind).await;
    }

    /// Asks for the server's value whenever the copy may differ from it. Returns when the connection is lost.
    pub(super) async fn keep_in_step(&self, peer: &Peer) {
        let (mut pauses, mut failures) = (Pauses::default(), 0);
        loop {
            while !self.is_doubtful() {
                self.doubted.notified().await;
            }
            tokio::time::sleep(pauses.next(Instant::now())).await;
            // The server may have sent the whole value meanwhile.
            if !self.is_doubtful() {
                continue;
            }
            match self.ask(peer, false).await {
                RefreshResult::Answered => failures = 0,
                RefreshResult::Failed => failures += 1,
                RefreshResult::Lost => return,
            }
            if failures >= ATTEMPTS {
                self.doubted.notified().await;
            }
        }
    }

    fn is_doubtful(&self) -> bool {
        self.lock().standing == Standing::Doubtful
    }

    /// Asks for the server's value and takes it, unless the server sends the whole value before it answers. If the client
    /// `is_behind`, decides what happens to the change that was made without a connection.
    ///
    /// The answer is taken even if changes were left out meanwhile, because a value that changes faster than answers arrive
    /// would never be shown otherwise. The copy is doubtful then.
    async fn ask(&self, peer: &Peer, is_behind: bool) -> RefreshResult {
        self.lock().standing = Standing::Asked { left_out: false };
        let answer = match &self.initial {
            None => get_text::<T>(peer, &self.key).await,
            Some(_) => get_text::<js::Value>(peer, &self.key).await,
        };
        let mut state = self.lock();
        let standing = state.standing;
        let (server, outcome) = match (standing, answer) {
            (_, Err(CallError::Disconnected(_))) => return RefreshResult::Lost,
            // A whole value came before the answer. It is newer, or the same.
            (Standing::InStep | Standing::Doubtful, _) => {
                (state.confirmed.clone(), RefreshResult::Answered)
            }
            (Standing::Asked { left_out }, Ok(server)) => {
                state.standing = if left_out {
                    Standing::Doubtful
                } else {
                    Standing::InStep
                };
                (server, RefreshResult::Answered)
            }
            (Standing::Asked { .. }, Err(error)) => {
                let outcome = match error {
                    CallError::Unauthorized(_) => RefreshResult::Lost,
                    _ => RefreshResult::Failed,
                };
                let key = self.key.to_string();
                state.standing = Standing::Doubtful;
                self.report(SyncError::Read { key, source: error });
                (None, outcome)
            }
        };
        if is_behind {
            let is_quiet = standing == Standing::Asked { left_out: false };
            self.decide(&mut state, is_quiet, server.as_deref());
        }
        if server.is_some() {
            state.confirmed = server;
            self.settle_and_report(&mut state);
        }
        if state.outbox.has_unsent() {
            self.changed.notify_one();
        }
        outcome
    }

    /// Sends a change again that was made without a connection, unless it has arrived, or the server's value has changed
    /// meanwhile. The connection `is_quiet` if the server has sent no change over it.
    fn decide(&self, state: &mut ReplicaState, is_quiet: bool, server: Option<&str>) {
        let is = |known: Option<&str>| match (server, known) {
            (Some(server), Some(known)) => patch::is_same(&text::any(server), &text::any(known)),
            (None, _) => true,
            (Some(_), None) => false,
        };
        let last = state.outbox.last_sent();
        let has_arrived = server.is_some() && last.is_some() && is(last);
        let is_untouched = is_quiet && is(state.confirmed.as_deref());
        state.outbox.forget_sent();
        if has_arrived {
            tracing::trace!(key = &*self.key, "the last change had arrived");
        } else if is_untouched {
            state.outbox.put(self.settings.ids.next());
        } else {
            tracing::warn!(
                key = &*self.key,
                "a change that was made without a connection is given up: the server's value has changed meanwhile"
            );
            state.outbox.give_up();
        }
    }
}
