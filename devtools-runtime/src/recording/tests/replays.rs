//! Tests that record sessions and replay them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Place, builder, gate, replaying};
use crate::function::{CallError, FunctionKind, RemoteError};
use crate::peer::{AccessCell, ConnectionAccess, Frame, Interposer as _};
use crate::recording::replay::SessionReplay;
use crate::recording::script::Scripts;
use crate::recording::{Recording, ReplayOptions};
use crate::streaming::ChannelOptions;
use crate::wire::js;
use crate::{DevTools, DevToolsRpcClient, RpcSession, define_rpc_function, rpc_function};

/// Makes a recording of these lines, each without `"session":1`.
fn recording(lines: &[&str]) -> Recording {
    let mut text = r#"{"devtools-recording":1}"#.to_owned();
    for line in lines {
        text.push('\n');
        text.push_str(&line.replacen("\"from\"", "\"session\":1,\"from\"", 1));
    }
    Recording::parse(&(text + "\n")).unwrap()
}

async fn client(lines: &[&str], options: ReplayOptions) -> (DevTools, DevToolsRpcClient) {
    let devtools = replaying(&recording(lines), options).await;
    let rpc = devtools.client();
    (devtools, rpc)
}

async fn ask(rpc: &DevToolsRpcClient, name: &str, arguments: Value) -> Value {
    rpc.call_dynamic(name, arguments).await.unwrap()
}

async fn fails(rpc: &DevToolsRpcClient, name: &str, arguments: Value) -> RemoteError {
    match rpc.call_dynamic::<Value>(name, arguments).await {
        Err(CallError::Remote(error)) => error,
        other => panic!("{other:?}"),
    }
}

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

const EVENTS: [&str; 7] = [
    r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[]}"#,
    r#"{"at":500,"from":"server","event":"a:progress","args":[1]}"#,
    r#"{"at":1000,"from":"server","reply":1,"result":"done"}"#,
    r#"{"at":4000,"from":"server","event":"a:progress","args":[2]}"#,
    r#"{"at":5000,"from":"client","event":"a:mark","args":[]}"#,
    r#"{"at":6000,"from":"server","event":"a:progress","args":[3]}"#,
    r#"{"at":7000,"from":"server","call":"a:confirm","id":1,"args":["?"]}"#,
];

#[rpc_function(name = "a:progress", kind = "event", side = "client")]
async fn progress(step: u32);

#[rpc_function(name = "a:confirm", side = "client")]
async fn confirm(question: String) -> bool;

#[rpc_function(name = "a:mark", kind = "event")]
async fn mark();

/// Reports the events of a client, each with the time since now.
fn follow(rpc: &DevToolsRpcClient) -> mpsc::UnboundedReceiver<(u32, Duration)> {
    let (steps, received) = mpsc::unbounded_channel();
    let began = Instant::now();
    rpc.register::<Progress>(move |step| {
        let _ = steps.send((step, began.elapsed()));
        async {}
    });
    received
}

fn near(time: Duration, milliseconds: u64) -> bool {
    time.as_millis().abs_diff(u128::from(milliseconds)) < 20
}

#[tokio::test(start_paused = true)]
async fn events_come_in_their_rhythm_and_wait_for_the_requests_before_them() {
    let (_devtools, rpc) = client(&EVENTS, ReplayOptions::new()).await;
    let mut events = follow(&rpc);
    let began = Instant::now();
    assert_eq!(ask(&rpc, "a:b", json!([])).await, "done");
    assert!(near(began.elapsed(), 1000));
    let (step, at) = events.recv().await.unwrap();
    assert!(step == 1 && near(at, 500), "{step} at {at:?}");
    let (step, at) = events.recv().await.unwrap();
    assert!(step == 2 && near(at, 4000), "{step} at {at:?}");

    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(events.try_recv().is_err(), "the mark has not come");
    let (asked, mut questions) = mpsc::unbounded_channel();
    rpc.register::<Confirm>(move |question| {
        let _ = asked.send(question);
        async { true }
    });
    let marked = Instant::now();
    Mark::notify(&rpc).await.unwrap();
    assert_eq!(events.recv().await.unwrap().0, 3);
    assert!(near(marked.elapsed(), 1000));
    assert_eq!(questions.recv().await.unwrap(), "?");
    assert!(near(marked.elapsed(), 2000));
}

