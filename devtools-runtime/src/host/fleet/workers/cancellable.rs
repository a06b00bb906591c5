//! A call on a worker that its gateway may cancel.

use tokio::sync::oneshot;

use crate::host::context::DevToolsContext;
use crate::host::fleet::workers::call::CallNumber;
use crate::host::fleet::workers::working::Working;

/// A call that its gateway may cancel. Dropping this removes the call from those that can be cancelled.
pub(in crate::host::fleet) struct Cancellable {
    context: DevToolsContext,
    number: CallNumber,
    cancelled: oneshot::Receiver<()>,
}

impl Cancellable {
    /// Registers a call, so that a cancellation finds it from now on.
    pub(in crate::host::fleet) fn new(context: &DevToolsContext, number: CallNumber) -> Self {
        let (cancel, cancelled) = oneshot::channel();
        context.own_state::<Working>().add(number, cancel);
        Self {
            context: context.clone(),
            number,
            cancelled,
        }
    }

    /// Waits until the gateway cancels the call.
    pub(super) async fn cancelled(&mut self) {
        // The sender is dropped when the call is cancelled.
        let _ = (&mut self.cancelled).await;
    }
}

impl Drop for Cancellable {
    fn drop(&mut self) {
        self.context.own_state::<Working>().cancel(self.number);
    }
}
