//! Settings: shared states that outlive the program, each in a file of its own ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).

use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::blocking;
use crate::host::Settings;
use crate::host::trust::file;
use crate::state::{KeptFor, Resolve, SharedState, Stored};
use crate::wire::js;

/// What the keys begin with.
const PREFIX: &str = "devframe:settings:";

/// What a user has set of the interface itself, which writes it ([protocol 13.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#131-states)).
const USER_SETTINGS: &str = "devframe:user-settings";

/// How long after a change its file is written: many come at once.
const DELAY: Duration = Duration::from_millis(100);

/// The files of the settings.
pub(crate) struct SettingsFiles {
    /// `None` if the user has no home.
    global: Option<PathBuf>,
    project: PathBuf,
    max_size: u64,
    kept: Arc<Mutex<Kept>>,
}

/// The settings that were touched. The lock is held for operations of lists.
#[derive(Default)]
struct Kept {
    files: Vec<Arc<SettingsFile>>,
    tasks: JoinSet<()>,
}

/// One file.
struct SettingsFile {
    path: PathBuf,
    values: watch::Receiver<Arc<js::Value>>,
    /// What it says. The lock is held on threads that may block, and when the program ends.
    stored: Mutex<Arc<js::Value>>,
}

impl SettingsFiles {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (global, project) = match &settings.storage {
            Some(folder) => (Some(folder.join("global")), folder.join("project")),
            None => (
                file::folder_of_this_user(),
                settings.workspace_root.join(file::FOLDER),
            ),
        };
        // Written for people to read, a value takes more room than as a state.
        let max_size = (settings.limits.state_bytes as u64).saturating_mul(8);
        Self {
            global,
            project,
            max_size,
            kept: Arc::default(),
        }
    }

    /// The file of a key; `None` if it is a key like any other.
    fn path(&self, key: &str) -> Option<PathBuf> {
        if key == USER_SETTINGS {
            return Some(self.project.join("user-settings.json"));
        }
        let (scope, namespace) = key.strip_prefix(PREFIX)?.split_once(':')?;
        let folder = match scope {
            "global" => self.global.as_deref()?,
            "project" => &self.project,
            _ => return None,
        };
        let mut parts = Path::new(namespace).components();
        let stays = parts.all(|part| matches!(part, Component::Normal(_)));
        if namespace.is_empty() || namespace.contains(['\0', '\\']) || !stays {
            return None;
        }
        Some(folder.join("settings").join(format!("{namespace}.json")))
    }
}

impl Resolve for SettingsFiles {
    fn store(&self) {
        let files = lock(&self.kept).files.clone();
        for file in files {
            file.store();
        }
    }

    fn kept(&self, key: &str) -> Option<KeptFor> {
        self.path(key)?;
        Some(if key == USER_SETTINGS {
            KeptFor::Own
        } else {
            KeptFor::Named
        })
    }

    fn release(&self, key: &str) {
        let Some(path) = self.path(key) else { return };
        let file = {
            let mut kept = lock(&self.kept);
            let place = kept.files.iter().position(|file| file.path == path);
            place.map(|place| kept.files.swap_remove(place))
        };
        if let Some(file) = file {
            file.store();
        }
    }

    fn resolve(&self, key: &str) -> Option<Stored> {
        let path = self.path(key)?;
        // A small file, once in the life of a context: what follows from the same client waits for it.
        file::clear_drafts(&path);
        let value = match file::load(&path, self.max_size) {
            Ok(value) => value,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, path = %path.display(), "stored settings cannot be read");
                }
                initial(key)
            }
        };
        let kept = Arc::clone(&self.kept);
        let keep = move |state: SharedState<js::Value>| {
            let values = state.subscribe();
            let stored = Mutex::new(state.value());
            let file = Arc::new(SettingsFile {
                path,
                values,
                stored,
            });
            let mut kept = lock(&kept);
            // Those of settings that were released.
            while kept.tasks.try_join_next().is_some() {}
            kept.files.push(Arc::clone(&file));
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                kept.tasks.spawn_on(file.keep(), &runtime);
            } else {
                tracing::debug!("settings are stored when the program ends");
            }
        };
        Some(Stored {
            value,
            keep: Box::new(keep),
        })
    }
}

impl Drop for SettingsFiles {
    fn drop(&mut self) {
        // What was changed in the last moments.
        self.store();
    }
}

impl SettingsFile {
    /// Stores every change, until there can be none.
    async fn keep(self: Arc<Self>) {
        let mut values = self.values.clone();
        while values.changed().await.is_ok() {
            tokio::time::sleep(DELAY).await;
            values.mark_unchanged();
            let file = Arc::clone(&self);
            if blocking::store(move || file.store()).await.is_err() {
                return;
            }
        }
        // A change may have come between its release and this.
        let file = Arc::clone(&self);
        drop(tokio::task::spawn_blocking(move || file.store()).await);
    }

    fn store(&self) {
        let mut stored = lock(&self.stored);
        let value = Arc::clone(&self.values.borrow());
        if Arc::ptr_eq(&value, &stored) {
            return;
        }
        match file::store(&self.path, &*value) {
            Ok(()) => *stored = value,
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "settings cannot be stored");
            }
        }
    }
}

impl fmt::Debug for SettingsFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SettingsFiles")
            .field("global", &self.global)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

/// What settings are before anybody has set something.
fn initial(key: &str) -> js::Value {
    let none = || js::Value::Array(Vec::new());
    let empty = || js::Value::Object(Vec::new());
    if key != USER_SETTINGS {
        return empty();
    }
    let settings = [
        ("docksHidden", none()),
        ("docksCategoriesHidden", none()),
        ("docksPinned", none()),
        ("docksCustomOrder", empty()),
        ("commandShortcuts", empty()),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    js::Value::Object(settings.into())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No critical section can leave the value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::SettingsFiles;

    #[test]
    fn a_namespace_does_not_climb_out() {
        let files = SettingsFiles {
            global: Some("/home/settings".into()),
            project: "/project".into(),
            max_size: 0,
            kept: Arc::default(),
        };
        let path = |key: &str| files.path(key);
        assert_eq!(
            path("devframe:settings:project:my-plugin").as_deref(),
            Some(Path::new("/project/settings/my-plugin.json"))
        );
        assert_eq!(
            path("devframe:settings:global:a/b:c").as_deref(),
            Some(Path::new("/home/settings/settings/a/b:c.json"))
        );
        for key in [
            "devframe:settings:project:",
            "devframe:settings:project:..",
            "devframe:settings:project:../auth",
            "devframe:settings:project:a/../../auth",
            "devframe:settings:project:/etc/passwd",
            "devframe:settings:project:..\\auth",
            "devframe:settings:project:a\0b",
            "devframe:settings:workspace:a",
            "devframe:settings:project",
            "my-plugin:settings",
        ] {
            assert_eq!(path(key), None, "{key}");
        }
    }
}
