//! Recordings of the JavaScript server, replayed against this one: the frames of the recorded clients go to
//! a server with the same functions, and what it sends is compared with the recording in meaning.

mod auth;
mod broadcasts;
mod differences;
mod functions;
mod http;
mod hub;
mod recording;
mod replay;
mod sse;
mod states;
mod streams;

use devtools_runtime::Auth;

use crate::differences::{EVERYWHERE, OVER_WEBSOCKETS, Tally, are_all_met};
use crate::functions::{Declared, Shared};
use crate::recording::{Transcript, transcripts};
use crate::replay::Replay;

/// The groups whose frames are replayed over a WebSocket without authentication.
const GROUPS: &[&str] = &[
    "connect",
    "query",
    "event",
    "optional",
    "error",
    "broadcast",
    "cache",
    "raw",
    "json",
    "streaming",
    "upload",
    "state",
];

fn is_replayed(transcript: &Transcript) -> bool {
    GROUPS.contains(&transcript.group()) || transcript.name == "ws/server-close"
}

async fn replay(transcript: &Transcript, declared: Declared, tally: &mut Tally) {
    let shared = Shared::default();
    let folder = tempfile::tempdir().unwrap();
    let builder = functions::server(declared, &shared)
        .auth(Auth::None)
        .storage(folder.path());
    let mut server = Some(builder.bind("127.0.0.1:0").await.unwrap());
    let context = server.as_ref().unwrap().devtools().context().clone();
    streams::set_up(&context, transcript, declared).await;
    states::prepare(&transcript.name, &context);
    let mut renamed = Vec::new();
    let replay = Replay::new(transcript, &mut server, &shared, &mut renamed, tally);
    replay.run(&broadcasts::actions(&transcript.name)).await;
    states::check(&transcript.name, &context);
}

/// The transcripts that are not served yet: a whole group, or one.
const NOT_SERVED_YET: &[&str] = &[
    "hub/http/",
    "http/connection-json/sse-only (ws: false)",
    "http/connection-json/neither",
    "http/sse-disabled",
    "http/connection-json/ws only (sse: false)",
    "http/connection-json/with MCP (auto, an agent tool is registered)",
    "http/connection-json/custom routes",
    "http/connection-json/side-car (auto port)",
    "http/connection-json/external url",
];

#[test]
fn every_transcript_is_accounted_for() {
    let transcripts = transcripts();
    let is_in = |name: &str, list: &[&str]| {
        let mut list = list.iter();
        list.any(|entry| *entry == name || entry.ends_with('/') && name.starts_with(entry))
    };
    let (mut replayed, mut not_yet) = (0, 0);
    for transcript in &transcripts {
        let name = &*transcript.name;
        let here = is_replayed(transcript)
            || name == http::MATRIX
            || is_in(name, http::DOCUMENTS)
            || is_in(name, sse::SESSIONS)
            || name == hub::SCENARIO
            || auth::is_replayed(name);
        assert_ne!(here, is_in(name, NOT_SERVED_YET), "{name}");
        replayed += usize::from(here);
        not_yet += usize::from(!here);
    }
    let all = transcripts.len();
    println!(
        "transcripts: {replayed} of {all} replayed, {not_yet} not served yet: {}",
        NOT_SERVED_YET.join(", ")
    );
    assert_eq!((all, replayed), (71, 59));
}

#[tokio::test]
async fn recorded_clients_are_answered_as_recorded() {
    let transcripts = transcripts();
    let replayed = || transcripts.iter().filter(|it| is_replayed(it));

    let mut exactly = Tally::new(OVER_WEBSOCKETS, Declared::AsRecorded { definitions: true });
    for transcript in replayed() {
        let definitions = transcript.server.contains("definitions");
        replay(
            transcript,
            Declared::AsRecorded { definitions },
            &mut exactly,
        )
        .await;
    }
    // The same clients meet a server whose functions are declared as Rust programs do it.
    let mut usually = Tally::new(OVER_WEBSOCKETS, Declared::AsUsual);
    for transcript in replayed().filter(|it| it.server.starts_with("default")) {
        replay(transcript, Declared::AsUsual, &mut usually).await;
    }
    exactly.print("transcripts");
    usually.print("transcripts, functions declared as usual");
    assert_eq!((exactly.transcripts, exactly.compared), (42, 256));
    assert_eq!((usually.transcripts, usually.compared), (36, 224));
    are_all_met(EVERYWHERE, &[&exactly, &usually]);
    are_all_met(OVER_WEBSOCKETS, &[&exactly, &usually]);
}
