//! Events: when they come, and what they wait for.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{ask, client};
use crate::recording::ReplayOptions;
use crate::{DevToolsRpcClient, RpcSession, rpc_function};

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
