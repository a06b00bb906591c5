//! Watches the disk and notifies every panel of changes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use devtools_runtime::DevToolsContext;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::draft::is_draft;
use crate::explorer::Explorer;
use crate::rpc::FilesChanged;

/// The time during which changes are collected, because one save causes several events.
const QUIET: Duration = Duration::from_millis(50);

/// The number of changed paths in one message. Further paths are in the next message. The waiting paths are bounded
/// by the number of files, because each path is stored once.
const MAX_PATHS: usize = 1_000;

/// The watcher of a folder. Dropping it ends the watching.
#[derive(Debug)]
pub struct Watching {
    _task: AbortOnDropHandle<()>,
}

/// The changes since the last message.
#[derive(Debug, Default)]
struct Changes {
    paths: Mutex<BTreeSet<String>>,
    some: Notify,
}

/// Watches the folders of `explorer` and notifies the sessions of `ctx`.
///
/// # Errors
///
/// If the operating system cannot watch the folders.
///
/// # Panics
///
/// If called outside a tokio runtime.
pub fn watch(ctx: DevToolsContext, explorer: Explorer) -> notify::Result<Watching> {
    let changes = Arc::new(Changes::default());
    let noted = Arc::clone(&changes);
    let files = explorer.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| match event {
        // Reading a file does not change it.
        Ok(event) if event.kind.is_access() => {}
        Ok(event) => {
            let paths = event.paths.iter().filter_map(|path| files.relative(path));
            let is_shown = |path: &String| {
                let is_hidden = |part: &str| part == ".git" || is_draft(part.as_ref());
                !path.split('/').any(is_hidden)
            };
            noted.add(paths.filter(is_shown));
        }
        Err(error) => tracing::warn!(%error, "a change may have gone unnoticed"),
    })?;
    let task = tokio::spawn(tell(ctx, explorer, watcher, changes));
    Ok(Watching {
        _task: AbortOnDropHandle::new(task),
    })
}

async fn tell(
    ctx: DevToolsContext,
    explorer: Explorer,
    mut watcher: RecommendedWatcher,
    changes: Arc<Changes>,
) {
    let mut folders = BTreeSet::new();
    loop {
        // Each folder is watched by itself, so that ignored ones cost nothing. New folders are added when they
        // appear.
        let walked = explorer.clone();
        let found = tokio::task::spawn_blocking(move || walked.folders()).await;
        for folder in found.unwrap_or_default() {
            if !folders.insert(folder.clone()) {
                continue;
            }
            if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
                tracing::warn!(%error, folder = %folder.display(), "not watched");
            }
        }
        changes.some.notified().await;
        tokio::time::sleep(QUIET).await;
        let paths: Vec<String> = changes.take().into_iter().collect();
        folders.retain(|folder| folder.is_dir());
        if let Err(error) = FilesChanged::broadcast(&ctx, paths).await {
            tracing::warn!(%error, "could not notify the panels");
        }
    }
}

impl Changes {
    fn add(&self, paths: impl Iterator<Item = String>) {
        let mut kept = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(paths);
        if !kept.is_empty() {
            self.some.notify_one();
        }
    }

    /// Takes as many paths as fit into a message. The others stay for the next message.
    fn take(&self) -> BTreeSet<String> {
        let mut kept = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = match kept.iter().nth(MAX_PATHS).cloned() {
            Some(first) => kept.split_off(&first),
            None => BTreeSet::new(),
        };
        if !rest.is_empty() {
            self.some.notify_one();
        }
        std::mem::replace(&mut *kept, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, Changes, MAX_PATHS};

    #[test]
    fn of_many_changes_none_is_lost() {
        let changes = Changes::default();
        changes.add((0..=2 * MAX_PATHS).map(|i| i.to_string()));
        let told = [
            changes.take(),
            changes.take(),
            changes.take(),
            changes.take(),
        ];
        assert_eq!(
            told.each_ref().map(BTreeSet::len),
            [MAX_PATHS, MAX_PATHS, 1, 0]
        );
        assert_eq!(told.into_iter().flatten().count(), 2 * MAX_PATHS + 1);
    }
}
