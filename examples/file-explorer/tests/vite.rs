//! The file explorer in a Vite project, with its panel in a real browser.

use tests::node;

#[tokio::test]
async fn the_panel_shows_and_edits_the_project() {
    let tool = env!("CARGO_BIN_EXE_file-explorer");
    node::run_vite("examples.mjs", &["file-explorer", tool]).await;
}
