//! Bad input: each gets a clear error or is dropped, and everything else goes on.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use devtools_runtime::{Limits, rpc_function};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tests::fixture::{Message as Told, devtools};
use tests::wait::{SHORT, eventually, eventually_within, in_time, within};
use tests::wire::Wire;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};

fn error(message: &str) -> String {
    let message = serde_json::to_string(message).unwrap();
    format!(
        r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"X"],[0,"e"],[7,{{"name":"Error","message":{message}}}]]"#
    )
}

#[tokio::test]
async fn malformed_frames_are_dropped() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let (mut wire, mut other) = (Wire::open(&server).await, Wire::open(&server).await);
    let deep = format!("s:{}", "[".repeat(100_000));
    for frame in [
        "",
        "garbage",
        "null",
        "[]",
        "{}",
        "7",
        "\"q\"",
        "{\"t\":\"q\"",
        "s:",
        "s:null",
        "s:[]",
        "s:[[99,1]]",
        "s:[[2,[[1,2]]]]",
        " s:[[2,[]]]",
        "s:[[1,[0]]]",
        "{\"t\":\"s\",\"i\":\"1\"}",
        "{\"t\":\"s\",\"i\":\"99999999999999999999\",\"r\":1}",
        "{\"m\":\"e2e:add\",\"a\":[1,2],\"i\":\"X\"}",
        "{\"m\":\"e2e:add\",\"a\":[1,2],\"t\":\"x\",\"i\":\"X\"}",
        &deep,
    ] {
        wire.send(frame).await;
    }
    wire.0
        .send(Message::binary(vec![0xff, 0xfe]))
        .await
        .unwrap();
    wire.works().await;
    other.works().await;
}

#[tokio::test]
async fn odd_envelopes_are_read_as_javascript_reads_them() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    for (frame, reply) in [
        // `docs/protocol.md` 1.1: any order, unknown keys; and of a repeated key the last one counts.
        (
            r#"{"i":"X","x":{"m":[]},"t":"q","a":[1,2],"m":"e2e:add"}"#,
            r#"{"t":"s","i":"X","r":3}"#,
        ),
        (
            r#"{"m":"nope","m":"e2e:add","a":[1,2],"t":"q","i":"X"}"#,
            r#"{"t":"s","i":"X","r":3}"#,
        ),
        (
            r#"{"m":"\u00652e:add","a":[1,2],"t":"\u0071","i":"X"}"#,
            r#"{"t":"s","i":"X","r":3}"#,
        ),
        // 1.3: ids are echoed as they came, if they are primitives.
        (
            r#"{"m":"e2e:add","a":[1,2],"t":"q","i":7}"#,
            r#"{"t":"s","i":7,"r":3}"#,
        ),
        (
            r#"{"m":"e2e:add","a":[1,2],"t":"q","i":"\"\n"}"#,
            r#"{"t":"s","i":"\"\n","r":3}"#,
        ),
        // 1.4: no arguments, and more than there are parameters.
        (
            r#"{"m":"e2e:get-count","t":"q","i":"X"}"#,
            r#"{"t":"s","i":"X","r":0}"#,
        ),
        (
            r#"{"m":"e2e:get-count","a":null,"t":"q","i":"X"}"#,
            r#"{"t":"s","i":"X","r":0}"#,
        ),
        (
            r#"{"m":"e2e:add","a":[1,2,3,{}],"t":"q","i":"X"}"#,
            r#"{"t":"s","i":"X","r":3}"#,
        ),
        // An optional call of nothing gives `undefined`.
        (
            r#"{"m":"nope","a":[],"t":"q","o":true,"i":"X"}"#,
            r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"X"],[0,"r"],[-1]]"#,
        ),
    ] {
        wire.send(frame).await;
        assert_eq!(wire.text().await, reply, "{frame}");
    }
    // A frame whose id is an object is dropped.
    wire.send(r#"{"m":"e2e:notify","a":["object"],"t":"q","i":{"a":[1]}}"#)
        .await;
    // Falsy ids are events: they run, and are not answered.
    for id in ["\"\"", "0", "null", "false"] {
        wire.send(&format!(
            r#"{{"m":"e2e:notify","a":["{}"],"t":"q","i":{id}}}"#,
            id.replace('"', "'")
        ))
        .await;
    }
    let notifications = wire.call("e2e:notifications", json!([])).await;
    assert_eq!(
        notifications,
        r#"{"t":"s","i":"X","r":["''","0","null","false"]}"#
    );
}

