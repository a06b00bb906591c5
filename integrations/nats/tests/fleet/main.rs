//! Several programs behave as one: inside a process, over a real `nats-server`, and in several processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "these are tests"
)]

/// Makes a test of a check for each backplane. A check gets the links of two processes, or of three: `for_each_backplane!(three: …)`.
macro_rules! for_each_backplane {
    (three: $($check:ident),* $(,)?) => {
        for_each_backplane!(@ [link link link] $($check)*);
    };
    ($($check:ident),* $(,)?) => {
        for_each_backplane!(@ [link link] $($check)*);
    };
    (@ $links:tt $($check:ident)*) => {
        mod in_process {
            $(#[tokio::test]
            async fn $check() {
                let bus = devtools_runtime::backplane::InProcess::new();
                for_each_backplane!(@call $check, bus.link(), bus, $links);
            })*
        }

        mod nats {
            $(#[tokio::test]
            async fn $check() {
                let Some(server) = crate::server::NatsServer::start(stringify!($check)) else {
                    return;
                };
                let link = async || server.options().connect().await.unwrap();
                for_each_backplane!(@call $check, link().await, link().await, $links);
            })*
        }
    };
    (@call $check:ident, $link:expr, $last:expr, [link link]) => {
        super::$check($link, $last).await
    };
    (@call $check:ident, $link:expr, $last:expr, [link link link]) => {
        super::$check($link, $link, $last).await
    };
}

mod addressed;
mod behaves;
mod clients;
mod crossing;
mod faults;
mod full;
mod hostile;
mod killed;
mod mutated;
mod partitioned;
mod processes;
mod relayed;
mod secured;
mod server;
mod states;
mod streams;
mod subscriber;
mod trust;
mod types;
mod workers;
