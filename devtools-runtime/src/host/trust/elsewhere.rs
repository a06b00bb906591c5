//! The codes of the other processes.

use std::net::IpAddr;
use std::pin::Pin;

/// The other processes, which compare an offered code with theirs.
pub(crate) trait CodesElsewhere: Send + Sync {
    /// Returns whether a process has the code, which is used up then. `session` is the number of the session that offers it.
    fn redeem(
        &self,
        code: &str,
        session: u64,
        address: Option<IpAddr>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send>>;
}
