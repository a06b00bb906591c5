//! The signal that nobody wants the rest of a stream.

use std::fmt;

use crate::peer::Signal;

/// Why nobody wants the rest of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelReason {
    /// The last subscriber has cancelled.
    Client,
    /// The last subscriber has disconnected, and has not come back in time.
    Disconnected,
    /// The server is gone.
    Gone,
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first two are the JavaScript server's words (`docs/protocol.md` 6).
        f.write_str(match self {
            Self::Client => "cancelled by client",
            Self::Disconnected => "all subscribers disconnected",
            Self::Gone => "the server is gone",
        })
    }
}

/// The signal that nobody wants the rest of a stream, from
/// [`StreamSink::cancellation`](crate::streaming::StreamSink::cancellation). Cloning is cheap and gives the same.
///
/// It is a signal only: chunks that are written after it are kept for subscribers that come, as before.
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
    /// Resolves once nobody wants the rest, with the reason.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn cancelled(&self) -> CancelReason {
        self.0.given().await;
        self.reason().unwrap_or(CancelReason::Gone)
    }

    /// Returns whether nobody wants the rest.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_given()
    }

    /// Returns why nobody wants the rest, or `None` if somebody does.
    pub fn reason(&self) -> Option<CancelReason> {
        self.0.reason().copied()
    }

    /// Gives the signal. The first reason counts.
    pub(super) fn cancel(&self, reason: CancelReason) {
        self.0.give(reason);
    }
}
