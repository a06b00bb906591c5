//! Starts the editor.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::function::{PluginState, RemoteError, SourceLocation};
use crate::inspector::editor::arguments::{EditorPosition, arguments, name_of, needs_terminal};
use crate::inspector::editor::command::Editor;
use crate::inspector::editor::source;
use crate::mutex::Mutex;

/// The most processes of editors that run at the same time. Most editors hand the file to a window that is open already, and end at once.
const MOST_RUNNING: usize = 16;

/// The time for which a started process is watched. If it fails in this time, the failure is reported.
const WATCHED: Duration = Duration::from_millis(500);

/// The time between two checks of the process.
const STEP: Duration = Duration::from_millis(25);

/// Opens source files in an editor.
#[derive(Debug)]
pub(crate) struct EditorLauncher {
    editor: Editor,
    /// The processes that have not been seen to end. They outlive the program.
    running: Mutex<Vec<Child>>,
}

impl PluginState for EditorLauncher {}

impl EditorLauncher {
    pub(crate) fn new(editor: Editor) -> Self {
        Self {
            editor,
            running: Mutex::default(),
        }
    }

    /// Returns the name of the editor, for people.
    pub(crate) fn name(&self) -> String {
        name_of(&self.editor.program)
    }

    /// Opens a source file of the program. Returns its path when the editor has started, or has ended without a failure.
    pub(crate) async fn open(
        &self,
        location: SourceLocation,
        workspace_root: &Path,
    ) -> Result<String, RemoteError> {
        let (file, line) = (location.file, location.line);
        let found = self.find(file, workspace_root).ok_or_else(|| {
            let what = format!(
                "the source file `{file}` was not found: the program does not run where it was compiled; name the root of its workspace with `Editor::source_root`"
            );
            RemoteError::coded("source-not-found", what)
        })?;
        let path = found.to_string_lossy().into_owned();
        let column = 1;
        let child = self.start(EditorPosition {
            file: &path,
            line,
            column,
        })?;
        self.watch(child).await?;
        Ok(path)
    }

    fn find(&self, file: &str, workspace_root: &Path) -> Option<PathBuf> {
        if let Some(root) = &self.editor.source_root {
            return source::find(file, &[root]);
        }
        let current = std::env::current_dir().unwrap_or_default();
        let program = std::env::current_exe().unwrap_or_default();
        source::find(file, &[&current, &program, workspace_root])
    }

    /// Starts the process of the editor.
    fn start(&self, place: EditorPosition<'_>) -> Result<Child, RemoteError> {
        let Editor {
            program,
            arguments: given,
            ..
        } = &self.editor;
        if needs_terminal(program, given) {
            let what = format!(
                "`{program}` draws in a terminal, which the server cannot give it; name an editor with a window, such as `code`, `zed` or `gvim`"
            );
            return Err(RemoteError::coded("editor-needs-terminal", what));
        }
        {
            let mut running = self.running.lock();
            running.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
            if running.len() >= MOST_RUNNING {
                let what = format!(
                    "{MOST_RUNNING} processes of `{program}` are running; close one of them"
                );
                return Err(RemoteError::coded("too-many-editors", what));
            }
        }
        let arguments = arguments(program, given, place);
        spawn(program, &arguments).map_err(|error| {
            let what = match error.kind() {
                io::ErrorKind::NotFound => format!(
                    "the editor `{program}` was not found; name one that is on the PATH, or its whole path"
                ),
                _ => format!("the editor `{program}` could not be started: {error}"),
            };
            RemoteError::coded("editor-not-started", what)
        })
    }

    /// Waits for a short time, to report an editor that fails at once.
    async fn watch(&self, mut child: Child) -> Result<(), RemoteError> {
        let mut waited = Duration::ZERO;
        while waited < WATCHED {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    let what = format!("the editor `{}` failed: {status}", self.editor.program);
                    return Err(RemoteError::coded("editor-failed", what));
                }
                Ok(None) | Err(_) => {}
            }
            tokio::time::sleep(STEP).await;
            waited += STEP;
        }
        self.running.lock().push(child);
        Ok(())
    }
}

/// Starts a program without a shell, and with no input and output.
fn spawn(program: &str, arguments: &[String]) -> io::Result<Child> {
    let start = |program: &str| {
        let mut command = Command::new(program);
        command.args(arguments);
        command.stdin(Stdio::null());
        command.stdout(Stdio::null());
        command.stderr(Stdio::null()).spawn()
    };
    match start(program) {
        // On Windows, most editors have a script beside the program, which is found only by its whole name.
        Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::NotFound => {
            start(&format!("{program}.cmd"))
        }
        started => started,
    }
}
