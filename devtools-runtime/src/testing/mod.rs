#![doc = include_str!("../docs/modules/testing.md")]

mod arguments;
mod calls;
mod client;
mod expectation;
mod expectations;
mod server;
#[cfg(test)]
mod tests;
mod vite;

pub use self::arguments::IntoArguments;
pub use self::client::MockClient;
pub use self::expectation::{ExpectedCall, Times};
pub use self::server::MockServer;
pub use self::vite::{AttachedVite, MockVite};
#[cfg(feature = "recording")]
pub use crate::devtools::AlreadyReplaying;
#[cfg(feature = "recording")]
pub use crate::recording::{
    ReadRecordingError, RecordError, RecordedCall, Recorder, Recording, RecordingStatus,
    ReplayOptions,
};
