//! A tool in a real Vite, with pages in a real browser.

use std::fs;
use std::path::{Path, PathBuf};

use tests::node;

/// The program that the tests bring into Vite.
const TOOL: &str = env!("CARGO_BIN_EXE_vite-tool");

#[tokio::test]
async fn pages_of_vite_call_the_tool() {
    node::run_vite("dev.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn tools_that_fail_do_not_stop_vite() {
    node::run_vite("faults.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn tools_and_vite_servers_end_and_come_back() {
    node::run_vite("restarts.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn many_files_changes_pages_and_lines_at_once_are_borne() {
    node::run_vite("storms.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn it_makes_no_difference_where_vite_is_served() {
    node::run_vite("places.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn a_panel_works_wherever_the_tool_serves_it() {
    node::run_vite("mounts.mjs", &[TOOL, "live"]).await;
}

#[tokio::test]
async fn a_panel_works_wherever_others_serve_it() {
    node::run_vite("mounts.mjs", &[TOOL, "elsewhere"]).await;
}

#[tokio::test]
async fn static_builds_of_vite_hold_the_tool() {
    node::run_vite("build.mjs", &[TOOL]).await;
}

#[test]
fn the_package_has_the_files_of_the_panel_that_it_shares() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: PathBuf| fs::read_to_string(&path).unwrap();
    for file in ["arguments.js", "clone.js", "frames.js", "discovery.js"] {
        let ours = read(root.join("integrations/vite/src/wire").join(file));
        let panel = read(root.join("devtools-runtime/src/panel/client").join(file));
        assert_eq!(ours, panel, "{file}: copy it from the panel");
    }
}
