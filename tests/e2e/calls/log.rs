//! The log of a test.

use std::any::Any;
use std::io;
use std::sync::{Arc, Mutex};

use tests::wait::eventually;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The log of one thread, where the whole of a test runs.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn of_this_thread(level: LevelFilter) -> (Self, Box<dyn Any>) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(level)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || writer.clone())
            .finish();
        (log, Box::new(subscriber.set_default()))
    }

    pub fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The end of the one span of a call of this function.
    pub async fn span(&self, function: &str) -> String {
        let named = format!("otel.name=\"{function}\"");
        let is_meant = |line: &String| line.contains(&named) && line.contains("close");
        let mut found = None;
        eventually(|| {
            found = self.lines().into_iter().find(is_meant);
            found.is_some()
        })
        .await;
        found.unwrap()
    }
}

pub fn has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "no {part} in {line}");
    }
}
