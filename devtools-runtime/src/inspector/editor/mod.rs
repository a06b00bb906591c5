//! Opening source files in the editor of the developer.

mod arguments;
mod command;
mod launch;
mod source;

pub use self::command::{Editor, NoEditor};

pub(crate) use self::launch::EditorLauncher;
