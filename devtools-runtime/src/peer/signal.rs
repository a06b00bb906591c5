//! A stop signal with a reason.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;
#[cfg(feature = "client")]
use tokio_util::sync::WaitForCancellationFutureOwned;

/// A cancellation token that also holds the reason of its cancellation. Clones are cheap and share the signal.
#[derive(Debug, Clone)]
pub(crate) struct Signal<R> {
    token: CancellationToken,
    /// Set before the token is cancelled. Stays empty if another owner cancels the token.
    reason: Arc<OnceLock<R>>,
}

impl<R> Signal<R> {
    /// Makes a signal from `token`. If `token` is cancelled directly, the signal is given without a reason.
    pub(crate) fn of(token: CancellationToken) -> Self {
        Self {
            token,
            reason: Arc::default(),
        }
    }

    /// Gives the signal. Only the first reason is stored.
    pub(crate) fn give(&self, reason: R) {
        if !self.token.is_cancelled() {
            // If another task sets a reason at this moment, that one is stored.
            let _ = self.reason.set(reason);
        }
        self.token.cancel();
    }

    pub(crate) fn is_given(&self) -> bool {
        self.token.is_cancelled()
    }

    pub(crate) fn reason(&self) -> Option<&R> {
        self.reason.get()
    }

    /// Resolves when the signal is given.
    pub(crate) async fn given(&self) {
        self.token.cancelled().await;
    }

    /// Returns [`given`](Self::given) as a future of a nameable type, for structs that poll it.
    #[cfg(feature = "client")]
    pub(crate) fn given_owned(&self) -> WaitForCancellationFutureOwned {
        self.token.clone().cancelled_owned()
    }
}

impl<R> Default for Signal<R> {
    fn default() -> Self {
        Self::of(CancellationToken::new())
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::Signal;

    #[tokio::test]
    async fn the_first_reason_counts() {
        let signal = Signal::default();
        assert!(!signal.is_given());
        signal.give("first");
        signal.give("second");
        signal.given().await;
        #[cfg(feature = "client")]
        signal.given_owned().await;
        assert_eq!(signal.reason(), Some(&"first"));
    }

    #[test]
    fn a_token_that_is_cancelled_from_outside_gives_no_reason() {
        let token = CancellationToken::new();
        let signal = Signal::of(token.clone());
        token.cancel();
        signal.give("later");
        assert!(signal.is_given());
        assert_eq!(signal.reason(), None);
    }
}
