//! A server that answers calls from its static dump.

mod error;
mod folder;
mod static_preview;

pub use self::error::PreviewError;
pub(crate) use self::folder::TemporaryFolder;
pub use self::static_preview::StaticPreview;
pub(crate) use self::static_preview::{DUMP, begin};
