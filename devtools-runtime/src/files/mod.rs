//! JSON files that several processes share and that are replaced as a whole, locks on files, and regular files.

mod home;
#[cfg(feature = "inspector")]
pub(crate) mod instances;
mod json_file;
mod lock;
pub(crate) mod regular_file;

#[cfg(any(feature = "server", feature = "recording"))]
pub(crate) use self::home::program_name;
pub(crate) use self::home::{FOLDER, folder_of_this_user};
pub(crate) use self::json_file::{
    Stamp, clear_drafts, create_folder, load, parse, put_aside, stamp, store,
};
pub(crate) use self::lock::{FileLock, try_lock};
