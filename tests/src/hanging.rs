//! Calls that never end, counted while they run.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The calls of a function that never answers.
#[derive(Debug, Default)]
pub struct HangingCalls(AtomicUsize);

/// One of the calls. It ends when it is dropped.
struct HangingCall<'a>(&'a AtomicUsize);

impl HangingCalls {
    /// Returns how many of the calls run.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Hangs until the future is dropped.
    pub async fn hang(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        let _call = HangingCall(&self.0);
        std::future::pending::<()>().await;
    }
}

impl Drop for HangingCall<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
