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
            Serves the functions of this program, calls them, or writes what they return into a folder

            Usage: conformance <COMMAND>

            Commands:
              dev          Serves panels until it is told to end
              build        Writes a static dump: the panels with their data, for any file server
              list         Lists the functions
              call         Calls a function
              types        Writes the types of functions, channels and shared states as declarations for TypeScript
              completions  Writes the script that completes this program's command lines
              help         Print this message or the help of the given subcommand(s)

            Options:
              -h, --help  Print help

            Exit status: 0 if all went well, 1 if it failed, 2 if the arguments make no sense.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn help_of_dev() {
    help(&["dev", "--help"], expect![[r#"
        Serves panels until it is told to end

        Usage: conformance dev [OPTIONS]

        Options:
              --host <HOST>            The address to listen at [default: 127.0.0.1]
              --port <PORT>            The port to listen at; 0 picks a free one [default: 7812]
              --allow-host <HOST>      Another host to answer to: a name, `.and.all.below` or an address; separated by commas; or in `DEVTOOLS_ALLOW_HOST`
              --allow-origin <ORIGIN>  Another origin whose pages may connect: `https://host`, a name, `.and.all.below` or `scheme://*`; or in `DEVTOOLS_ALLOW_ORIGIN`
              --allow-frame <ORIGIN>   Another origin whose pages may show panels in frames, written alike; or in `DEVTOOLS_ALLOW_FRAME`
              --auth <none|otp>        Who may call: everybody, or who has shown a one-time code [default: as the program says]
              --static-preview         Answers as the static dump would, and says what it would miss
          -h, --help                   Print help

        Exit status: 0 if all went well, 1 if it failed, 2 if the arguments make no sense.
    "#]]).await;
}

#[tokio::test]
async fn help_of_build() {
    help(&["build", "--help"], expect![[r#"
        Writes a static dump: the panels with their data, for any file server

        Usage: conformance build [OPTIONS] <--out <DIR>|--check <DIR>|--diff <DIR>>

        Options:
              --out <DIR>        Writes the dump into this folder, in place of the one it holds
              --check <DIR>      Says which files of the dump in this folder are missing, damaged or not its own
              --diff <DIR>       Says what `--out` would change in the dump in this folder
              --concurrency <N>  How many calls run at once [default: the number of cores]
              --pretty           Indents what is JSON, for people
              --strict           Writes nothing if a single call fails
              --base <PATH>      The path that the dump will be hosted below, for the scripts of dock entries, such as `/repo/` [default: any]
          -h, --help             Print help

        Exit status: 0 if all went well, 1 if it failed or something differs, 2 if the arguments make no sense.
        A function that cannot be dumped is a failure, the rest is written nevertheless. A call that fails is none: it fails
        for whoever reads the dump, too.
    "#]]).await;
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
              --json                   Says all that is known, as JSON
              --all                    Lists those of the protocol, too
              --url <URL>              A server that runs, by what its `dev` says it listens on, or the folder of a static dump [default: none, the functions run in this process]
              --token <TOKEN>          The token that the server knows its caller by
              --token-origin <ORIGIN>  Another origin that the token may be sent to, if the server has its WebSocket there
              --code <CODE>            The one-time code that the server shows; without it, it is asked for at a terminal
          -h, --help                   Print help

        Exit status: 0 if all went well, 1 if it failed, 2 if the arguments make no sense.
    "#]]).await;
}

#[tokio::test]
async fn help_of_call() {
    help(&["call", "--help"], expect![[r#"
        Calls a function

        Usage: conformance call [OPTIONS] <NAME> [ARGUMENTS]...

        Arguments:
          <NAME>          The name of the function, such as `my-plugin:get-module`
          [ARGUMENTS]...  What the function is called with

        Options:
              --url <URL>              A server that runs, by what its `dev` says it listens on, or the folder of a static dump [default: none, the functions run in this process]
              --token <TOKEN>          The token that the server knows its caller by
              --token-origin <ORIGIN>  Another origin that the token may be sent to, if the server has its WebSocket there
              --code <CODE>            The one-time code that the server shows; without it, it is asked for at a terminal
          -h, --help                   Print help

        An argument is JSON, or else the text itself: `true`, `5` and `{"deep":true}` are no text, and `main.rs` is. Where the
        function describes its types and the parameter is a text, `5` is a text, too; elsewhere such a text is quoted twice: '"5"'.
        An argument that begins with `-` and is no number goes behind `--`.

        The result is written to standard output as JSON, indented on a terminal. What the function fails with goes to standard error,
        with its code, its data, and what caused it.

        Exit status: 0 if all went well, 1 if it failed, 2 if the arguments make no sense.
    "#]]).await;
}
