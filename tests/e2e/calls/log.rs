//! Finds spans in the log of a test.

use tests::log::Log;
use tests::wait::eventually;

/// Waits until the span of a call of this function has ended, and returns its line.
pub async fn span(log: &Log, function: &str) -> String {
    let named = format!("otel.name=\"{function}\"");
    let is_meant = |line: &String| line.contains(&named) && line.contains("close");
    let mut found = None;
    eventually(|| {
        found = log.lines().into_iter().find(is_meant);
        found.is_some()
    })
    .await;
    found.unwrap()
}

pub fn has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "no {part} in {line}");
    }
}
