//! The file that tells agents of this machine that a server runs. `devframe connect` reads it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, io, process};

use devtools_runtime::Server;
use serde_json::json;

use crate::plugin::Options;

/// The folder of the files, if it is not `~/.devframe/instances`.
const FOLDER: &str = "DEVFRAME_INSTANCES_DIR";

/// Turns the files off, if it is `1` or `true`.
const DISABLED: &str = "DEVFRAME_DISABLE_INSTANCE_REGISTRY";

/// The file of one server. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct InstanceFile(PathBuf);

impl InstanceFile {
    /// Writes the file of a server that listens. Returns `None`, and logs the reason, if it cannot be written: the server works
    /// without it.
    pub(crate) fn write(server: &Server, options: &Options, route: &str) -> Option<Self> {
        let is_disabled = env::var(DISABLED).is_ok_and(|it| it == "1" || it == "true");
        let folder = folder().filter(|_| !is_disabled)?;
        let (pid, port) = (process::id(), server.local_addr().port());
        let (origin, url) = (server.url_of(""), server.url());
        let base = url.strip_prefix(&origin).unwrap_or("/");
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        let started = started.map_or(0, |time| {
            u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
        });
        let record = json!({
            "pid": pid,
            "port": port,
            "origin": origin,
            "basePath": base,
            "id": options.name,
            "name": options.name,
            "rootDir": server.devtools().context().cwd(),
            "mcp": { "path": format!("{base}{route}") },
            "startedAt": started,
        });
        let file = folder.join(format!("{pid}-{port}.json"));
        match replace(&folder, &file, &format!("{record:#}\n")) {
            Ok(()) => Some(Self(file)),
            Err(error) => {
                let file = file.display();
                tracing::warn!(%error, "could not write {file}: agents do not find this server by themselves");
                None
            }
        }
    }
}

impl Drop for InstanceFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            // A reader that found the server gone may have removed the file.
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, "could not remove {}", self.0.display());
            }
        }
    }
}

fn folder() -> Option<PathBuf> {
    let named = env::var_os(FOLDER).filter(|folder| !folder.is_empty());
    named
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".devframe/instances")))
}

/// Writes a file as a whole: a reader sees all of it or nothing.
fn replace(folder: &Path, file: &Path, content: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let temporary = file.with_extension("tmp");
    fs::write(&temporary, content)?;
    fs::rename(&temporary, file)
}
