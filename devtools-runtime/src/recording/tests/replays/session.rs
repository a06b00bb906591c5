//! The replay of one session, without a connection.

use std::sync::Arc;

use tokio::time::Instant;

use super::recording;
use crate::peer::{AccessCell, ConnectionAccess, Frame, Interposer as _};
use crate::recording::ReplayOptions;
use crate::recording::replay::SessionReplay;
use crate::recording::script::Scripts;

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
