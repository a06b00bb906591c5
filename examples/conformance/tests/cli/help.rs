//! Tests of the texts of `--help`. Set `UPDATE_EXPECT=1` to rewrite them.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "as `UPDATE_EXPECT=1` writes them"
)]

use expect_test::{Expect, expect};

use crate::run;

async fn help(arguments: &[&str], expected: Expect) {
    let ended = run(arguments).await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    expected.assert_eq(&ended.out);
}

#[tokio::test]
async fn help_names_the_commands() {
    help(
        &["--help"],
        expect![[r#"
            Serves the functions of this program, to panels and to agents, calls them, or writes their results to a folder

            Usage: conformance <COMMAND>

            Commands:
              dev             Serves panels until the process is asked to end
              build           Writes a static dump: the panels with their data, for any file server
              list            Lists the functions
              call            Calls a function
              replay          Serves a recording of `dev --record` in place of the functions
              record-to-dump  Writes a static dump of a recording: the panels with the answers that were recorded
              types           Writes the types of functions, channels and shared states as declarations for TypeScript
              completions     Writes a completion script for a shell
              mcp             Serves one agent over standard input and output
              help            Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn help_of_dev() {
    help(&["dev", "--help"], expect![[r#"
        Serves panels until the process is asked to end

        Usage: conformance dev [OPTIONS]

        Options:
              --host <HOST>            The address to listen at [default: 127.0.0.1]
              --port <PORT>            The port to listen at; 0 picks a free one [default: 7812]
              --allow-host <HOST>      Another host name to accept: a name, `.and.all.below` or an address; separated by commas; or in `DEVTOOLS_ALLOW_HOST`
              --allow-origin <ORIGIN>  Another origin whose pages may connect: `https://host`, a name, `.and.all.below` or `scheme://*`; or in `DEVTOOLS_ALLOW_ORIGIN`
              --allow-frame <ORIGIN>   Another origin whose pages may show panels in frames, in the same notation; or in `DEVTOOLS_ALLOW_FRAME`
              --auth <none|otp>        The clients that may call functions: all, or only those with a one-time code [default: set by the program]
              --token <TOKEN>          A token that clients may sign in with; other users of this machine can read arguments, so `DEVTOOLS_RUNTIME_TOKEN` is better
              --base <PATH>            The path of the functions [default: set by the program, usually `/__devtools/`]
              --root-path <PATH>       The path that a proxy takes off all requests, such as `/team` [default: set by the program, usually none]
              --tls-cert <FILE>        Encrypts connections with the certificate in this file, as PEM, followed by those of the authorities between it and the root
              --tls-key <FILE>         The private key of the certificate, as PEM
              --editor [<COMMAND>]     Lets the inspector open source files in an editor, such as `code`; without a value, that of `LAUNCH_EDITOR`, `VISUAL` or `EDITOR` [default: that of `LAUNCH_EDITOR`, if it is set]
              --static-preview         Answers calls from a static dump, and prints each call that the dump has no answer for
              --record <FILE>          Records the sessions to this file, without tokens and codes; `replay` serves it
              --redact <FIELD>         The names of fields that are left out of the recording, such as `password`; separated by commas
          -h, --help                   Print help

        Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.
    "#]]).await;
}

#[tokio::test]
async fn help_of_build() {
    help(&["build", "--help"], expect![[r#"
        Writes a static dump: the panels with their data, for any file server

        Usage: conformance build [OPTIONS] <--out <DIR>|--check <DIR>|--diff <DIR>>

        Options:
              --out <DIR>        Writes the dump to this folder and replaces the dump that it holds
              --check <DIR>      Lists the files of the dump in this folder that are missing, changed or unexpected
              --diff <DIR>       Lists what `--out` would change in the dump in this folder
              --concurrency <N>  The number of calls that run at once [default: the number of cores]
              --pretty           Indents JSON files for people
              --strict           Writes nothing if a function cannot be dumped or a call fails
              --base <PATH>      The path that the dump will be hosted at, such as `/repo/`, for the scripts of dock entries [default: any]
              --inspector        Adds the inspector, which shows readers all functions with their source files, and the recorded results
          -h, --help             Print help

        Exit status: 0 on success, 1 on failure or if something differs, 2 if the arguments are invalid.
        A function that cannot be dumped is a failure, but the rest is written. A call that fails is not a failure: it is
        recorded and fails for readers of the dump too.
    "#]]).await;
}

#[tokio::test]
async fn the_version_is_that_of_the_program_and_of_the_runtime() {
    let ended = run(&["--version"]).await;
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("conformance {version} (devtools-runtime {version})\n");
    assert_eq!((ended.status, ended.out), (Some(0), expected));
}

#[tokio::test]
async fn shells_learn_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let ended = run(&["completions", shell]).await;
        assert_eq!((ended.status, &*ended.err), (Some(0), ""));
        for word in ["conformance", "call", "static-preview"] {
            assert!(ended.out.contains(word), "{shell}: {word}");
        }
    }
    let unknown = run(&["completions", "dos"]).await;
    assert_eq!(unknown.status, Some(2));
}

#[tokio::test]
async fn help_of_list() {
    help(&["list", "--help"], expect![[r#"
        Lists the functions

        Usage: conformance list [OPTIONS]

        Options:
              --json                   Prints full descriptions as JSON
              --all                    Includes the functions of the protocol
              --url <URL>              The URL that a running server printed when it began to listen, or the folder of a static dump [default: none, the functions run in this process]
              --token <TOKEN>          A token that the server trusts
              --token-origin <ORIGIN>  Another origin that may get the token, if the server's WebSocket is there
              --code <CODE>            The one-time code that the server shows [default: asks for it at a terminal]
              --header <NAME: VALUE>   A header to send with every request, such as `x-team: lens`
              --cacert <FILE>          A file with further root certificates to accept, as PEM
          -h, --help                   Print help

        Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.
    "#]]).await;
}

#[tokio::test]
async fn help_of_call() {
    help(&["call", "--help"], expect![[r#"
        Calls a function

        Usage: conformance call [OPTIONS] <NAME> [ARGUMENTS]...

        Arguments:
          <NAME>          The name of the function, such as `my-plugin:get-module`
          [ARGUMENTS]...  The arguments of the function, in order

        Options:
              --url <URL>              The URL that a running server printed when it began to listen, or the folder of a static dump [default: none, the functions run in this process]
              --token <TOKEN>          A token that the server trusts
              --token-origin <ORIGIN>  Another origin that may get the token, if the server's WebSocket is there
              --code <CODE>            The one-time code that the server shows [default: asks for it at a terminal]
              --header <NAME: VALUE>   A header to send with every request, such as `x-team: lens`
              --cacert <FILE>          A file with further root certificates to accept, as PEM
          -h, --help                   Print help

        An argument is read as JSON if it is valid JSON, and as a string otherwise: `true`, `5` and `{"deep":true}` are JSON, `main.rs`
        is a string. If the function describes its types and the parameter is a string, `5` is a string too; otherwise quote it twice:
        '"5"'. Write `--` before an argument that begins with `-` and is not a number.

        The result is written to standard output as JSON, indented on a terminal. An error of the function is written to standard error,
        with its code, data and causes.

        Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.
    "#]]).await;
}
