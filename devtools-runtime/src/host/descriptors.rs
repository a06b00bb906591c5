//! How many file descriptors the process may have.

/// Returns `wanted`, or what a quarter of the file descriptors allows if that is less.
///
/// The rest is for trusted clients, files, and what else the program does.
pub(crate) fn share_of_descriptors(wanted: usize) -> usize {
    match limit() {
        Some(all) => wanted.min(all / 4).max(1),
        None => wanted,
    }
}

#[cfg(unix)]
fn limit() -> Option<usize> {
    use rustix::process::{Resource, getrlimit};

    usize::try_from(getrlimit(Resource::Nofile).current?).ok()
}

#[cfg(not(unix))]
fn limit() -> Option<usize> {
    None
}
