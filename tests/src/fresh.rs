//! Packages outside of this workspace, as users have them. They depend on the runtime by its path, and otherwise on what the
//! workspace's lock file has, without a network.
//!
//! All of them are built below `target/fresh`, so their dependencies are built once.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::book::repository;

/// How long a command may take: the first one builds all dependencies.
const TIMEOUT: Duration = Duration::from_secs(900);

/// A folder for packages.
#[derive(Debug)]
pub struct Fresh {
    /// The folder in which commands run.
    pub folder: PathBuf,
    /// Tokens are kept in the home of the user.
    home: TempDir,
    _root: TempDir,
}

/// A program that listens. It ends when this is dropped.
#[derive(Debug)]
pub struct Listening {
    /// The address of the functions.
    pub url: String,
    /// The address to open.
    pub page: String,
    /// The file with the lines that the program has written to standard error since then, such as those with a code.
    pub log: PathBuf,
    _process: Child,
}

/// A script of a package of npm that serves a page. It ends when this is dropped.
#[derive(Debug)]
pub struct Script {
    /// The address to open.
    pub page: String,
    process: Child,
}

impl Drop for Script {
    /// Ends the programs that `npm` has started too. They are a group of their own.
    fn drop(&mut self) {
        if let Some(group) = self.process.id() {
            let group = format!("-{group}");
            drop(
                std::process::Command::new("kill")
                    .args(["--", &group])
                    .status(),
            );
        }
    }
}

impl Fresh {
    /// Creates an empty folder.
    ///
    /// # Panics
    ///
    /// If that is not possible.
    #[must_use]
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        Self {
            folder: root.path().canonicalize().expect("its path"),
            home: tempfile::tempdir().expect("a folder"),
            _root: root,
        }
    }

    /// Writes a file of the package. A manifest depends on the runtime of this repository in place of a published one, and gets a lock file.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &str, content: &str) {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        if path != "Cargo.toml" {
            return fs::write(file, content).expect("a file");
        }
        let runtime = repository().join("devtools-runtime").canonicalize();
        let runtime = runtime.expect("the runtime");
        let path = format!("path = \"{}\"", runtime.display());
        let content = content
            .replace(
                "devtools-runtime = { version = \"0.1\"",
                &format!("devtools-runtime = {{ {path}"),
            )
            .replace(
                "devtools-runtime = \"0.1\"",
                &format!("devtools-runtime = {{ {path} }}"),
            );
        assert!(
            content.contains(&path),
            "the package uses the runtime: {content}"
        );
        fs::write(file, content).expect("a file");
        fs::copy(
            repository().join("Cargo.lock"),
            self.folder.join("Cargo.lock"),
        )
        .expect("a lock");
    }

    /// Runs a command of a page, and returns what it printed on standard output.
    ///
    /// # Panics
    ///
    /// If the command fails.
    pub async fn run(&self, line: &str) -> String {
        let (succeeded, output, errors) = self.try_run(line).await;
        assert!(succeeded, "`{line}` failed:\n{output}\n{errors}");
        output
    }

    /// Runs a command, and returns whether it succeeded, with what it printed on standard output and on standard error.
    ///
    /// # Panics
    ///
    /// If the program cannot be started, or takes too long.
    pub async fn try_run(&self, line: &str) -> (bool, String, String) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.command(words[0]);
        command.args(&words[1..]).stdin(Stdio::null());
        let output = tokio::time::timeout(TIMEOUT, command.output());
        let output = output
            .await
            .unwrap_or_else(|_| panic!("`{line}` took longer than {TIMEOUT:?}"));
        let output = output.unwrap_or_else(|error| panic!("`{line}`: {error}"));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Builds the program of a package and starts it with the command `dev`, at a free port.
    ///
    /// # Panics
    ///
    /// If it does not print its addresses.
    pub async fn dev(&self, package: &str) -> Listening {
        self.run("cargo build").await;
        let program = target().join("debug").join(package);
        let mut command = self.command(program.to_str().expect("its path"));
        command
            .args(["dev", "--port", "0"])
            .env("HOME", self.home.path());
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let log = self.home.path().join("log");
        let written = File::create(&log).expect("a file");
        let output = process.stdout.take().expect("its output");
        let url = line_after("listening on ", output, None).await;
        let errors = process.stderr.take().expect("its errors");
        let page = line_after("panel: ", errors, Some(written)).await;
        Listening {
            url,
            page,
            log,
            _process: process,
        }
    }

    /// Starts `npm run dev`, which serves a page with Vite.
    ///
    /// # Panics
    ///
    /// If it does not print its address.
    pub async fn npm_run_dev(&self) -> Script {
        let mut command = self.command("npm");
        // Colors would be inside of the line.
        command.args(["run", "dev"]).env("NO_COLOR", "1");
        #[cfg(unix)]
        command.process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("npm");
        let output = process.stdout.take().expect("its output");
        let page = line_after("  \u{279c}  Local:   ", output, None).await;
        Script { page, process }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).kill_on_drop(true);
        command
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        command
    }
}

impl Default for Fresh {
    fn default() -> Self {
        Self::new()
    }
}

/// The folder in which all packages are built, in the target folder of this program.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    // `target/debug/deps/program`
    let target = program.ancestors().nth(3);
    target
        .expect("the target folder of this program")
        .join("fresh")
}

/// Waits for a line that begins so, and returns the rest of it. Later lines are read too, so that the program can go on, and are written to `log`.
async fn line_after(
    prefix: &str,
    output: impl tokio::io::AsyncRead + Send + Unpin + 'static,
    mut log: Option<File>,
) -> String {
    let mut lines = BufReader::new(output).lines();
    let found = async {
        let mut seen = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(rest) = line.strip_prefix(prefix) {
                return rest.to_owned();
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        panic!("no line begins with `{prefix}`:\n{seen}");
    };
    let found = tokio::time::timeout(Duration::from_secs(120), found);
    let rest = found.await.expect("a line in time");
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(log) = &mut log {
                writeln!(log, "{line}").expect("a file that can be written");
            }
        }
    });
    rest
}
