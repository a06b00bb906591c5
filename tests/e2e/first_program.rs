//! The first program of the README prints an address, and its panel works there.

use std::process::Stdio;
use std::time::Duration;

use tests::node;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

#[tokio::test]
async fn the_first_program_shows_its_panel() {
    // Tokens are kept in the home of the user.
    let home = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_first-program"))
        .env("HOME", home.path())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line());
    let line = line.await.expect("a line in time").unwrap().unwrap();
    let address = line.strip_prefix("panel: ").expect("an address to open");
    node::run_browser("first-program.mjs", &[address]).await;
}
