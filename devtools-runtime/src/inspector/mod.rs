#![doc = include_str!("../docs/modules/inspector.md")]

// The inspector is a page of the mount, and functions that only this page calls. The page is written in `page/`, and is embedded in the program.

mod answers;
mod frames;
mod functions;
mod options;
mod page;

pub use self::options::Inspector;

pub(crate) use self::answers::{describe, register};
pub(crate) use self::page::{DESCRIPTION, FILES, FOLDER, PagePath, is_shown, path_in_folder};
