//! The HTTP side: documents, views, redirects, and mounting into an application.

#[cfg(feature = "every-feature")]
mod documents;
mod exchange;
mod mounting;
mod origins;
