//! The location of a function in the source.

use std::fmt;
use std::panic::Location;

/// A line of the source, for messages that distinguish two functions.
///
/// ```
/// use devtools_runtime::define_rpc_function;
///
/// let ping = define_rpc_function("my-plugin:ping").handler(|| true);
/// let location = ping.location();
/// println!("`{}` is defined at {location}", ping.name());
/// assert!(location.line > 0 && location.file.ends_with(".rs"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLocation {
    /// The file, with the path that the compiler was given.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
    /// The package of the file. Empty for a closure.
    pub package: &'static str,
}

impl SourceLocation {
    /// Returns the line that calls this, or that calls a function marked `#[track_caller]`. `package` is the package of that
    /// line, and empty if it is not known.
    #[doc(hidden)]
    #[track_caller]
    pub const fn of_caller(package: &'static str) -> Self {
        let location = Location::caller();
        Self {
            file: location.file(),
            line: location.line(),
            package,
        }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match self.package {
            // A closure does not know its package.
            "" => Ok(()),
            package => write!(f, " (package {package})"),
        }
    }
}
