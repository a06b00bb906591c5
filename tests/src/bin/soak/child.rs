//! The server as its parent sees it: where it is, and what it takes.

use std::error::Error;
use std::fmt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::server;

/// How long the server may take to begin and to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs. It ends with its handle.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(server::ARGUMENT)
            // Memory that glibc keeps after it was freed would hide how much the server itself does not give back.
            .envs([
                ("MALLOC_ARENA_MAX", "2"),
                ("MALLOC_TRIM_THRESHOLD_", "131072"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(output).lines();
        let url = tokio::time::timeout(PATIENCE, lines.next_line()).await??;
        let url = url.ok_or("the server ended before it began")?;
        Ok(Self { process, url })
    }

    /// Returns the resources that the process uses now.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(self.process.id())
    }

    /// Tells it to end, and waits for it.
    pub(crate) async fn stop(mut self) -> Result<ExitStatus, Box<dyn Error>> {
        drop(self.process.stdin.take());
        Ok(tokio::time::timeout(PATIENCE, self.process.wait()).await??)
    }
}

/// The resources that a process uses; `None` where the system does not say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Memory, in KiB.
    pub(crate) resident: Option<u64>,
    /// The most memory so far, in KiB.
    pub(crate) peak: Option<u64>,
    pub(crate) descriptors: Option<usize>,
    pub(crate) threads: Option<u64>,
}

impl Usage {
    fn of(process: Option<u32>) -> Self {
        let Some(process) = process else {
            return Self::default();
        };
        let status = std::fs::read_to_string(format!("/proc/{process}/status"));
        let status = status.unwrap_or_default();
        let line = |name: &str| {
            let mut lines = status.lines();
            let line = lines.find_map(|line| line.strip_prefix(name));
            line?.split_ascii_whitespace().next()?.parse().ok()
        };
        let descriptors = std::fs::read_dir(format!("/proc/{process}/fd"));
        Self {
            resident: line("VmRSS:"),
            peak: line("VmHWM:"),
            descriptors: descriptors.ok().map(Iterator::count),
            threads: line("Threads:"),
        }
    }
}

/// A figure, or that there is none.
pub(crate) struct Shown<T>(pub(crate) Option<T>);

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(figure) => figure.fmt(f),
            None => f.pad("unknown"),
        }
    }
}
