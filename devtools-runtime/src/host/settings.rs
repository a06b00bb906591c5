//! Settings: shared states that outlive the program (`protocol.md` 7).

use std::path::{Component, Path, PathBuf};

use crate::host::Settings;
use crate::state::{Resolve, Stored};

/// The files of the settings.
#[derive(Debug)]
pub(crate) struct SettingsFiles {
    global: Option<PathBuf>,
    project: PathBuf,
}

impl SettingsFiles {
    pub(crate) fn new(_settings: &Settings) -> Self {
        Self {
            global: None,
            project: PathBuf::new(),
        }
    }
}

impl Resolve for SettingsFiles {
    fn resolve(&self, _key: &str) -> Option<Stored> {
        None
    }
}
