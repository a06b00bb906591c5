//! Two gateways and three workers over a real `nats-server`, with their panels in a real browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

#[path = "../../../integrations/nats/tests/fleet/server.rs"]
mod server;

use std::process::Stdio;

use tests::node;
use tests::wait::in_time;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use self::server::NatsServer;

/// Starts the example, as its user would in a terminal. It ends when the child is dropped.
fn start(nats: &NatsServer, arguments: &[&str], log: Stdio) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fleet"))
        .args(["--nats", &nats.address()])
        .args(arguments)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Returns the address of the panel that a gateway prints, between the lines of its log.
async fn panel_of(gateway: &mut Child) -> String {
    let mut lines = BufReader::new(gateway.stderr.take().unwrap()).lines();
    in_time(async move {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(address) = line.strip_prefix("panel: ") {
                return address.to_owned();
            }
        }
        panic!("the gateway has ended");
    })
    .await
}

#[tokio::test]
async fn the_panels_of_all_gateways_show_which_workers_have_answered() {
    let Some(nats) = NatsServer::start("fleet") else {
        return;
    };
    let names = ["one", "two", "three"];
    let _workers = names.map(|name| start(&nats, &["worker", name], Stdio::null()));
    let mut gateways = [0, 1].map(|_| start(&nats, &["gateway", "--port", "0"], Stdio::piped()));
    let [first, second] = &mut gateways;
    let panels = [panel_of(first).await, panel_of(second).await];
    node::run_browser("fleet-panel.mjs", &[&panels[0], &panels[1]]).await;
}
