//! Where in the source a function was defined.

use std::fmt;
use std::panic::Location;

/// A place in the source, for messages that must say which of two functions is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLocation {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
    /// The package the file belongs to.
    pub package: &'static str,
}

impl SourceLocation {
    /// Returns the line that calls this, or that calls a function marked `#[track_caller]`. Its package is not known.
    #[track_caller]
    pub(crate) fn of_caller() -> Self {
        let location = Location::caller();
        Self {
            file: location.file(),
            line: location.line(),
            package: "",
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
