//! The functions of the file explorer.

mod get_info;
mod list_files;
mod read_file;
mod write_file;

pub use self::get_info::{GetInfo, Info, get_info};
pub use self::list_files::{ListFiles, list_files};
pub use self::read_file::{ReadFile, read_file};
pub use self::write_file::{WriteFile, write_file};
