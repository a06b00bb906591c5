//! Running the test programs that are written in JavaScript.
//!
//! Their packages are installed from their own lock file, once. Without Node, or a browser, a test says
//! that it was not run; where `CI` is set, that is a failure.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a test program may take. Its checks have limits of their own, and say more.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(600);

/// Browsers that Playwright can drive.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Runs `tests/node/{program}` with these arguments, and prints what it prints.
///
/// # Panics
///
/// If a check in it failed.
pub async fn run(program: &str, arguments: &[&str]) {
    if let Err(reason) = try_run(program, arguments, &[]).await {
        not_run(program, &reason);
    }
}

/// [`run`] for a client that accepts the certificates which the root certificate in a file has signed.
///
/// # Panics
///
/// If a check in it failed.
pub async fn run_with_root(program: &str, arguments: &[&str], root: &Path) {
    let variables = [("NODE_EXTRA_CA_CERTS", root)];
    if let Err(reason) = try_run(program, arguments, &variables).await {
        not_run(program, &reason);
    }
}

/// [`run`] for a program that drives a browser.
///
/// # Panics
///
/// If a check in it failed.
pub async fn run_browser(program: &str, arguments: &[&str]) {
    let ran = match browser() {
        Ok(browser) => try_run(program, arguments, &[("CHROMIUM", &browser)]).await,
        Err(reason) => Err(reason),
    };
    if let Err(reason) = ran {
        not_run(program, &reason);
    }
}

/// Runs `tests/vite/{program}`, which starts real Vite servers and drives a browser.
///
/// # Panics
///
/// If a check in it failed.
pub async fn run_vite(program: &str, arguments: &[&str]) {
    run_beside_browser("vite", program, arguments).await;
}

/// Runs `tests/mcp/{program}`, which drives a tool with clients that agents have.
///
/// # Panics
///
/// If a check in it failed.
pub async fn run_mcp(program: &str, arguments: &[&str]) {
    let ran = async {
        prepare("node").await?; // the page of a tool is played with its packages
        let (node, folder) = prepare("mcp").await?;
        run_in(&node, &folder, program, arguments, &[]).await
    };
    if let Err(reason) = ran.await {
        not_run(program, &reason);
    }
}

/// [`run_mcp`] for a program that drives a browser too.
///
/// # Panics
///
/// If a check in it failed.
pub async fn run_mcp_browser(program: &str, arguments: &[&str]) {
    run_beside_browser("mcp", program, arguments).await;
}

/// Runs a program of a folder with its own packages, which drives a browser with those of `tests/node`.
async fn run_beside_browser(folder: &str, program: &str, arguments: &[&str]) {
    let ran = async {
        let browser = browser()?;
        prepare("node").await?;
        let (node, folder) = prepare(folder).await?;
        let browser = [("CHROMIUM", &*browser)];
        run_in(&node, &folder, program, arguments, &browser).await
    };
    if let Err(reason) = ran.await {
        not_run(program, &reason);
    }
}

fn browser() -> Result<PathBuf, String> {
    let named = env::var_os("CHROMIUM").map(PathBuf::from);
    let browser = named.or_else(|| find(&BROWSERS));
    browser.ok_or_else(|| "there is no Chromium".to_owned())
}

/// Returns the folder of a package of `tests/node`, such as the pages of a panel. `None` if nothing can be run here, which is said.
///
/// # Panics
///
/// If `CI` is set and the packages cannot be installed.
pub async fn package(name: &str) -> Option<PathBuf> {
    match prepare("node").await {
        Ok((_, folder)) => Some(folder.join("node_modules").join(name)),
        Err(reason) => {
            not_run(name, &reason);
            None
        }
    }
}

/// A server written in JavaScript. It ends when this is dropped.
#[derive(Debug)]
pub struct Served {
    /// Where its functions are mounted.
    pub url: String,
    _process: Child,
}

