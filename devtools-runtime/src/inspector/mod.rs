#![doc = include_str!("../docs/modules/inspector.md")]

// The inspector is a page of the mount, and functions that only this page calls. The page is written in `page/`, and is embedded in the program.

mod answers;
mod editor;
mod frames;
mod functions;
mod options;
mod page;
mod panel_answers;
mod panel_functions;
mod states;
mod streams;

pub use self::editor::{Editor, NoEditor};
pub use self::options::Inspector;

pub(crate) use self::answers::{describe, register};
pub(crate) use self::page::{DESCRIPTION, FILES, FOLDER, PagePath, is_shown, path_in_folder};
