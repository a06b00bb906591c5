//! A real `nats-server` for a test.

#![allow(
    dead_code,
    reason = "the bench, which also has this file, uses a part of it"
)]

use std::env;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use devtools_nats::{Nats, NatsOptions};

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);

/// The name of the file with the configuration, in the folder of the server.
const CONFIGURATION: &str = "nats.conf";

/// A server with JetStream, whose files are in a temporary folder. It ends when this is dropped.
pub(crate) struct NatsServer {
    program: PathBuf,
    port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

impl NatsServer {
    /// Starts a server. Returns `None` if there is none on this machine, which is said; where `CI` is set, that is a failure.
    pub(crate) fn start(test: &str) -> Option<Self> {
        Self::start_with(test, "")
    }

    /// Starts a server with a configuration, in the language of its files.
    pub(crate) fn start_with(test: &str, configuration: &str) -> Option<Self> {
        let Some(program) = find() else {
            let reason = "there is no nats-server: `apt-get install nats-server`";
            assert!(env::var_os("CI").is_none(), "{test} was not run: {reason}");
            println!("{test} was not run: {reason}");
            return None;
        };
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CONFIGURATION), configuration).unwrap();
        let process = run(&program, port, &folder);
        Some(Self {
            program,
            port,
            folder,
            process,
        })
    }

    /// Starts the server again, with another configuration.
    pub(crate) fn configure(&mut self, configuration: &str) {
        std::fs::write(self.folder.path().join(CONFIGURATION), configuration).unwrap();
        self.restart(Duration::ZERO);
    }

    /// Kills the server, and starts it again with the same files after a while.
    pub(crate) fn restart(&mut self, after: Duration) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::thread::sleep(after);
        self.process = run(&self.program, self.port, &self.folder);
    }

    pub(crate) fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn options(&self) -> NatsOptions {
        Nats::options(self.address())
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders
        .map(|folder| folder.join("nats-server"))
        .find(|it| it.is_file())
}

fn run(program: &PathBuf, port: u16, folder: &tempfile::TempDir) -> Child {
    let mut process = Command::new(program)
        .args(["--jetstream", "--addr", "127.0.0.1", "--port"])
        .arg(port.to_string())
        .arg("--config")
        .arg(folder.path().join(CONFIGURATION))
        .arg("--store_dir")
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(begun.elapsed() < START, "nats-server does not answer");
        assert_eq!(process.try_wait().unwrap(), None, "nats-server has ended");
        std::thread::sleep(Duration::from_millis(20));
    }
    process
}