/// Starts `tests/node/{program}`, which says where it listens; `None` if it could not be run.
///
/// # Panics
///
/// If it does not listen in time.
pub async fn serve(program: &str) -> Option<Served> {
    match try_serve(program).await {
        Ok(served) => Some(served),
        Err(reason) => {
            not_run(program, &reason);
            None
        }
    }
}

async fn try_serve(program: &str) -> Result<Served, String> {
    let (node, folder) = prepare("node").await?;
    let mut command = Command::new(node);
    command.arg(program).current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().map_err(|error| error.to_string())?;
    let output = process.stdout.take().ok_or("it has no output")?;
    let mut lines = BufReader::new(output).lines();
    let listening = async {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(url) = line.strip_prefix("listening on ") {
                return Some(url.to_owned());
            }
        }
        None
    };
    let url = tokio::time::timeout(TIMEOUT, listening)
        .await
        .ok()
        .flatten();
    Ok(Served {
        url: url.unwrap_or_else(|| panic!("{program} does not listen")),
        _process: process,
    })
}

/// Says that a program of a test was not run, and why. Fails where `CI` is set.
///
/// # Panics
///
/// Where `CI` is set.
pub fn not_run(program: &str, reason: &str) {
    assert!(
        env::var_os("CI").is_none(),
        "{program} was not run: {reason}"
    );
    println!("{program} was not run: {reason}");
}

/// An error says why nothing could be run.
async fn try_run(
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &Path)],
) -> Result<(), String> {
    let (node, folder) = prepare("node").await?;
    run_in(&node, &folder, program, arguments, variables).await
}

async fn run_in(
    node: &Path,
    folder: &Path,
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &Path)],
) -> Result<(), String> {
    let mut command = Command::new(node);
    command
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .kill_on_drop(true);
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|error| error.to_string())?;
    let (mut printed, mut errors) = (Vec::new(), Vec::new());
    let pipes = process.stdout.take().zip(process.stderr.take());
    let (mut stdout, mut stderr) = pipes.ok_or("it has no output")?;
    let ended = tokio::time::timeout(TIMEOUT, async {
        let (status, _, _) = tokio::try_join!(
            process.wait(),
            stdout.read_to_end(&mut printed),
            stderr.read_to_end(&mut errors),
        )?;
        io::Result::Ok(status)
    })
    .await;
    let printed = String::from_utf8_lossy(&printed);
    println!("{printed}");
    let errors = String::from_utf8_lossy(&errors);
    let status = ended
        .unwrap_or_else(|_| panic!("{program} took longer than {TIMEOUT:?}:\n{printed}\n{errors}"))
        .map_err(|error| error.to_string())?;
    assert!(status.success(), "{program} failed:\n{printed}\n{errors}");
    Ok(())
}

/// Node, and a folder of programs with their packages.
pub(crate) async fn prepare(folder: &str) -> Result<(PathBuf, PathBuf), String> {
    let node = find(&["node"]).ok_or("there is no Node")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    install(&folder).await?;
    Ok((node, folder))
}

/// Installs the packages, unless they are there and as the lock file has them.
async fn install(folder: &Path) -> Result<(), String> {
    let guard = File::create(env::temp_dir().join("devtools-runtime-npm.lock"))
        .map_err(|error| error.to_string())?;
    let guard = tokio::task::spawn_blocking(move || guard.lock().map(|()| guard));
    let _guard = guard
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    if is_installed(folder).unwrap_or(false) {
        return Ok(());
    }
    let npm = find(&["npm"]).ok_or("there is no npm")?;
    let output = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .output()
        .await
        .map_err(|error| error.to_string())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("`npm ci` failed: {errors}"))
    }
}

fn is_installed(folder: &Path) -> io::Result<bool> {
    let installed = fs::metadata(folder.join("node_modules/.package-lock.json"))?.modified()?;
    Ok(installed >= fs::metadata(folder.join("package-lock.json"))?.modified()?)
}

/// Finds the first of these programs that is on the `PATH`.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}