#[tokio::test]
async fn wrong_calls_say_what_was_wrong() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    for (method, arguments, message) in [
        (
            "e2e:nope",
            json!([]),
            "[birpc] function \"e2e:nope\" not found",
        ),
        (
            "toString",
            json!([]),
            "[birpc] function \"toString\" not found",
        ),
        (
            "e2e:add",
            json!([1]),
            "argument 2 (`b`) of `e2e:add`: missing argument",
        ),
        (
            "e2e:add",
            json!([1, 2.5]),
            "argument 2 (`b`) of `e2e:add`: invalid type: floating point `2.5`, expected i64",
        ),
        (
            "e2e:get-module",
            json!(["x", { "includeSource": "yes" }]),
            "argument 2 (`options`) of `e2e:get-module` at `.includeSource`: invalid type: string \"yes\", expected a boolean",
        ),
        (
            "e2e:add",
            json!("12"),
            "argument 1 (`a`) of `e2e:add`: invalid type: string \"12\", expected an array of arguments",
        ),
        ("e2e:fail", json!(["plain"]), "boom"),
        ("e2e:fail", json!(["panic"]), "internal error (id)"),
        ("e2e:fail", json!(["late-panic"]), "internal error (id)"),
    ] {
        let reply = wire.call(method, arguments).await;
        assert_eq!(tests::with_id(&reply), error(message));
        wire.works().await;
    }
}

#[tokio::test]
async fn text_that_is_not_well_formed_is_the_same_in_both_codecs() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    for frame in [
        r#"{"m":"e2e:echo","a":[{"\udc00":"a\ud800b","\ud83c\udf89":"\\ud800"}],"t":"q","i":"X"}"#,
        r#"s:[[2,[[1,2],[3,4],[10,11],[12,13]]],[0,"m"],[0,"e2e:echo"],[0,"a"],[1,[5]],[2,[[6,7],[8,9]]],[0,"\udc00"],[0,"a\ud800b"],[0,"\ud83c\udf89"],[0,"\\ud800"],[0,"t"],[0,"q"],[0,"i"],[0,"X"]]"#,
    ] {
        wire.send(frame).await;
        let reply: Value = serde_json::from_str(&wire.text().await).unwrap();
        let expected = json!({ "\u{fffd}": "a\u{fffd}b", "🎉": "\\ud800" });
        assert_eq!(reply["r"], expected);
    }
}

#[tokio::test]
async fn names_that_serde_json_keeps_for_itself_are_no_data() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    for marker in ["RawValue", "Number"] {
        for frame in [
            format!(
                r#"{{"m":"e2e:echo","a":[[{{"$serde_json::private::{marker}":"[1]"}}]],"t":"q","i":"X"}}"#
            ),
            format!(
                r#"{{"m":"e2e:echo","a":[[{{"\u0024\u0073erde_json::private::{marker}" :"[1]"}}]],"t":"q","i":"X"}}"#
            ),
            format!(
                r#"s:[[2,[[1,2],[3,4],[8,9],[10,11]]],[0,"m"],[0,"e2e:echo"],[0,"a"],[1,[5]],[2,[[6,7]]],[0,"$serde_json::private::{marker}"],[0,"[1]"],[0,"t"],[0,"q"],[0,"i"],[0,"X"]]"#
            ),
        ] {
            wire.send(&frame).await;
            let reply = wire.text().await;
            assert!(
                reply.contains("argument 1 (`value`) of `e2e:echo`"),
                "{reply}"
            );
            assert!(reply.contains("which is reserved"), "{reply}");
        }
    }
    // As text it is text.
    let text = json!(["$serde_json::private::Number"]);
    let reply = wire.call("e2e:echo", text).await;
    assert_eq!(
        reply,
        r#"{"t":"s","i":"X","r":"$serde_json::private::Number"}"#
    );
}

