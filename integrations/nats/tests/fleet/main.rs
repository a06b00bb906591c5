//! Several programs behave as one: inside a process, over a real `nats-server`, and in several processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "these are tests"
)]

/// Makes a test of a check for each backplane.
macro_rules! for_each_backplane {
    ($($check:ident),* $(,)?) => {
        mod in_process {
            $(#[tokio::test]
            async fn $check() {
                let bus = devtools_runtime::backplane::InProcess::new();
                super::$check(bus.link(), bus).await;
            })*
        }

        mod nats {
            $(#[tokio::test]
            async fn $check() {
                let Some(server) = crate::server::NatsServer::start(stringify!($check)) else {
                    return;
                };
                let first = server.options().connect().await.unwrap();
                let second = server.options().connect().await.unwrap();
                super::$check(first, second).await;
            })*
        }
    };
}

mod addressed;
mod behaves;
mod clients;
mod crossing;
mod faults;
mod killed;
mod mutated;
mod partitioned;
mod processes;
mod relayed;
mod server;
mod states;
mod streams;
mod trust;
mod types;
mod workers;
