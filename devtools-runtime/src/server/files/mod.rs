//! Serves the files of a view, as the hosting of the JavaScript server does.
//!
//! [`serve`](serve::serve) answers a request in two steps. [`find`](find::find) finds the file for a path, and
//! [`respond`](respond::respond) decides which part of it is sent. Both run on threads that may block, and use files
//! through the traits [`Tree`](tree::Tree) and [`Content`](tree::Content) only, so that folders and embedded files
//! behave the same.

mod asked;
#[cfg(feature = "static-files")]
mod body;
mod embedded;
mod encoding;
mod find;
#[cfg(feature = "static-files")]
mod folder;
mod respond;
mod serve;
mod tree;

pub(crate) use self::serve::{exactly, serve};
