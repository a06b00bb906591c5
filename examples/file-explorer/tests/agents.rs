//! The file explorer for coding agents, with its panel in a real browser.

use tests::node;

#[tokio::test]
async fn agents_read_and_the_user_confirms_what_they_write() {
    let tool = env!("CARGO_BIN_EXE_file-explorer");
    node::run_mcp_browser("file-explorer.mjs", &[tool]).await;
}
