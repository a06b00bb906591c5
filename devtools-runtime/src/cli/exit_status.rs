//! The exit status in the help of the commands.

/// The end of each help text.
pub(super) const EXIT_STATUS: &str =
    "Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.";
