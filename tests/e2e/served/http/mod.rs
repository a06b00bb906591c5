//! The HTTP side: documents, views, redirects, and mounting into an application.

mod documents;
mod exchange;
mod mounting;
mod origins;
