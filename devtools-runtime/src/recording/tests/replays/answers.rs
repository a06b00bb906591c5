//! The answers to calls: which one is chosen, and the errors in place of one.

use serde_json::{Value, json};

use super::{ask, client, fails, recording};
use crate::recording::ReplayOptions;
use crate::recording::tests::{Place, builder, gate, replaying};
use crate::wire::js;
use crate::{RpcSession, rpc_function};

#[tokio::test]
async fn the_same_call_gets_its_answers_in_order_and_then_the_last_one_again() {
    let (_devtools, rpc) = client(
        &[
            r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[{"x":1,"y":2}]}"#,
            r#"{"at":1,"from":"server","reply":1,"result":"first"}"#,
            r#"{"at":2,"from":"client","call":"a:b","id":2,"args":[{"x":1,"y":2}]}"#,
            r#"{"at":3,"from":"server","reply":2,"error":{"name":"RangeError","message":"no","code":"gone","data":{"a":1}}}"#,
            r#"{"at":4,"from":"client","call":"a:b","id":3,"args":[{"x":1,"y":2}]}"#,
            r#"{"at":5,"from":"server","reply":3,"encoding":"structured-clone","result":{"$date":"1970-01-01T00:00:00.000Z"}}"#,
            r#"{"at":6,"from":"client","call":"a:c","id":4,"args":[]}"#,
        ],
        ReplayOptions::new().at_once(),
    )
    .await;
    let asked = || json!([{ "y": 2, "x": 1 }]);
    assert_eq!(ask(&rpc, "a:b", asked()).await, "first");
    let error = fails(&rpc, "a:b", asked()).await;
    assert_eq!(
        (&*error.message, error.code.as_deref()),
        ("no", Some("gone"))
    );
    assert_eq!(error.data, Some(json!({ "a": 1 })));
    for _ in 0..2 {
        let date: js::Value = rpc.call_structured("a:b", asked()).await.unwrap();
        assert_eq!(date, js::Value::Date(js::Date::from_millis(0)));
    }
    let error = fails(&rpc, "a:c", json!([])).await;
    assert!(error.message.contains("had no reply"), "{error}");
}

#[tokio::test]
async fn a_call_that_was_not_recorded_says_what_was() {
    let (_devtools, rpc) = client(
        &[
            r#"{"at":0,"from":"client","call":"a:b","id":1,"args":["src/a.ts"]}"#,
            r#"{"at":1,"from":"server","reply":1,"result":1}"#,
        ],
        ReplayOptions::new().at_once(),
    )
    .await;
    let error = fails(&rpc, "a:b", json!(["src/a.tsx"])).await;
    assert_eq!(error.code.as_deref(), Some("not-recorded"));
    assert_eq!(
        error.message,
        r#"the recording has no call of `a:b` with the arguments ["src/a.tsx"]; its recorded call: ["src/a.ts"]"#
    );
    let error = fails(&rpc, "a:d", json!([])).await;
    assert_eq!(
        error.message,
        "the recording has no call of `a:d`; it has calls of `a:b`"
    );
    assert_eq!(ask(&rpc, "a:b", json!(["src/a.ts", null])).await, 1);
}

#[tokio::test]
async fn a_query_gets_the_answer_of_its_moment_however_often_it_is_made() {
    let (_devtools, rpc) = client(
        &[
            r#"{"at":0,"from":"client","call":"a:get","id":1,"args":[]}"#,
            r#"{"at":1,"from":"server","reply":1,"result":"old"}"#,
            r#"{"at":2,"from":"client","action":"a:set","id":2,"args":[]}"#,
            r#"{"at":3,"from":"server","reply":2,"result":1}"#,
            r#"{"at":4,"from":"client","call":"a:get","id":3,"args":[]}"#,
            r#"{"at":5,"from":"server","reply":3,"result":"new"}"#,
            r#"{"at":6,"from":"client","action":"a:set","id":4,"args":[]}"#,
            r#"{"at":7,"from":"server","reply":4,"result":2}"#,
        ],
        ReplayOptions::new().at_once(),
    )
    .await;
    for expected in [(1, "new"), (2, "new"), (2, "new")] {
        let old_or_new = if expected.0 == 1 { "old" } else { "new" };
        for _ in 0..3 {
            assert_eq!(ask(&rpc, "a:get", json!([])).await, old_or_new);
        }
        assert_eq!(ask(&rpc, "a:set", json!([])).await, expected.0);
        assert_eq!(ask(&rpc, "a:get", json!([])).await, expected.1);
    }
}

#[tokio::test]
async fn a_result_that_the_wire_cannot_have_is_an_error_and_not_silence() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    let reply = format!(r#"{{"at":1,"from":"server","reply":1,"result":{deep}}}"#);
    let call = r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[]}"#;
    let (_devtools, rpc) = client(&[call, &reply], ReplayOptions::new().at_once()).await;
    let error = fails(&rpc, "a:b", json!([])).await;
    assert!(
        error.message.contains("the recorded result of `a:b`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_replay_asks_for_a_token_only_if_the_program_has_a_gate() {
    let lines = [
        r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[]}"#,
        r#"{"at":1,"from":"server","reply":1,"error":{"name":"Error","message":"RPC call to \"a:b\" was rejected: the caller is not authorized."}}"#,
        r#"{"at":2,"from":"client","call":"a:b","id":2,"args":[]}"#,
        r#"{"at":3,"from":"server","reply":2,"result":"trusted"}"#,
    ];
    let (_devtools, rpc) = client(&lines, ReplayOptions::new().at_once()).await;
    assert_eq!(
        ask(&rpc, "a:b", json!([])).await,
        "trusted",
        "refusals are not replayed"
    );

    let storage = tempfile::tempdir().unwrap();
    let gated = builder().auth(gate(storage.path(), "secret"));
    let gated = gated.build().await.unwrap();
    gated
        .replay(&recording(&lines), ReplayOptions::new())
        .unwrap();
    let client = crate::testing::MockClient::untrusted(&gated);
    let error = client
        .rpc()
        .call_dynamic::<Value>("a:b", ())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no function named `a:b`");
}

/// Returns the number of the caller's session.
#[rpc_function(name = "rec:who")]
fn who(session: &RpcSession) -> u64 {
    session.id()
}

#[tokio::test]
async fn each_session_has_its_own_answers_and_further_clients_begin_again() {
    let place = Place::new();
    let devtools = builder()
        .function(Who::definition())
        .record(place.recorder())
        .build()
        .await
        .unwrap();
    let (first, second) = (devtools.client(), devtools.client());
    let numbers = [
        ask(&first, "rec:who", json!([])).await,
        ask(&second, "rec:who", json!([])).await,
    ];
    assert_ne!(numbers[0], numbers[1]);
    devtools.shutdown().await;

    let options = ReplayOptions::new().at_once();
    let replaying = replaying(&place.recording(), options).await;
    for round in 0..3 {
        for number in &numbers {
            let rpc = replaying.client();
            for _ in 0..2 {
                let answer = ask(&rpc, "rec:who", json!([])).await;
                assert_eq!(answer, *number, "round {round}");
            }
            rpc.close();
        }
    }
}