#[tokio::test(start_paused = true)]
async fn the_speed_and_the_patience_are_options() {
    let (_devtools, rpc) = client(&EVENTS, ReplayOptions::new().speed(10.0)).await;
    let mut events = follow(&rpc);
    ask(&rpc, "a:b", json!([])).await;
    assert!(near(events.recv().await.unwrap().1, 50));
    assert!(near(events.recv().await.unwrap().1, 400));
    // The mark never comes.
    assert!(near(events.recv().await.unwrap().1, 400 + 100 + 10_000));

    let (_devtools, rpc) = client(&EVENTS, ReplayOptions::new().at_once()).await;
    let mut events = follow(&rpc);
    let began = Instant::now();
    ask(&rpc, "a:b", json!([])).await;
    assert_eq!(events.recv().await.unwrap().0, 1, "before the reply");
    assert_eq!(events.recv().await.unwrap().0, 2);
    Mark::notify(&rpc).await.unwrap();
    assert_eq!(events.recv().await.unwrap().0, 3);
    assert!(began.elapsed() < Duration::from_millis(20));
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

/// A program with something of everything.
async fn everything(place: &Place) -> DevTools {
    let count = Arc::new(AtomicUsize::new(0));
    let next = define_rpc_function("rec:next")
        .kind(FunctionKind::Action)
        .handler(move || count.fetch_add(1, Ordering::Relaxed));
    let failing = define_rpc_function("rec:fail")
        .try_handler(|| Err::<u8, _>(js::Error::with_name("TypeError", "no")));
    let panicking = define_rpc_function("rec:panic").handler(|| -> u8 { panic!("secret") });
    let echo = define_rpc_function("rec:echo").handler(|value: js::Value| value);
    let ask = define_rpc_function("rec:ask")
        .kind(FunctionKind::Action)
        .async_handler(|| async { true });
    let devtools = builder()
        .function(next)
        .function(failing)
        .function(panicking)
        .function(echo)
        .function(ask)
        .record(place.recorder())
        .build()
        .await
        .unwrap();
    let context = devtools.context().clone();
    let news = context
        .rpc()
        .streaming()
        .create::<js::Value>("rec:news", <_>::default());
    let news = news.unwrap();
    let chunks = [js::Value::Undefined, js::Value::ArrayBuffer(vec![1, 2, 3])];
    news.pipe_from_with_id("s", futures_util::stream::iter(chunks))
        .unwrap();
    context
        .rpc()
        .shared_state("rec:board", json!({ "items": [1] }))
        .unwrap();
    devtools
}

/// Uses all of it, and returns what it has seen.
async fn tour(rpc: &DevToolsRpcClient) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(format!("{:?}", ask(rpc, "rec:next", json!([])).await));
    }
    seen.push(format!("{:?}", fails(rpc, "rec:fail", json!([])).await));
    seen.push(crate_without_id(
        &fails(rpc, "rec:panic", json!([])).await.message,
    ));
    let value: js::Value = rpc
        .call_structured(
            "rec:echo",
            [js::Value::Map(
                [(js::Value::Null, js::Value::Undefined)]
                    .into_iter()
                    .collect(),
            )],
        )
        .await
        .unwrap();
    seen.push(format!("{value:?}"));
    let mut chunks = rpc.streaming().subscribe::<js::Value>("rec:news", "s");
    while let Some(chunk) = chunks.next().await {
        seen.push(format!("{chunk:?}"));
    }
    let board = rpc.shared_state::<Value>("rec:board").await.unwrap();
    seen.push(board.value().to_string());
    board
        .mutate(|value| value["items"] = json!([1, 2]))
        .unwrap();
    let mut values = board.subscribe();
    while board.value()["items"] != json!([1, 2]) {
        values.changed().await.unwrap();
    }
    seen.push(board.value().to_string());
    seen
}

