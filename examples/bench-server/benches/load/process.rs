//! A server in a process of its own, and which core it runs on.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use super::broken;
use super::socket::Target;

/// Who runs on which core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// Server and load each on their own.
    Apart,
    /// Both on one: nobody has to be woken on another one, which costs more than a small call, and not always as much.
    Together,
}

/// Whether processes can be told which core to run on.
#[derive(Debug, Clone, Copy)]
pub struct Pinning(bool);

impl Pinning {
    /// Looks whether there are two cores, and something to pin with.
    pub fn find() -> Self {
        let works = |core: &str| {
            let mut command = Command::new("taskset");
            command.args(["-c", core, "true"]).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self(cores > 1 && works("0") && works("1"))
    }

    /// Whether they can.
    pub fn works(self) -> bool {
        self.0
    }

    /// Where this process runs from now on, which is the load.
    fn pin_load(self, cores: Cores) -> io::Result<()> {
        if !self.0 {
            return Ok(());
        }
        let core = match cores {
            Cores::Apart => "1",
            Cores::Together => "0",
        };
        let mut command = Command::new("taskset");
        command.args(["-cp", core, &std::process::id().to_string()]);
        command.stdout(Stdio::null()).status().map(drop)
    }
}

/// The command that starts the bench server.
pub fn bench_server() -> Vec<String> {
    [env!("CARGO_BIN_EXE_bench-server"), "--port", "0"]
        .map(str::to_owned)
        .into()
}

/// A server. It ends when this is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    target: Target,
    _output: BufReader<ChildStdout>,
}

impl ServerProcess {
    /// Starts a program that prints the URL of its mount, and waits until it has. Then the load is moved to its place.
    pub fn start(command: &[String], pinning: Pinning, cores: Cores) -> io::Result<Self> {
        let pinned = ["taskset", "-c", "0"].map(str::to_owned);
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

    /// Where it can be connected to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The memory it has, in KiB; nothing where the system does not say.
    pub fn resident_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
