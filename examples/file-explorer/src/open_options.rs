//! How files and folders are opened: links are not followed.

use cap_std::fs::OpenOptions;
#[cfg(unix)]
use cap_std::fs::OpenOptionsExt as _;
#[cfg(unix)]
use rustix::fs::OFlags;

/// Returns the options for reading a file: links are refused, and a FIFO does not block.
pub(crate) fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    flags(&mut options, OFlags::NONBLOCK | OFlags::NOFOLLOW);
    options
}

/// Returns the options for opening a folder: links are refused.
#[cfg(unix)]
pub(crate) fn entering() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    flags(&mut options, OFlags::DIRECTORY | OFlags::NOFOLLOW);
    options
}

#[cfg(unix)]
fn flags(options: &mut OpenOptions, flags: OFlags) {
    #[expect(clippy::cast_possible_wrap, reason = "C has these flags as an `int`")]
    options.custom_flags(flags.bits() as i32);
}
