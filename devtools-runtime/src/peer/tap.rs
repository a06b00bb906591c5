//! Taps: the places where the frames of a connection are watched, by the inspector and by a recorder.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::peer::frame::Frame;
use crate::peer::traffic::{FrameDirection, TrafficTap};

/// A receiver of all frames of a context. It must not block, because the drivers of the connections call it.
pub(crate) trait FrameSink: fmt::Debug + Send + Sync {
    /// Receives a frame.
    fn receive(&self, session: u64, direction: FrameDirection, frame: &Frame);

    /// Receives a secret that frames may contain, which must not be kept.
    fn learn_secret(&self, secret: &str);

    /// Is told that a session has ended: no frame of it comes any more.
    fn session_ended(&self, session: u64);

    /// Resolves when everything that was received so far is stored.
    fn flushed(&self) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The taps of one session. Without any, a frame costs nothing.
#[derive(Debug, Clone)]
pub(crate) struct FrameTap {
    session: u64,
    inspector: Option<TrafficTap>,
    sink: Option<Arc<dyn FrameSink>>,
}

impl FrameTap {
    /// The session of calls without a connection, such as those by one HTTP request. Sessions count from 1.
    pub(crate) const WITHOUT_CONNECTION: u64 = 0;

    /// Creates the taps of a session, or returns `None` if the program has neither an inspector nor a recorder.
    pub(crate) fn new(
        session: u64,
        inspector: Option<TrafficTap>,
        sink: Option<Arc<dyn FrameSink>>,
    ) -> Option<Self> {
        (inspector.is_some() || sink.is_some()).then_some(Self {
            session,
            inspector,
            sink,
        })
    }

    /// Returns whether somebody watches now.
    #[cfg(feature = "server")]
    pub(crate) fn is_watched(&self) -> bool {
        let inspected = self.inspector.as_ref();
        self.sink.is_some() || inspected.is_some_and(TrafficTap::is_watched)
    }

    /// Shows a frame to those who watch. The inspector's part costs one atomic load while no page shows the traffic.
    pub(crate) fn saw(&self, direction: FrameDirection, frame: &Frame) {
        if let Some(inspector) = &self.inspector {
            inspector.saw(direction, frame);
        }
        if let Some(sink) = &self.sink {
            sink.receive(self.session, direction, frame);
        }
    }
}
