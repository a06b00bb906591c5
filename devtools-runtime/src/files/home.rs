//! The folder in which this program stores the files of its user.

use std::path::PathBuf;

/// The folder in the user's home directory in which programs store their files, each in a folder of its own.
pub(crate) const FOLDER: &str = ".devtools-runtime";

/// Returns the name of this program, or an empty text if it is unknown.
#[cfg(any(feature = "server", feature = "recording"))]
pub(crate) fn program_name() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_ref().and_then(|program| program.file_stem());
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the folder of this program and its user, or `None` if the user has no home.
pub(crate) fn folder_of_this_user() -> Option<PathBuf> {
    let home = std::env::home_dir().filter(|home| home.is_absolute())?;
    let program = std::env::current_exe().ok()?;
    Some(home.join(FOLDER).join(program.file_stem()?))
}
