//! The analytics in a Vite project, with its panel in a real browser.

use tests::node;

#[tokio::test]
async fn the_panel_has_what_vite_transforms() {
    let tool = env!("CARGO_BIN_EXE_analytics");
    node::run_vite("examples.mjs", &["analytics", tool]).await;
}
