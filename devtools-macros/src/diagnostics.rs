//! Collects the problems of one expansion.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// The problems of one expansion. They are collected so that one compile shows all of them.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Option<Error>,
}

impl Diagnostics {
    /// Reports `problem` at the tokens `at`, with a help line that says what to write.
    pub(crate) fn error(
        &mut self,
        at: impl ToTokens,
        problem: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        let message = format!("{}\nhelp: {}", problem.as_ref(), help.as_ref());
        self.report(Error::new_spanned(at, message));
    }

    /// Reports an error of the parser.
    pub(crate) fn report(&mut self, error: Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// Returns the value, or reports the error.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.report(error)).ok()
    }

    pub(crate) fn count(&self) -> usize {
        self.errors.iter().flatten().count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_none()
    }

    /// Writes the problems as `compile_error!`s.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.errors
            .map(Error::into_compile_error)
            .unwrap_or_default()
    }
}
