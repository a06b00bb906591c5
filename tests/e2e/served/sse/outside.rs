//! Clients that share no code with this repository's crates: they were written from `docs/protocol.md`.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use devtools_runtime::{Gate, Server};
use tests::{fixture, node};
use tokio::process::Command;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

async fn gated() -> Server {
    let devtools = fixture::devtools().auth(Gate::new().memory().token(TOKEN));
    devtools.bind("127.0.0.1:0").await.unwrap()
}

async fn output(command: &mut Command) -> Output {
    let run = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let run = tokio::time::timeout(Duration::from_secs(60), run);
    run.await.expect("in time").unwrap()
}

/// Runs the client in Python, and returns its standard output and standard error. `Err` if it did not succeed.
async fn call(python: &Path, arguments: &[&str]) -> Result<String, String> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/client.py");
    let output = output(Command::new(python).arg(client).args(arguments)).await;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_python_calls_functions() {
    let Some(python) = node::find(&["python3"]) else {
        return node::not_run("client.py", "there is no Python");
    };
    let server = gated().await;
    let url = server.url();
    let added = call(&python, &[&url, TOKEN, "e2e:add", "40", "2"]).await;
    assert_eq!(added.as_deref(), Ok("42\n"));
    // The answer is structured clone.
    let cloned = call(&python, &[&url, TOKEN, "e2e:echo-clone", r#"{"a":["b"]}"#]).await;
    assert_eq!(cloned.as_deref(), Ok("{\"a\": [\"b\"]}\n"));
    let failed = call(&python, &[&url, TOKEN, "e2e:fail", "\"plain\""]).await;
    assert_eq!(failed, Err("e2e:fail failed: boom\n".to_owned()));
    let stranger = call(&python, &[&url, "guessed", "e2e:add", "40", "2"]).await;
    let refusal = "e2e:add failed: the server does not know this token\n";
    assert_eq!(stranger, Err(refusal.to_owned()));
    server.shutdown().await;
}

/// The block of the page that calls a function with `curl`.
fn documented_script() -> &'static str {
    const PAGE: &str = include_str!("../../../../docs/protocol.md");
    let (_, rest) = PAGE.split_once("```sh\n").expect("a script");
    rest.split_once("```").expect("its end").0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_curl_line_calls_a_function() {
    let found = |name| node::find(&[name]).map(PathBuf::into_os_string);
    let (Some(bash), Some(_)) = (found("bash"), found("curl")) else {
        return node::not_run("the documented script", "there is no bash or no curl");
    };
    let server = gated().await;
    let folder = tempfile::tempdir().unwrap();
    let url = server.url();
    let script = documented_script()
        .replace(
            "http://127.0.0.1:7812/__devtools",
            url.trim_end_matches('/'),
        )
        .replace("file-explorer:list-files", "e2e:get-modules");
    // The event stream ends with the script.
    let script = format!("{script}\nkill %1");
    let mut command = Command::new(bash);
    command.args(["-c", &script]).env("TOKEN", TOKEN);
    let output = output(command.current_dir(&folder)).await;
    let modules = r#"[{"id":"/src/main.ts","size":1024},{"id":"/src/App.vue","size":2048}]"#;
    let answer = String::from_utf8(output.stdout).unwrap();
    let expected = format!(r#"{{"t":"s","i":"1","r":{modules}}}"#);
    assert_eq!(
        answer.trim(),
        expected,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    server.shutdown().await;
}
