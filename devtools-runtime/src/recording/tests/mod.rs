//! Recordings from the program to the replay, in memory.

mod dumps;
mod files;
mod replays;
mod secrets;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::recording::{Recorder, Recording, ReplayOptions};
use crate::{DevTools, DevToolsBuilder, Gate};

/// A folder for recordings, and a file in it.
pub(super) struct Place {
    _folder: TempDir,
    pub(super) file: PathBuf,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("session.jsonl");
        Self {
            _folder: folder,
            file,
        }
    }

    pub(super) fn recorder(&self) -> Recorder {
        Recorder::new(&self.file)
    }

    pub(super) fn text(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }

    pub(super) fn recording(&self) -> Recording {
        Recording::open(&self.file).unwrap()
    }
}

pub(super) fn builder() -> DevToolsBuilder {
    DevTools::builder().without_collected()
}

/// A program without functions that replays a recording.
pub(super) async fn replaying(recording: &Recording, options: ReplayOptions) -> DevTools {
    let devtools = builder().build().await.unwrap();
    devtools.replay(recording, options).unwrap();
    devtools
}

pub(super) fn gate(storage: &Path, token: &str) -> Gate {
    Gate::new()
        .storage(storage.join("tokens.json"))
        .token(token)
}

/// Waits until something holds.
pub(super) async fn eventually(mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came");
}
