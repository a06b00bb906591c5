//! Tells the panels of changes. Without Vite, it also watches files as a bundler does: a file that changes is
//! transformed again.

use std::path::Path;

use devtools_runtime::DevToolsContext;
use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use tokio_util::task::AbortOnDropHandle;

use crate::{Metrics, MetricsUpdated};

/// The telling and watching. Dropping it ends both.
#[derive(Debug)]
pub struct Watching {
    _watcher: Option<notify::RecommendedWatcher>,
    _task: AbortOnDropHandle<()>,
}

/// Tells the panels of the changes of `metrics`. Unless the program belongs to a Vite project, `metrics` are those of
/// the files of `folder`, and follow them.
///
/// # Errors
///
/// If the folder cannot be read, or the operating system cannot watch it.
///
/// # Panics
///
/// If called outside a tokio runtime.
pub fn watch(ctx: DevToolsContext, metrics: Metrics, folder: &Path) -> notify::Result<Watching> {
    let watcher = match ctx.vite_config() {
        Some(_) => None,
        None => Some(follow(metrics.clone(), folder)?),
    };
    Ok(Watching {
        _watcher: watcher,
        _task: AbortOnDropHandle::new(tokio::spawn(tell(ctx, metrics))),
    })
}

/// Transforms the files of `folder` once.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn measure(metrics: &Metrics, folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)?.filter_map(Result::ok) {
        transform(metrics, folder, &entry.path());
    }
    Ok(())
}

fn follow(metrics: Metrics, folder: &Path) -> notify::Result<notify::RecommendedWatcher> {
    let folder = folder.canonicalize()?;
    let root = folder.clone();
    let transformed = metrics.clone();
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
            transform(&transformed, &folder, &path);
        }
    })?;
    watcher.watch(&root, RecursiveMode::NonRecursive)?;
    measure(&metrics, &root)?;
    Ok(watcher)
}

async fn tell(ctx: DevToolsContext, metrics: Metrics) {
    loop {
        for file in metrics.changed().await {
            if let Err(error) = MetricsUpdated::broadcast(&ctx, file).await {
                tracing::warn!(%error, "could not notify the panels");
            }
        }
    }
}

/// Transforms a file, if it is a text file of the folder.
fn transform(metrics: &Metrics, folder: &Path, path: &Path) {
    let id = path.strip_prefix(folder).ok().and_then(Path::to_str);
    if let (Some(id), Ok(code)) = (id, std::fs::read_to_string(path)) {
        metrics.transform(id, code.len());
    }
}
