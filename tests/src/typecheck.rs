//! The real compilers of TypeScript, in one process for all tests of a program.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::json;

use crate::node::{TIMEOUT, not_run, prepare};

/// Has the compilers check these files: names and texts. What they expect to be wrong must be wrong.
///
/// # Panics
///
/// If anything else is wrong, or the files cannot be written.
pub async fn typecheck(files: &[(&str, &str)]) {
    typecheck_with(files, false).await;
}

/// [`typecheck`] where no packages are installed.
///
/// # Panics
///
/// As there.
pub async fn typecheck_alone(files: &[(&str, &str)]) {
    typecheck_with(files, true).await;
}

async fn typecheck_with(files: &[(&str, &str)], alone: bool) {
    let (node, programs) = match prepare("node").await {
        Ok(prepared) => prepared,
        Err(reason) => return not_run("typecheck.mjs", &reason),
    };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let path = folder.path().canonicalize().expect("its path");
    let request = json!({ "folder": path, "alone": alone }).to_string();
    // A thread, and not one of the runtime: the runtime would wait for it at its end, whatever it is doing.
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || drop(answer.send(ask(&node, &programs, &request))));
    let checked = tokio::time::timeout(TIMEOUT, answered)
        .await
        .unwrap_or_else(|_| panic!("the compilers took longer than {TIMEOUT:?}"))
        .expect("an answer")
        .expect("the compilers run");
    assert!(!checked.failed, "{}", checked.report);
    println!("{}", checked.report);
}

/// The messages of the compilers about a folder.
#[derive(Debug, Deserialize)]
struct Checked {
    failed: bool,
    report: String,
}

/// The process that runs the compilers. It ends when its input does: with this program.
#[derive(Debug)]
struct Compilers {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: Child,
}

impl Compilers {
    fn start(node: &Path, programs: &Path) -> io::Result<Self> {
        let mut command = Command::new(node);
        command.arg("typecheck.mjs").current_dir(programs);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        Ok(Self {
            input: process.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?,
            output: BufReader::new(process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?),
            _process: process,
        })
    }

    fn ask(&mut self, request: &str) -> io::Result<Checked> {
        writeln!(self.input, "{request}")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }
}

/// Asks the process, which is started for the first request. After an error the next request starts another one.
fn ask(node: &Path, programs: &Path, request: &str) -> io::Result<Checked> {
    static COMPILERS: Mutex<Option<Compilers>> = Mutex::new(None);

    let mut compilers = COMPILERS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut asked = match compilers.take() {
        Some(running) => running,
        None => Compilers::start(node, programs)?,
    };
    let checked = asked.ask(request)?;
    *compilers = Some(asked);
    Ok(checked)
}
