//! Runs a server in a process of its own, on a chosen core.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use super::broken;
use super::socket::Target;

/// The distribution of server and load over cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// Server and load have a core each.
    Apart,
    /// Both are on one core. So no process is woken on another core, which costs more than a small call, and not
    /// always the same.
    Together,
    /// Both use all cores, because the server has several threads.
    All,
}

/// All cores, for `taskset`, which ignores those that are not there.
const ALL: &str = "0-63";

/// Whether processes can be pinned to cores.
#[derive(Debug, Clone, Copy)]
pub struct Pinning(bool);

impl Pinning {
    /// Checks whether there are two cores and a program that pins processes.
    pub fn find() -> Self {
        let works = |core: &str| {
            let mut command = Command::new("taskset");
            command.args(["-c", core, "true"]).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self(cores > 1 && works("0") && works("1"))
    }

    /// Returns `true` if they can.
    pub fn works(self) -> bool {
        self.0
    }

    /// Pins this process, which is the load, from now on.
    fn pin_load(self, cores: Cores) -> io::Result<()> {
        if !self.0 {
            return Ok(());
        }
        let core = match cores {
            Cores::Apart => "1",
            Cores::Together => "0",
            Cores::All => ALL,
        };
        let mut command = Command::new("taskset");
        command.args(["-cp", core, &std::process::id().to_string()]);
        command.stdout(Stdio::null()).status().map(drop)
    }
}

/// Returns the command that starts the bench server.
pub fn bench_server() -> Vec<String> {
    [env!("CARGO_BIN_EXE_bench-server"), "--port", "0"]
        .map(str::to_owned)
        .into()
}

/// A server process. Dropping it ends the process.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    target: Target,
    _output: BufReader<ChildStdout>,
}

impl ServerProcess {
    /// Starts a program that prints the URL of its mount, and waits for that line. Then pins the load.
    pub fn start(command: &[String], pinning: Pinning, cores: Cores) -> io::Result<Self> {
        let core = if cores == Cores::All { ALL } else { "0" };
        let pinned = ["taskset", "-c", core].map(str::to_owned);
        let words: Vec<&String> = pinned
            .iter()
            .filter(|_| pinning.works())
            .chain(command)
            .collect();
        let [program, arguments @ ..] = &words[..] else {
            return Err(broken("no command"));
        };
        let mut command = Command::new(program);
        let mut child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take();
        let mut output = BufReader::new(output.ok_or_else(|| broken("no output"))?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.contains("://"));
        let Some(target) = url.and_then(Target::of_mount) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(broken(format!("no URL in `{}`", line.trim_end())));
        };
        let server = Self {
            child,
            target,
            _output: output,
        };
        pinning.pin_load(cores)?;
        Ok(server)
    }

    /// Returns the address to connect to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the server's memory in KiB. `None` if the system does not report it.
    pub fn resident_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
