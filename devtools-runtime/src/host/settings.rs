//! Settings: shared states that are stored in files, one file for each ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::blocking;
use crate::files;
use crate::host::context_settings::Settings;
use crate::mutex::Mutex;
use crate::state::{SharedState, StateStore, StoreOwner, StoredState};
use crate::wire::js;

/// The prefix of the keys of settings.
const PREFIX: &str = "devframe:settings:";

/// The key of the interface's own settings, which the interface writes ([protocol 13.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#131-states)).
const USER_SETTINGS: &str = "devframe:user-settings";

/// The delay between a change and the write of its file, so that changes in quick succession are written together.
const DELAY: Duration = Duration::from_millis(100);

/// The files of the settings.
pub(crate) struct SettingsFiles {
    /// `None` if the user has no home directory.
    global: Option<PathBuf>,
    project: PathBuf,
    max_size: u64,
    open: Arc<Mutex<OpenFiles>>,
}

/// The settings that are in use. The lock is held for list operations only.
#[derive(Default)]
struct OpenFiles {
    files: Vec<Arc<SettingsFile>>,
    tasks: JoinSet<()>,
}

/// The file of one shared state.
struct SettingsFile {
    path: PathBuf,
    values: watch::Receiver<Arc<js::Value>>,
    /// The value in the file. The lock is held on threads that may block, and when the program ends.
    stored: Mutex<Arc<js::Value>>,
}

impl SettingsFiles {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (global, project) = match &settings.options.storage {
            Some(folder) => (Some(folder.join("global")), folder.join("project")),
            None => (
                files::folder_of_this_user(),
                settings.workspace_root.join(files::FOLDER),
            ),
        };
        // The file is indented for people to read, so it is larger than the state's value.
        let max_size = (settings.limits.state_bytes as u64).saturating_mul(8);
        Self {
            global,
            project,
            max_size,
            open: Arc::default(),
        }
    }

    /// Returns the file of a key, or `None` if the key belongs to no settings.
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

impl StateStore for SettingsFiles {
    fn store(&self) {
        let files = self.open.lock().files.clone();
        for file in files {
            file.store();
        }
    }

    fn owner(&self, key: &str) -> Option<StoreOwner> {
        self.path(key)?;
        Some(if key == USER_SETTINGS {
            StoreOwner::Runtime
        } else {
            StoreOwner::Client
        })
    }

    fn release(&self, key: &str) {
        let Some(path) = self.path(key) else { return };
        let file = {
            let mut open = self.open.lock();
            let index = open.files.iter().position(|file| file.path == path);
            index.map(|index| open.files.swap_remove(index))
        };
        if let Some(file) = file {
            file.store();
        }
    }

    fn load(&self, key: &str) -> Option<StoredState> {
        let path = self.path(key)?;
        // This blocks the session's task. The file is small, and it is read only when the setting is opened.
        files::clear_drafts(&path);
        let value = match files::load(&path, self.max_size) {
            Ok(value) => value,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, path = %path.display(), "could not read stored settings; starting with the initial ones");
                }
                initial(key)
            }
        };
        let open = Arc::clone(&self.open);
        let watch = move |state: SharedState<js::Value>| {
            let values = state.subscribe();
            let stored = Mutex::new(state.value());
            let file = Arc::new(SettingsFile {
                path,
                values,
                stored,
            });
            let mut open = open.lock();
            // Removes the ended tasks of settings that were released.
            while open.tasks.try_join_next().is_some() {}
            open.files.push(Arc::clone(&file));
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                open.tasks.spawn_on(file.store_changes(), &runtime);
            } else {
                tracing::debug!(
                    "there is no tokio runtime: settings are stored when the program ends"
                );
            }
        };
        Some(StoredState {
            value,
            watch: Box::new(watch),
        })
    }
}

impl Drop for SettingsFiles {
    fn drop(&mut self) {
        // Stores the changes of the last moments.
        self.store();
    }
}

impl SettingsFile {
    /// Stores every change until the state is released.
    async fn store_changes(self: Arc<Self>) {
        let mut values = self.values.clone();
        while values.changed().await.is_ok() {
            tokio::time::sleep(DELAY).await;
            values.mark_unchanged();
            let file = Arc::clone(&self);
            if blocking::store(move || file.store()).await.is_err() {
                return;
            }
        }
        // A change may have come between the last write and the release of the state.
        let file = Arc::clone(&self);
        drop(tokio::task::spawn_blocking(move || file.store()).await);
    }

    fn store(&self) {
        let mut stored = self.stored.lock();
        let value = Arc::clone(&self.values.borrow());
        if Arc::ptr_eq(&value, &stored) {
            return;
        }
        match files::store(&self.path, &*value) {
            Ok(()) => *stored = value,
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "could not store settings; the next change tries again");
            }
        }
    }
}

crate::debug_impl! { SettingsFiles { global, project, .. } }

/// Returns the initial value of settings.
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
            open: Arc::default(),
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
