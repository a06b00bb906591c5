//! The number of connections that the system lets a process have.

/// Raises the limit as far as possible. Returns the number of connections that a process may then have.
#[cfg(unix)]
pub fn raise() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // If this is refused, the old limit stays.
    let _ = setrlimit(Resource::Nofile, raised);
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // Some files are open already.
    usize::try_from(allowed).map_or(usize::MAX, |allowed| allowed.saturating_sub(64))
}

/// No limit is known on this system.
#[cfg(not(unix))]
pub fn raise() -> usize {
    usize::MAX
}