fn crate_without_id(message: &str) -> String {
    message.split("(id").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_replay_of_everything_looks_to_a_client_as_the_program_did() {
    let place = Place::new();
    let devtools = everything(&place).await;
    let live = tour(&devtools.client()).await;
    devtools.shutdown().await;
    assert!(
        !place.text().contains("secret"),
        "the text of a panic stays in the process"
    );

    for options in [ReplayOptions::new(), ReplayOptions::new().at_once()] {
        let replaying = replaying(&place.recording(), options).await;
        assert_eq!(tour(&replaying.client()).await, live);
        // The second client begins anew.
        assert_eq!(tour(&replaying.client()).await, live);
    }
}

#[tokio::test]
async fn a_recording_of_a_replay_is_the_same_recording() {
    let place = Place::new();
    let devtools = everything(&place).await;
    let rpc = devtools.client();
    for _ in 0..3 {
        ask(&rpc, "rec:next", json!([])).await;
        fails(&rpc, "rec:fail", json!([])).await;
    }
    devtools.shutdown().await;

    let again = Place::new();
    let replaying = builder().record(again.recorder()).build().await.unwrap();
    replaying
        .replay(&place.recording(), ReplayOptions::new().at_once())
        .unwrap();
    let rpc = replaying.client();
    for _ in 0..3 {
        ask(&rpc, "rec:next", json!([])).await;
        fails(&rpc, "rec:fail", json!([])).await;
    }
    replaying.shutdown().await;
    let lines = |place: &Place| {
        let text = place.text().replace("\"action\"", "\"call\"");
        let lines = text.lines().skip(1);
        let without_time = lines.map(|line| line.split_once(',').unwrap().1.to_owned());
        without_time.collect::<Vec<_>>()
    };
    assert_eq!(lines(&again), lines(&place));
}

#[tokio::test]
async fn a_change_of_a_state_that_was_not_recorded_is_confirmed() {
    let place = Place::new();
    let devtools = everything(&place).await;
    tour(&devtools.client()).await;
    devtools.shutdown().await;
    let replaying = replaying(&place.recording(), ReplayOptions::new().at_once()).await;
    let rpc = replaying.client();
    let board = rpc.shared_state::<Value>("rec:board").await.unwrap();
    board
        .mutate(|value| value["items"] = json!(["mine"]))
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(board.value()["items"], json!(["mine"]));
    assert!(board.sync_errors().borrow().is_none());
}

#[tokio::test]
async fn an_upload_of_bytes_is_replayed_with_its_calls() {
    async fn send(rpc: &DevToolsRpcClient) -> Value {
        let id: String = rpc.call_dynamic("rec:open", ()).await.unwrap();
        let mut upload = rpc.streaming().upload::<js::Bytes>("rec:files", &id);
        for part in [&[0_u8, 255][..], b"abc"] {
            upload.write(&js::Bytes::from(part)).await.unwrap();
        }
        upload.close().await.unwrap();
        rpc.call_dynamic("rec:received", ()).await.unwrap()
    }

    let place = Place::new();
    let devtools = builder().record(place.recorder()).build().await.unwrap();
    let context = devtools.context();
    let files = context
        .rpc()
        .streaming()
        .create::<js::Bytes>("rec:files", <_>::default());
    let files = Arc::new(files.unwrap());
    let (done, received) = mpsc::channel(1);
    let received = Arc::new(tokio::sync::Mutex::new(received));
    let open = define_rpc_function("rec:open")
        .kind(FunctionKind::Action)
        .handler(move || {
            let mut reader = files.open_inbound();
            let id = reader.id().to_owned();
            let done = done.clone();
            tokio::spawn(async move {
                let mut bytes = 0;
                while let Some(Ok(part)) = reader.next().await {
                    bytes += part.len();
                }
                let _ = done.send(bytes).await;
            });
            id
        });
    let result = define_rpc_function("rec:received").async_handler(move || {
        let received = Arc::clone(&received);
        async move { received.lock().await.recv().await }
    });
    context.rpc().register(open).unwrap();
    context.rpc().register(result).unwrap();
    assert_eq!(send(&devtools.client()).await, 5);
    devtools.shutdown().await;
    assert!(
        place.text().contains(r#"{"$bytes":{"Uint8Array":"AP8="}}"#),
        "{}",
        place.text()
    );

    let replaying = replaying(&place.recording(), ReplayOptions::new()).await;
    assert_eq!(send(&replaying.client()).await, 5);
}

#[tokio::test]
async fn the_program_does_not_speak_in_a_replay() {
    let (devtools, rpc) = client(&EVENTS, ReplayOptions::new().at_once()).await;
    let mut events = follow(&rpc);
    Progress::broadcast(devtools.context(), 99_u32)
        .await
        .unwrap();
    ask(&rpc, "a:b", json!([])).await;
    assert_eq!(events.recv().await.unwrap().0, 1);
    let sessions: Vec<RpcSession> = devtools.context().rpc().sessions();
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn ten_thousand_chunks_come_at_once_to_a_client_that_reads_slowly() {
    let mut lines = vec![
        r#"{"at":0,"from":"client","event":"devframe:streaming:subscribe","args":["rec:n","s",{"room":{"items":1,"bytes":1},"reader":1}]}"#.to_owned(),
    ];
    for seq in 1..=10_000 {
        lines.push(format!(r#"{{"at":1,"from":"server","event":"devframe:streaming:chunk","args":["rec:n","s",{seq},{seq}]}}"#));
    }
    lines.push(
        r#"{"at":2,"from":"server","event":"devframe:streaming:end","args":["rec:n","s"]}"#
            .to_owned(),
    );
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let (_devtools, rpc) = client(&lines, ReplayOptions::new().at_once()).await;
    let mut chunks = rpc.streaming().subscribe::<u32>("rec:n", "s");
    let mut sum = 0_u64;
    let mut errors = 0;
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => sum += u64::from(chunk),
            Err(_) => errors += 1,
        }
    }
    assert!(sum > 0 && errors <= 1, "{sum}, {errors}");
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

#[tokio::test]
async fn a_stream_that_was_left_midway_is_replayed_to_one_that_reads_on() {
    use futures_util::StreamExt as _;

    let place = Place::new();
    let devtools = builder().record(place.recorder()).build().await.unwrap();
    let channel = devtools
        .context()
        .rpc()
        .streaming()
        .create::<u32>("rec:numbers", ChannelOptions::new().replay(8))
        .unwrap();
    let numbers = futures_util::stream::iter(0..5).chain(futures_util::stream::pending());
    let id = channel.pipe_from(numbers);
    let rpc = devtools.client();
    let mut reader = rpc.streaming().subscribe::<u32>("rec:numbers", &id);
    for number in 0..3 {
        let chunk = reader.next().await;
        assert_eq!(chunk.unwrap().unwrap(), number);
    }
    drop(reader);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    devtools.shutdown().await;

    let options = ReplayOptions::new()
        .at_once()
        .patience(Duration::from_millis(50));
    let replaying = replaying(&place.recording(), options).await;
    let rpc = replaying.client();
    let mut reader = rpc.streaming().subscribe::<u32>("rec:numbers", &id);
    for number in 0..3 {
        let chunk = tokio::time::timeout(Duration::from_secs(20), reader.next()).await;
        assert_eq!(chunk.unwrap().unwrap().unwrap(), number);
    }
}

/// The replay of one session, without a connection.
fn session(lines: &[&str], options: ReplayOptions) -> SessionReplay {
    let scripts = Arc::new(Scripts::new(&recording(lines)));
    let script = Arc::clone(&scripts.sessions[0]);
    let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
    SessionReplay::new(scripts, script, options, access)
}

/// Sends a frame of the client. The replay answers it.
fn send(session: &mut SessionReplay, frame: &str) {
    let frame = Frame::from(frame.to_owned());
    assert!(session.read(frame, Instant::now()).is_none());
}

/// Returns the frames that are due.
fn due(session: &mut SessionReplay) -> Vec<String> {
    let next = || Some(session.next(Instant::now())?.as_str().to_owned());
    std::iter::from_fn(next).collect()
}

#[tokio::test]
async fn a_reply_comes_after_the_events_that_were_recorded_before_it() {
    let lines = [
        r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[]}"#,
        r#"{"at":1,"from":"server","event":"a:told","args":[]}"#,
        r#"{"at":2,"from":"server","reply":1,"result":7}"#,
    ];
    let mut session = session(&lines, ReplayOptions::new().at_once());
    send(&mut session, r#"{"m":"a:b","a":[],"t":"q","i":"x"}"#);
    let frames = due(&mut session);
    assert_eq!(frames.len(), 2, "{frames:?}");
    assert!(
        frames[0].contains("a:told") && frames[1].contains("\"x\""),
        "{frames:?}"
    );
}

#[tokio::test]
async fn an_event_waits_for_the_reply_of_the_client_that_was_recorded_before_it() {
    let lines = [
        r#"{"at":0,"from":"server","call":"a:confirm","id":1,"args":[]}"#,
        r#"{"at":1,"from":"client","reply":1,"result":true}"#,
        r#"{"at":2,"from":"server","event":"a:told","args":[]}"#,
    ];
    let mut session = session(&lines, ReplayOptions::new().at_once());
    let asked = due(&mut session);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("a:confirm"), "{asked:?}");
    send(&mut session, r#"{"t":"s","i":"replay-1","r":true}"#);
    let told = due(&mut session);
    assert!(told.len() == 1 && told[0].contains("a:told"), "{told:?}");
}

#[tokio::test]
async fn a_change_keeps_the_id_that_the_client_has_given_it() {
    let state = "devframe:rpc:server-state";
    let own = |name: &str, id: &str| {
        format!(r#"{{"m":"{state}:{name}","a":["s",1,"{id}"],"t":"q","i":"x"}}"#)
    };
    let updated = "devframe:rpc:client-state:updated";
    let change = format!(
        r#"{{"at":0,"from":"client","call":"{state}:set","id":1,"args":["s",1,"recorded"]}}"#
    );
    let told =
        format!(r#"{{"at":1,"from":"server","event":"{updated}","args":["s",1,"recorded"]}}"#);
    let lines = [&*change, &*told, r#"{"at":2,"from":"server","reply":1}"#];
    let mut recorded = session(&lines, ReplayOptions::new().at_once());
    send(&mut recorded, &own("set", "mine"));
    let frames = due(&mut recorded);
    assert_eq!(frames.len(), 2, "{frames:?}");
    assert!(
        frames[0].contains(updated) && frames[0].contains("mine"),
        "{frames:?}"
    );
    // Another change is confirmed, also without a record.
    let other = own("set", "other").replace("\"s\",1", "\"s\",2");
    send(&mut recorded, &other);
    let frames = due(&mut recorded);
    assert_eq!(frames.len(), 2, "{frames:?}");
    assert!(
        frames[0].contains(updated) && frames[0].contains("other"),
        "{frames:?}"
    );
    // Its echo is not.
    send(
        &mut recorded,
        &own("set", "mine").replace("\"s\",1", "\"s\",3"),
    );
    assert_eq!(due(&mut recorded).len(), 1);
}

#[tokio::test]
async fn an_upload_gets_room_that_no_recorded_client_has_asked_for() {
    let chunk = r#"{"at":0,"from":"client","event":"devframe:streaming:upload-chunk","args":["files","u",1,"x"]}"#;
    let mut session = session(&[chunk], ReplayOptions::new().at_once());
    let room =
        r#"{"m":"devtools-runtime:streaming:upload-room","a":["files","v"],"t":"q","i":"x"}"#;
    send(&mut session, room);
    let frames = due(&mut session);
    assert!(
        frames.len() == 1 && frames[0].contains("open"),
        "{frames:?}"
    );
}

#[tokio::test]
async fn an_optional_call_of_a_function_that_is_not_recorded_gets_nothing() {
    let call = r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[]}"#;
    let mut session = session(&[call], ReplayOptions::new().at_once());
    send(
        &mut session,
        r#"{"m":"a:c","a":[],"t":"q","o":true,"i":"x"}"#,
    );
    assert_eq!(due(&mut session), [r#"{"t":"s","i":"x"}"#]);
    send(&mut session, r#"{"m":"a:c","a":[],"t":"q","i":"y"}"#);
    assert!(due(&mut session)[0].contains("not-recorded"));
}

#[tokio::test]
async fn more_replies_than_wait_at_once_come_without_their_delay() {
    let lines = [
        r#"{"at":0,"from":"client","call":"a:b","id":1,"args":[]}"#,
        r#"{"at":3600000,"from":"server","reply":1,"result":7}"#,
    ];
    let mut session = session(&lines, ReplayOptions::new());
    for id in 1..=1030 {
        send(
            &mut session,
            &format!(r#"{{"m":"a:b","a":[],"t":"q","i":"{id}"}}"#),
        );
    }
    assert_eq!(due(&mut session).len(), 6);
}
