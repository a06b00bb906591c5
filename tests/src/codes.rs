//! One-time codes, for the test programs that are written in JavaScript.

use std::fs;
use std::path::Path;

use devtools_runtime::Gate;
use serde_json::json;

/// A gate that keeps its tokens in memory, and writes the latest code that it shows to `file`, as
/// `{"code": "123456", "link": …}`. It is there before the client that asks has its answer.
pub fn gate(file: &Path) -> Gate {
    let file = file.to_owned();
    Gate::new().memory().on_code(move |code| {
        let shown = json!({"code": code.code(), "link": code.link()});
        fs::write(&file, shown.to_string()).unwrap();
    })
}
