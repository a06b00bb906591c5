//! Tests of `call`: its arguments, its output and its errors.

use crate::{Ended, Running, run};

async fn call(arguments: &[&str]) -> Ended {
    run(&[&["call"], arguments].concat()).await
}

/// The output of a call that succeeded.
async fn returned(arguments: &[&str]) -> String {
    let ended = call(arguments).await;
    assert_eq!((ended.status, &*ended.err), (Some(0), ""), "{arguments:?}");
    ended.out
}

/// The errors of a call that failed.
async fn refused(arguments: &[&str]) -> String {
    let ended = call(arguments).await;
    assert_eq!((ended.status, &*ended.out), (Some(1), ""), "{arguments:?}");
    ended.err
}

#[tokio::test]
async fn arguments_are_json_or_words() {
    assert_eq!(returned(&["conformance:add", "2", "-5"]).await, "-3\n");
    assert_eq!(
        returned(&["conformance:greet", "Ada", "Good evening"]).await,
        "\"Good evening, Ada!\"\n"
    );
    assert_eq!(
        returned(&["conformance:greet", "\"5\""]).await,
        "\"Hello, 5!\"\n"
    );
    // The function describes its parameter as a string.
    assert_eq!(
        returned(&["conformance:greet", "12345", "null"]).await,
        "\"Hello, 12345!\"\n"
    );
    // A whole number keeps all its digits in both directions.
    assert_eq!(
        returned(&["conformance:echo", "9007199254740993"]).await,
        "9007199254740993\n"
    );
    assert_eq!(
        returned(&["conformance:greet", "--", "--ada"]).await,
        "\"Hello, --ada!\"\n"
    );
    // The properties are in the order of the type, on one line because no person reads it.
    assert_eq!(
        returned(&[
            "conformance:get-module",
            "/src/main.ts",
            r#"{"includeSource":true}"#
        ])
        .await,
        "{\"id\":\"/src/main.ts\",\"size\":1024,\"source\":\"// /src/main.ts\"}\n"
    );
    assert_eq!(returned(&["conformance:set-count", "1"]).await, "null\n");
}

#[tokio::test]
async fn values_that_json_has_no_word_for_take_its_form() {
    let collections = returned(&["conformance:collections"]).await;
    assert!(
        collections.contains(r#""date":"1970-01-01T00:00:00.000Z""#),
        "{collections}"
    );
    // The output is JSON.
    serde_json::from_str::<serde_json::Value>(&collections).unwrap();
}

#[tokio::test]
async fn it_calls_a_server_that_runs() {
    let server = Running::start(&["dev", "--port", "0"]).await;
    let url = ["--url", &server.url];
    returned(&["conformance:set-count", "7", url[0], url[1]]).await;
    assert_eq!(
        returned(&[url[0], url[1], "conformance:get-count"]).await,
        "7\n"
    );
    assert_eq!(
        refused(&[url[0], url[1], "conformance:get-cuont"]).await,
        "error: there is no function named `conformance:get-cuont`: did you mean `conformance:get-count`, `conformance:set-count`?\n"
    );
    server.end("TERM").await;
}

#[tokio::test]
async fn a_gate_wants_the_code_once() {
    let mut server = Running::start(&["dev", "--port", "0", "--auth", "otp"]).await;
    let link = server.err.next_line().await.unwrap().unwrap();
    let (_, code) = link.split_once("#devframe_otp=").expect(&link);
    let url = server.url.clone();
    let let_in = returned(&["--url", &url, "--code", code, "conformance:get-count"]).await;
    assert_eq!(let_in, "0\n");
    // Without a code, the error says what to do, and doing that works.
    let stranger = refused(&["--url", &url, "conformance:get-count"]).await;
    let advice = format!(
        "{url} does not trust this program. It shows a one-time code in its terminal: run this again within five minutes \
         with `--code` and the latest code there, or with `--token` and a token that it trusts\n"
    );
    assert_eq!(stranger, format!("error: {advice}"));
    let shown = server.err.next_line().await.unwrap().unwrap();
    let (_, shown) = shown.split_once("enter the code ").expect(&shown);
    let (code, _) = shown.split_once(' ').unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let stranger = refused(&["--url", &url, "--code", wrong, "conformance:get-count"]).await;
    assert_eq!(
        stranger,
        format!("error: the code {wrong} is wrong or has expired: {advice}")
    );
    let let_in = returned(&["--url", &url, "--code", code, "conformance:get-count"]).await;
    assert_eq!(let_in, "0\n");
    server.end("TERM").await;
}

#[tokio::test]
async fn a_server_whose_terminal_is_gone_still_answers_who_asks_for_a_code() {
    let Running {
        url,
        process: _process,
        out: _out,
        err,
    } = Running::start(&["dev", "--port", "0", "--auth", "otp"]).await;
    drop(err);
    for _ in 0..2 {
        let stranger = refused(&["--url", &url, "conformance:get-count"]).await;
        assert!(
            stranger.starts_with(&format!("error: {url} does not trust this program. ")),
            "{stranger}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_on_standard_error() {
    assert_eq!(
        refused(&["get-modulse"]).await,
        "error: there is no function named `get-modulse`: did you mean `conformance:get-module`, `conformance:get-modules`?\n"
    );
    assert_eq!(
        refused(&["conformance:nothing-like-it"]).await,
        "error: there is no function named `conformance:nothing-like-it`: `list` shows all functions\n"
    );
    let unlinked = refused(&["analytics:get-metrics"]).await;
    let rest = unlinked
        .strip_prefix("error: there is no function named `analytics:get-metrics`: `list` shows all functions; ")
        .expect(&unlinked);
    let (number, rest) = rest.split_once(' ').unwrap();
    let listed = run(&["list", "--json", "--all"]).await.out;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    assert_eq!(number, listed.len().to_string());
    assert_eq!(
        rest,
        "functions are linked, none of `analytics`: a crate that the program depends on and never names is not linked, so \
         write `use analytics as _;`\n"
    );
    assert_eq!(
        refused(&["conformance:client-event", "x"]).await,
        "error: `conformance:client-event` is a function of clients, which only the server can call\n"
    );
    assert_eq!(
        refused(&["conformance:add", "1", "two"]).await,
        "error: argument 2 (`b`) of `conformance:add`: invalid type: string \"two\", expected i64\n"
    );
    assert_eq!(
        refused(&[
            "conformance:validate",
            r#"{"retries":6,"name":"123456789"}"#
        ])
        .await,
        "error: argument 1 (`options`) of `conformance:validate`: `name`: length is greater than 8; `retries`: greater than 5\n"
    );
    assert_eq!(
        refused(&["conformance:fail", "plain"]).await,
        "error: boom\n"
    );
}

#[tokio::test]
async fn options_that_make_no_sense_have_a_status_of_their_own() {
    for arguments in [&[][..], &["a:b", "--token", "x"], &["a:b", "--nothing"]] {
        let ended = call(arguments).await;
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.err);
    }
    let ended = call(&["--url", "http://127.0.0.1:1/", "a:b"]).await;
    assert_eq!(ended.status, Some(1));
    assert!(
        ended.err.starts_with("error: no answer from "),
        "{}",
        ended.err
    );
}
