//! Tests of the command line, which start the program as people do.

#![cfg(unix)] // The programs are told to end by signals.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what helpers of tests do, too"
)]

mod build;
mod call;
mod dev;
mod help;
mod list;
mod preview;
mod recording;
mod tls;
mod types;

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// The longest time that a test may take.
const TIMEOUT: Duration = Duration::from_secs(60);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(arguments).kill_on_drop(true);
    // The list of the running programs of this user is for people.
    command.env("DEVFRAME_DISABLE_INSTANCE_REGISTRY", "1");
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The output and the status of a program that has ended.
struct Ended {
    out: String,
    err: String,
    status: Option<i32>,
}

async fn run(arguments: &[&str]) -> Ended {
    let output = tokio::time::timeout(TIMEOUT, program(arguments).output());
    let output = output.await.expect("it ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended {
        out: text(output.stdout),
        err: text(output.stderr),
        status: output.status.code(),
    }
}

/// A server that listens.
struct Running {
    url: String,
    process: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl Running {
    async fn start(arguments: &[&str]) -> Self {
        Self::spawn(program(arguments)).await
    }

    async fn spawn(mut program: Command) -> Self {
        let mut process = program.spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap()).lines();
        let err = BufReader::new(process.stderr.take().unwrap()).lines();
        let line = tokio::time::timeout(TIMEOUT, out.next_line()).await;
        let line = line.expect("it listens").unwrap().expect("it says so");
        let url = line.strip_prefix("listening on ").expect(&line).to_owned();
        Self {
            url,
            process,
            out,
            err,
        }
    }

    /// Sends a signal. Returns the output since then, and the status.
    async fn end(mut self, signal: &str) -> Ended {
        let id = self.process.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.await.unwrap().success());
        let status = tokio::time::timeout(TIMEOUT, self.process.wait()).await;
        let (mut out, mut err) = (String::new(), String::new());
        self.out
            .into_inner()
            .read_to_string(&mut out)
            .await
            .unwrap();
        self.err
            .into_inner()
            .read_to_string(&mut err)
            .await
            .unwrap();
        Ended {
            out,
            err,
            status: status.expect("it ends").unwrap().code(),
        }
    }
}
