//! The functions for agents, called by their real clients, and compared with those of the JavaScript engine.

use tests::node;

/// The program that agents start, or connect to.
const TOOL: &str = env!("CARGO_BIN_EXE_conformance");

#[tokio::test]
async fn tools_are_those_of_the_javascript_engine() {
    node::run_mcp("engine.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn streams_are_progress_and_results() {
    node::run_mcp("streams.mjs", &[TOOL]).await;
}
