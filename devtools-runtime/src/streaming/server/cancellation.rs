//! The signal that no subscriber wants the rest of a stream.

use std::fmt;

use crate::peer::Signal;

/// The reason for which no subscriber wants the rest of a stream.
///
/// ```
/// use devtools_runtime::streaming::{CancelReason, StreamSink};
///
/// /// Returns whether the subscribers of a stream were lost, and did not cancel it.
/// fn were_lost(sink: &StreamSink<String>) -> bool {
///     sink.cancellation().reason() == Some(CancelReason::Disconnected)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelReason {
    /// The last subscriber has cancelled.
    Client,
    /// The last subscriber has disconnected and has not reconnected in time.
    Disconnected,
    /// The server has shut down.
    Gone,
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first two are the JavaScript server's words (`docs/protocol.md` 6).
        f.write_str(match self {
            Self::Client => "cancelled by client",
            Self::Disconnected => "all subscribers disconnected",
            Self::Gone => "the server has shut down",
        })
    }
}

/// The signal that no subscriber wants the rest of a stream.
/// [`StreamSink::cancellation`](crate::streaming::StreamSink::cancellation) returns it. Clones are cheap and share the
/// signal.
///
/// It only informs the producer: chunks that are written afterwards are still stored for subscribers that join later.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::streaming::ChannelOptions;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let streaming = devtools.context().rpc().streaming();
/// let channel = streaming.create::<u32>("my-plugin:numbers", ChannelOptions::new())?;
/// let sink = channel.start();
/// let cancellation = sink.cancellation(); // for a thread that computes
/// assert!(!cancellation.is_cancelled());
/// sink.close();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Signal<CancelReason>);

impl Cancellation {
    /// Resolves with the reason when no subscriber wants the rest.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn cancelled(&self) -> CancelReason {
        self.0.given().await;
        self.reason().unwrap_or(CancelReason::Gone)
    }

    /// Returns whether the stream is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_given()
    }

    /// Returns why the stream is cancelled, or `None` if it is not.
    pub fn reason(&self) -> Option<CancelReason> {
        self.0.reason().copied()
    }

    /// Gives the signal. Only the first reason is stored.
    pub(super) fn cancel(&self, reason: CancelReason) {
        self.0.give(reason);
    }
}
