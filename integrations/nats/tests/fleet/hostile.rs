//! Malformed messages on the subjects of a program harm no process.

use std::time::Duration;

use devtools_runtime::backplane::Backplane as _;
use devtools_runtime::{Limits, define_rpc_function};
use serde_json::{Value, json};

use crate::clients::{Count, counts};
use crate::server::NatsServer;
use crate::workers::{gateway, worker};
use tests::wait::in_time;

/// Writes a message as processes do.
fn message(head: &[u8], body: &[u8]) -> Vec<u8> {
    let lengths = [head, body].map(|part| u32::try_from(part.len()).unwrap().to_be_bytes());
    [&lengths[0], &lengths[1], head, body].concat()
}

/// Messages that no process writes.
fn malformed() -> Vec<Vec<u8>> {
    let large = u64::MAX;
    let call = |function: &str, milliseconds: u64, is_structured: bool| {
        json!({ "Work": {
            "function": function, "fingerprint": "0123456789abcdef", "is_structured": is_structured, "id": "1\"\n",
            "number": { "gateway": large, "call": large }, "milliseconds": milliseconds, "roles": ["\u{0}"],
            "token_name": null, "traceparent": "00-zz",
        } })
    };
    let reader = json!({ "process": "*.>", "number": large });
    let heads = [
        Value::Null,
        json!({ "Unknown": {} }),
        call("hostile:ask", large, true),
        call("\u{202e}", 0, false),
        call("devframe:rpc:server-state:set", large, false),
        json!({ "Cancel": [{ "gateway": large, "call": 0 }] }),
        json!({ "Close": { "session": large, "reason": "x".repeat(5_000) } }),
        json!({ "Revoke": { "session": large } }),
        json!({ "Redeem": { "code": "1".repeat(10_000), "session": large, "address": null } }),
        json!({ "Offers": { "known": large, "from": large } }),
        json!({ "Stream": { "Read": { "reader": reader, "after": large, "bytes": large, "milliseconds": large } } }),
        json!({ "Stream": { "Open": { "reader": reader, "channel": "", "id": "", "after": large, "bytes": 0 } } }),
        json!({ "Stream": { "Moved": { "channel": "a", "id": "b", "client": 7, "after": large } } }),
        json!({ "Call": { "function": "", "id": large, "milliseconds": large, "selector": { "roles": [], "only": null } } }),
    ];
    let heads = heads.iter().map(|head| serde_json::to_vec(head).unwrap());
    let bodies: [&[u8]; 3] = [b"", b"[{]", &[0xff; 100]];
    let mut messages: Vec<_> = heads
        .flat_map(|head| bodies.map(|body| message(&head, body)))
        .collect();
    messages.extend([
        Vec::new(),
        vec![0],
        vec![0xff; 8],
        vec![0xff; 1_000],
        message(&vec![b'['; 100_000], b""),
    ]);
    messages
}

#[tokio::test]
async fn malformed_messages_harm_no_process() {
    let Some(server) = NatsServer::start("malformed messages") else {
        return;
    };
    let link = async || server.options().connect().await.unwrap();
    let of_worker = link().await;
    let process = of_worker.process().to_owned();
    let ask = define_rpc_function("hostile:ask").handler(|text: String| text);
    let worker = worker(of_worker, Limits::new(), vec![ask]).await;
    let (gateway, client) = gateway(link().await, "hostile:ask").await;

    let hostile = async_nats::connect(server.address()).await.unwrap();
    for payload in malformed() {
        for subject in ["request.process", "request.call"] {
            let subject = format!("devtools.{subject}.{process}");
            // The number of the request and its kind come first.
            for begin in [&[0; 9][..], &[0xff; 9], b""] {
                let request = async_nats::Request::new()
                    .payload([begin, &payload].concat().into())
                    .timeout(Some(Duration::from_millis(20)));
                // It may be answered or not.
                let _ = hostile.send_request(subject.clone(), request).await;
            }
        }
        let subjects = ["devtools.log.events", "devtools.process.no"];
        let stores = ["states.!", "states.YQ", "tokens.YQ", "rates.YQ"];
        let stores = stores.map(|key| format!("$KV.devtools-{key}"));
        for subject in subjects.map(str::to_owned).into_iter().chain(stores) {
            hostile
                .publish(subject, payload.clone().into())
                .await
                .unwrap();
        }
    }
    hostile.flush().await.unwrap();

    let answer = client.call_dynamic::<String>("hostile:ask", ("still here",));
    assert_eq!(in_time(answer).await.unwrap(), "still here");
    let of_worker = worker.devtools.client();
    let mut received = counts(&of_worker);
    in_time(Count::broadcast(gateway.context(), "one", 7))
        .await
        .unwrap();
    assert_eq!(in_time(received.recv()).await, Some(("one".to_owned(), 7)));
    let state = gateway.context().rpc().shared_state("hostile:state", 1);
    state.unwrap().set(2).unwrap();
    in_time(gateway.context().rpc().shared_states().stored())
        .await
        .unwrap();
    worker.stop().await;
}
