//! The options of the inspector.

use std::sync::Arc;

use crate::peer::TrafficLog;

/// The options of the inspector, for [`DevToolsBuilder::inspector`](crate::DevToolsBuilder::inspector). Created from `true` or `false`, they
/// turn it on or off.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::inspector::Inspector;
///
/// let builder = DevTools::builder().inspector(Inspector::new().traffic_frames(500));
/// let without = DevTools::builder().inspector(false);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing until a builder has them"]
pub struct Inspector {
    is_on: bool,
    traffic_frames: usize,
    traffic_bytes: usize,
}

impl Inspector {
    /// Creates options for an inspector that is on.
    pub const fn new() -> Self {
        Self {
            is_on: true,
            traffic_frames: 2000,
            traffic_bytes: 8 << 20,
        }
    }

    /// Sets how many frames are recorded while a page shows the traffic. Default: 2000. A further frame replaces the oldest one, and
    /// the page shows how many it has missed.
    pub const fn traffic_frames(mut self, frames: usize) -> Self {
        self.traffic_frames = frames;
        self
    }

    /// Sets how many bytes these frames may have. Default: 8 MiB. Further frames replace the oldest ones. A frame counts for at least 512
    /// bytes, and a frame that is larger than this is not recorded.
    pub const fn traffic_bytes(mut self, bytes: usize) -> Self {
        self.traffic_bytes = bytes;
        self
    }

    /// Returns the record of frames for a context, or `None` if the inspector is off.
    pub(crate) fn traffic_log(self) -> Option<Arc<TrafficLog>> {
        let log = || TrafficLog::new(self.traffic_frames, self.traffic_bytes);
        self.is_on.then(|| Arc::new(log()))
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

impl From<bool> for Inspector {
    fn from(is_on: bool) -> Self {
        Self {
            is_on,
            ..Self::new()
        }
    }
}
