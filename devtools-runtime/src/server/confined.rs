//! A folder that nothing leads out of: links neither.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use tower_http::services::fs::{Backend, TokioBackend, TokioFile};

/// The files below a folder, as they really are. What a link leads to elsewhere is not there.
#[derive(Debug, Clone)]
pub(crate) struct Confined {
    folder: Arc<Path>,
}

type Pending<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Confined {
    pub(crate) fn to(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
        }
    }
}

impl Backend for Confined {
    type File = TokioFile;
    type Metadata = std::fs::Metadata;
    type OpenFuture = Pending<TokioFile>;
    type MetadataFuture = Pending<std::fs::Metadata>;

    fn open(&self, path: PathBuf) -> Pending<TokioFile> {
        let folder = Arc::clone(&self.folder);
        Box::pin(async move { TokioBackend.open(real(&folder, &path).await?).await })
    }

    fn metadata(&self, path: PathBuf) -> Pending<std::fs::Metadata> {
        let folder = Arc::clone(&self.folder);
        Box::pin(async move { TokioBackend.metadata(real(&folder, &path).await?).await })
    }
}

/// Where a path really leads, if that is below the folder.
async fn real(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let folder = tokio::fs::canonicalize(folder).await?;
    let path = tokio::fs::canonicalize(path).await?;
    if path.starts_with(&folder) {
        Ok(path)
    } else {
        tracing::debug!(path = %path.display(), "a link out of a hosted folder is not followed");
        Err(io::ErrorKind::NotFound.into())
    }
}
