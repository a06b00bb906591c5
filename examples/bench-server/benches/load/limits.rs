//! How many connections the system lets a process have.

/// Raises the limit as far as it may be raised. How many connections a process may then have, on either side.
#[cfg(unix)]
pub fn raise() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // If it is refused, what was allowed before still is.
    let _ = setrlimit(Resource::Nofile, raised);
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // Some are open already.
    usize::try_from(allowed).map_or(usize::MAX, |allowed| allowed.saturating_sub(64))
}

/// No limit is known of here.
#[cfg(not(unix))]
pub fn raise() -> usize {
    usize::MAX
}
