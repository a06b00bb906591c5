//! Sessions over server-sent events: what was recorded of the JavaScript server, and bare HTTP.

pub(crate) mod bare_http;
mod bounds;
mod discovery;
mod ends;
mod outside;
mod recorded;
mod sessions;
