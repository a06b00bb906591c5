//! Watches files as a bundler does: a changed file is transformed again, and the panels are notified.

use std::path::{Path, PathBuf};

use devtools_runtime::DevToolsContext;
use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{Metrics, MetricsUpdated};

/// The number of changes that may wait. Further changes are dropped with a warning, and the metrics of their files
/// stay out of date until they change again.
const WAITING: usize = 256;

/// The watcher of a folder. Dropping it ends the watching.
#[derive(Debug)]
pub struct Watching {
    _watcher: notify::RecommendedWatcher,
    _task: AbortOnDropHandle<()>,
}

/// Transforms the files of `folder`, and transforms each again when it changes.
///
/// # Errors
///
/// If the folder cannot be read, or the operating system cannot watch it.
///
/// # Panics
///
/// If called outside a tokio runtime.
pub fn watch(ctx: DevToolsContext, metrics: Metrics, folder: &Path) -> notify::Result<Watching> {
    let folder = folder.canonicalize()?;
    for entry in std::fs::read_dir(&folder)?.filter_map(Result::ok) {
        transform(&metrics, &folder, &entry.path());
    }
    let (sender, changes) = mpsc::channel::<PathBuf>(WAITING);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let Ok(Event {
            kind: EventKind::Create(_) | EventKind::Modify(_),
            paths,
            ..
        }) = event
        else {
            return;
        };
        for path in paths {
            if sender.try_send(path).is_err() {
                tracing::warn!("too many files change at once");
            }
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    let task = AbortOnDropHandle::new(tokio::spawn(tell(ctx, metrics, folder, changes)));
    Ok(Watching {
        _watcher: watcher,
        _task: task,
    })
}

async fn tell(
    ctx: DevToolsContext,
    metrics: Metrics,
    folder: PathBuf,
    mut changes: mpsc::Receiver<PathBuf>,
) {
    while let Some(path) = changes.recv().await {
        let Some(file) = transform(&metrics, &folder, &path) else {
            continue;
        };
        if let Err(error) = MetricsUpdated::broadcast(&ctx, file).await {
            tracing::warn!(%error, "could not notify the panels");
        }
    }
}

/// Transforms a file. Returns `None` if it is not a text file of the folder.
fn transform(metrics: &Metrics, folder: &Path, path: &Path) -> Option<String> {
    let id = path.strip_prefix(folder).ok()?.to_str()?;
    let code = std::fs::read_to_string(path).ok()?;
    metrics.transform(&code, id);
    Some(id.to_owned())
}
