//! The error of starting a static preview.

/// The error of starting a static preview.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::dump::{DumpOptions, PreviewError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let preview = devtools.preview_static(DumpOptions::new(), |_| ()).await?;
/// let second = devtools.preview_static(DumpOptions::new(), |_| ()).await;
/// assert!(matches!(second, Err(PreviewError::Already)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviewError {
    /// The dump could not be written.
    #[error(transparent)]
    Dump(#[from] crate::dump::failure::DumpError),
    /// The temporary folder for the dump could not be created.
    #[error("could not create a temporary folder for the dump of the preview")]
    Folder(#[source] std::io::Error),
    /// The dump could not be read.
    #[error("could not read the preview's dump")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A static preview of this server has begun before.
    #[error("the server already runs a static preview")]
    Already,
}
