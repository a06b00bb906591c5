//! The limit of file descriptors that the process may open.

/// Returns `wanted`, or a quarter of the process's file descriptors if that is less.
///
/// The other descriptors are for trusted clients, files, and the rest of the program.
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