/// JSON has no keys of that type.
#[rpc_function(name = "bad-input:unwritable")]
fn unwritable() -> HashMap<Vec<u8>, u8> {
    HashMap::from([(vec![1], 1)])
}

#[tokio::test]
async fn a_result_that_cannot_be_written_is_an_error() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    let reply = wire.call("bad-input:unwritable", json!([])).await;
    assert_eq!(
        reply,
        error("the result could not be written: key must be a string")
    );
    wire.works().await;
}

#[tokio::test]
async fn nesting_ends_in_an_error_and_not_in_the_stack() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let frame = |value: &str| format!(r#"{{"m":"e2e:echo","a":[{value}],"t":"q","i":"X"}}"#);
    wire.send(&frame(&nested(128))).await;
    assert_eq!(
        wire.text().await,
        format!(r#"{{"t":"s","i":"X","r":{}}}"#, nested(128))
    );
    for depth in [129, 2_000, 100_000] {
        wire.send(&frame(&nested(depth))).await;
        let reply = wire.text().await;
        let problem = "argument 1 (`value`) of `e2e:echo`";
        assert!(reply.contains(problem), "{reply}");
        let problem = "the value is nested deeper than 128 levels (`Limits::DEPTH`)";
        assert!(reply.contains(problem), "{reply}");
    }
    // The same in structured clone: an array that holds an array, and so on.
    let mut frame = String::from(
        r#"s:[[2,[[1,2],[3,4],[5,6],[7,2]]],[0,"m"],[0,"e2e:echo"],[0,"a"],[1,[8]],[0,"t"],[0,"q"],[0,"i"]"#,
    );
    for at in 9..5_000 {
        write!(frame, ",[1,[{at}]]").unwrap();
    }
    frame.push_str(",[0,1]]");
    wire.send(&frame).await;
    let reply = wire.text().await;
    assert!(reply.contains("nested deeper than 128 levels"), "{reply}");
    wire.works().await;
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_its_own_connection_only() {
    let limits = Limits::new().frame_bytes(10_000);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let (mut wire, mut other) = (Wire::open(&server).await, Wire::open(&server).await);
    wire.call("e2e:echo", json!(["x".repeat(9_000)])).await;
    wire.send(&"x".repeat(10_001)).await;
    match wire.next().await {
        Some(Message::Close(Some(close))) => {
            assert_eq!(close.code, CloseCode::Size);
            assert!(close.reason.contains("frame_bytes"), "{}", close.reason);
        }
        other => panic!("{other:?}"),
    }
    other.works().await;
}

#[tokio::test]
async fn a_client_that_sends_too_much_reads_why_it_is_closed() {
    let limits = Limits::new().frame_bytes(10_000);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    // More than the buffers of a connection hold: the server reads on although it has had enough.
    let sent = wire.0.send(Message::text("x".repeat(30_000_000)));
    in_time(sent).await.unwrap();
    match wire.next().await {
        Some(Message::Close(Some(close))) => {
            assert_eq!(close.code, CloseCode::Size);
            let reason = "over the limit `frame_bytes` of 10000";
            assert_eq!(close.reason.as_str(), reason);
        }
        other => panic!("{other:?}"),
    }
}

// RFC 6455, 7.4.1
#[tokio::test]
async fn what_breaks_the_protocol_of_websockets_is_told_its_code() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let long_ping = [&[0x89, 0xfe, 0, 126, 0, 0, 0, 0][..], &[b'x'; 126]].concat();
    let cases: [(&[u8], CloseCode); 11] = [
        (&[0xc1, 0x80, 0, 0, 0, 0], CloseCode::Protocol), // a reserved bit
        (&[0x83, 0x80, 0, 0, 0, 0], CloseCode::Protocol), // a reserved kind of data
        (&[0x8b, 0x80, 0, 0, 0, 0], CloseCode::Protocol), // a reserved kind of control
        (&[0x80, 0x80, 0, 0, 0, 0], CloseCode::Protocol), // goes on with nothing
        (&[0x09, 0x80, 0, 0, 0, 0], CloseCode::Protocol), // a ping in parts
        (&long_ping, CloseCode::Protocol),
        (&[0x81, 0x01, b'x'], CloseCode::Protocol), // not masked
        (&[0x88, 0x81, 0, 0, 0, 0, 3], CloseCode::Protocol), // half a code
        (&[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], CloseCode::Invalid),
        (
            &[0x01, 0x81, 0, 0, 0, 0, 0xc3, 0x80, 0x81, 0, 0, 0, 0, 0x28],
            CloseCode::Invalid, // in two parts
        ),
        (
            &[0x88, 0x84, 0, 0, 0, 0, 0x03, 0xe8, 0xc3, 0x28],
            CloseCode::Invalid, // as the reason of a close
        ),
    ];
    for (bytes, code) in cases {
        let mut wire = Wire::open(&server).await;
        wire.works().await;
        wire.0.get_mut().write_all(bytes).await.unwrap();
        match wire.next().await {
            Some(Message::Close(Some(close))) => assert_eq!(close.code, code, "{bytes:x?}"),
            other => panic!("{other:?} after {bytes:x?}"),
        }
        assert!(wire.next().await.is_none(), "{bytes:x?}");
    }
}

#[tokio::test]
async fn calls_before_a_half_close_are_answered() {
    let limits = Limits::new().calls_in_flight(2);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    // Two run, two are held.
    for id in 1..=4 {
        let call = json!({ "m": "e2e:sleep", "a": [50], "t": "q", "i": id.to_string() });
        wire.send(&call.to_string()).await;
    }
    wire.0.get_mut().shutdown().await.unwrap();
    let mut replies = Vec::new();
    while replies.len() < 4 {
        match wire.next().await {
            Some(Message::Text(text)) => replies.push(text.as_str().to_owned()),
            Some(Message::Pong(_)) => {}
            other => panic!("no reply but {other:?}"),
        }
    }
    replies.sort_unstable();
    for (id, reply) in (1..=4).zip(replies) {
        assert_eq!(reply, format!(r#"{{"t":"s","i":"{id}","r":50}}"#));
    }
    let last = loop {
        match wire.next().await {
            Some(Message::Pong(_)) => {}
            other => break other,
        }
    };
    assert!(matches!(last, Some(Message::Close(_))), "{last:?}");
    let rpc = server.devtools().context().rpc();
    eventually_within(SHORT, || rpc.sessions().is_empty()).await;
}

/// As many letters as are asked for.
#[rpc_function(name = "bad-input:large")]
async fn large(letters: usize) -> String {
    tokio::task::yield_now().await;
    "x".repeat(letters)
}

#[tokio::test]
async fn a_reply_over_the_limit_is_an_error() {
    let limits = Limits::new().frame_bytes(10_000);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    assert!(wire.call("bad-input:large", json!([9_000])).await.len() > 9_000);
    let reply = wire.call("bad-input:large", json!([20_000])).await;
    assert_eq!(
        reply,
        error("the reply has 20024 bytes, over the limit `frame_bytes` of 10000")
    );
    wire.works().await;
}

#[tokio::test]
async fn many_calls_wait_their_turn_and_none_is_lost() {
    let limits = Limits::new().calls_in_flight(4);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    for i in 0..100 {
        wire.send(&format!(
            r#"{{"m":"e2e:sleep","a":[1],"t":"q","i":"{i}x"}}"#
        ))
        .await;
    }
    let mut replies: Vec<String> = Vec::new();
    for _ in 0..100 {
        replies.push(wire.text().await);
    }
    replies.sort_unstable();
    replies.dedup();
    assert_eq!(replies.len(), 100);
}

#[tokio::test]
async fn a_client_that_does_not_read_disturbs_nobody() {
    let limits = Limits::new()
        .queued_frames(64)
        .grace(Duration::from_millis(100));
    let devtools = devtools().limits(limits).build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let (mut deaf, mut reads) = (Wire::open(&server).await, Wire::open(&server).await);
    deaf.works().await;
    let events = 2_000;
    let reading = tokio::spawn(async move {
        for i in 0..events {
            let event = reads.text().await;
            assert!(
                event.contains(&format!("\"{i} ")),
                "{i} in {}",
                &event[..60]
            );
        }
        reads
    });
    let padding = "x".repeat(10_000);
    for i in 0..events {
        // Paced by the reader that reads: its queue is bounded too.
        Told::broadcast(devtools.context(), format!("{i} {padding}"))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    reading.await.unwrap().works().await;
    // The deaf one was closed, and its memory given back.
    eventually(|| devtools.context().rpc().sessions().len() <= 1).await;
    drop(deaf);
}

#[tokio::test]
async fn a_client_that_vanishes_disturbs_nobody() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut stays = Wire::open(&server).await;
    for _ in 0..50 {
        let mut vanishes = Wire::open(&server).await;
        vanishes
            .send(r#"{"m":"e2e:sleep","a":[50],"t":"q","i":"X"}"#)
            .await;
        drop(vanishes);
    }
    stays.works().await;
    eventually(|| server.devtools().context().rpc().sessions().len() <= 1).await;
}

#[tokio::test]
async fn pings_are_answered_and_a_close_too() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::open(&server).await;
    wire.0
        .send(Message::Ping(Bytes::from_static(b"x")))
        .await
        .unwrap();
    assert!(matches!(wire.next().await, Some(Message::Pong(_))));
    wire.0.close(None).await.unwrap();
    assert!(matches!(wire.next().await, Some(Message::Close(_))));
}

#[tokio::test]
async fn a_client_that_gives_no_sign_of_life_is_let_go() {
    let limits = Limits::new().keep_alive(Duration::from_millis(100));
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let (mut alive, silent) = (Wire::open(&server).await, Wire::open(&server).await);
    // Pongs are sent by whoever reads.
    let reading = tokio::spawn(async move {
        match within(SHORT, alive.next()).await {
            Some(Message::Ping(payload)) => assert_eq!(&payload[..], b"crossws-ping"),
            other => panic!("{other:?}"),
        }
        let more = tokio::time::timeout(Duration::from_millis(500), async {
            while alive.next().await.is_some() {}
        });
        assert!(more.await.is_err(), "it stays connected");
        alive
    });
    let rpc = server.devtools().context().rpc();
    eventually_within(SHORT, || rpc.sessions().len() <= 1).await;
    drop(silent);
    reading.await.unwrap().works().await;
}

#[tokio::test]
async fn a_session_too_many_is_refused_until_another_ends() {
    let limits = Limits::new().sessions(2);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let (mut stays, mut leaves) = (Wire::open(&server).await, Wire::open(&server).await);
    stays.works().await;
    leaves.works().await;
    let refused = Wire::try_open(&server).await.unwrap_err();
    assert!(refused.contains("503"), "{refused}");
    leaves.0.close(None).await.unwrap();
    eventually(|| server.devtools().context().rpc().sessions().len() <= 1).await;
    Wire::open(&server).await.works().await;
    stays.works().await;
}
