//! The functions of the file explorer.

mod get_info;
mod list_files;
mod read_file;
mod write_file;

pub use self::get_info::{GetInfo, Info};
pub use self::list_files::ListFiles;
pub use self::read_file::ReadFile;
pub use self::write_file::WriteFile;
