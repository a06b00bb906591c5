//! The programs of this user that serve panels on this machine, as devframe lists them: a file for each in `~/.devframe/instances`.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json_file;

/// The variable that names another folder for the files.
const FOLDER: &str = "DEVFRAME_INSTANCES_DIR";

/// The variable that turns the files off, if it is `1` or `true`.
#[cfg(feature = "cli")]
const DISABLED: &str = "DEVFRAME_DISABLE_INSTANCE_REGISTRY";

/// The most files that are read.
const MOST: usize = 64;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 64 * 1024;

/// The description of a running program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Instance {
    pub(crate) pid: u32,
    pub(crate) port: u16,
    pub(crate) origin: String,
    #[serde(default)]
    pub(crate) base_path: String,
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) root_dir: String,
    /// The path at which agents connect, if they may.
    #[serde(default)]
    pub(crate) mcp: Option<Value>,
    /// In milliseconds since 1970.
    #[serde(default)]
    pub(crate) started_at: f64,
}

/// Reads the descriptions, the program that started last first. Files that are not descriptions are left out. May
/// block.
pub(crate) fn read() -> Vec<Instance> {
    folder().map_or_else(Vec::new, |folder| read_in(&folder))
}

fn read_in(folder: &Path) -> Vec<Instance> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let descriptions = paths
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .take(MOST)
        .filter_map(|path| json_file::parse(&path, MOST_BYTES).ok()?.ok());
    let mut instances: Vec<Instance> = descriptions.collect();
    instances.sort_by(|a, b| b.started_at.total_cmp(&a.started_at));
    // A program that was killed has left its file, and another one may have its port now.
    let mut seen = Vec::new();
    instances.retain(|it| {
        let place = (it.port, it.base_path.clone());
        let is_new = !seen.contains(&place);
        seen.push(place);
        is_new
    });
    instances
}

/// The file of this program. Dropping it removes the file.
#[cfg(feature = "cli")]
#[derive(Debug)]
pub(crate) struct InstanceFile(PathBuf);

#[cfg(feature = "cli")]
impl InstanceFile {
    /// Writes the file of a server, unless the plugin for agents has already written one. Returns `None`, and logs
    /// the reason, if it cannot be written: the server works without it. May block.
    pub(crate) fn write(instance: &Instance) -> Option<Self> {
        let is_disabled = env::var(DISABLED).is_ok_and(|it| it == "1" || it == "true");
        let folder = folder().filter(|_| !is_disabled)?;
        let file = folder.join(format!("{}-{}.json", instance.pid, instance.port));
        if file.exists() {
            return None;
        }
        match json_file::store(&file, instance) {
            Ok(()) => Some(Self(file)),
            Err(error) => {
                let file = file.display();
                tracing::debug!(%error, "could not write {file}: other programs do not list this one");
                None
            }
        }
    }
}

#[cfg(feature = "cli")]
impl Drop for InstanceFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            // A reader that found the server gone may have removed the file.
            if error.kind() != std::io::ErrorKind::NotFound {
                tracing::debug!(%error, "could not remove {}", self.0.display());
            }
        }
    }
}

impl Instance {
    /// Returns whether it is this process.
    pub(crate) fn is_current(&self) -> bool {
        self.pid == process::id()
    }
}

/// Returns the milliseconds since 1970.
#[cfg(feature = "cli")]
pub(crate) fn now() -> f64 {
    use std::time::{SystemTime, UNIX_EPOCH};

    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0.0, |time| (time.as_secs_f64() * 1000.0).round())
}

fn folder() -> Option<PathBuf> {
    let named = env::var_os(FOLDER).filter(|folder| !folder.is_empty());
    let of_user = || Some(env::home_dir()?.join(".devframe/instances"));
    named.map(PathBuf::from).or_else(of_user)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{MOST_BYTES, read_in};

    #[test]
    fn descriptions_are_read_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let instance = |pid: u32, port: u16, started: u32| {
            format!(
                r#"{{"pid":{pid},"port":{port},"origin":"http://x","basePath":"/a/","mcp":null,"startedAt":{started}}}"#
            )
        };
        write("1-7812.json", &instance(1, 7812, 5));
        write("2-7813.json", &instance(2, 7813, 7));
        write("3-7812.json", &instance(3, 7812, 6));
        write("4.json", "{");
        write("5.json", r#"{"pid":"x"}"#);
        write("6.txt", &instance(6, 1, 1));
        let padding = " ".repeat(usize::try_from(MOST_BYTES).unwrap());
        write("7.json", &(padding + &instance(7, 2, 9)));
        let pids: Vec<_> = read_in(folder.path()).iter().map(|it| it.pid).collect();
        assert_eq!(pids, [2, 3]);
        assert!(read_in(&folder.path().join("missing")).is_empty());
    }
}
