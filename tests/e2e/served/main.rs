//! A server with the functions of [`tests::fixture`], and all that calls it or disturbs it.
//!
//! These are one program, because linking a program takes longer than running most of them. What is collected is in every context of
//! a program, so no function here wants state of its own.

mod arriving;
mod bad_input;
mod boxed_errors;
mod broadcast;
#[cfg(feature = "every-feature")]
mod hosting;
mod http;
#[cfg(feature = "every-feature")]
mod inspect_panel;
mod javascript;
mod limits;
#[cfg(feature = "every-feature")]
mod messages;
#[cfg(feature = "every-feature")]
mod plain_http;
mod proxies;
mod run_time;
mod rust_client;
mod sse;
mod static_site;
#[cfg(feature = "every-feature")]
mod tls;
mod typed_errors;
mod values;
