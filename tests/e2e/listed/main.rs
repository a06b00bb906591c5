//! Contexts that list their functions and take none of what is collected, so their functions may want any state: streams, calls
//! that are cancelled, declarations of another crate, and the panels of the examples in a browser.

mod analytics;
mod browser;
mod cancellation;
mod implements;
mod inspector;
mod streaming;
mod streaming_chat;
