//! Replaying what was recorded of a server with authentication.
//!
//! Codes and tokens are drawn anew here: the code that this server shows stands for the recorded one, and so does the
//! token that it gives.

use std::sync::mpsc::{Receiver, channel};

use devtools_runtime::{Gate, Server};
use serde_json::Value;
use tests::wait::{SHORT, eventually, eventually_within};
use tests::wire::Wire;

use crate::broadcasts;
use crate::differences::{BUILT_IN_JSON, Kind, Known, TEXTS, Tally, UNDEFINED_IN_JSON, known};
use crate::functions::{self, Declared, Shared};
use crate::http::compare_document;
use crate::recording::{Direction, Message, TRANSCRIPTS, Transcript, transcript};
use crate::replay::Replay;
use crate::states;

/// The transcripts of one server, in the order they were recorded, with the code that was its right one meanwhile.
const SCENARIOS: &[(&str, Option<&str>)] = &[
    ("auth/untrusted", None),
    ("auth/exchange", Some("913809")),
    ("auth/reconnect-with-token", None),
    ("auth/revoke", None),
    ("auth/revoked-still-subscribed", Some("553290")),
    ("auth/five-wrong-codes", Some("114215")),
    ("auth/bad-exchange-args", None),
];

const STORAGE: &str = "auth/storage-file";

const DOCUMENT: &str = "http/connection-json/default-auth";

/// The events that the recorded server sent to sessions that it did not trust, or no longer. This one does not.
const WITHHELD: &[&str] = &["devframe:rpc:client-state:updated", "ui:secret"];

const ORDER: &str = "replies leave in the order in which calls end (docs/protocol.md 1.6)";

const WITH_AUTH: &[Known] = &[
    known(
        "auth/",
        "anonymous:devframe:auth:*",
        Kind::Codec,
        BUILT_IN_JSON,
    ),
    known("auth/", "devframe:auth:*", Kind::Codec, BUILT_IN_JSON),
    known(
        "auth/",
        "anonymous:devframe:auth:request-code",
        Kind::Null,
        UNDEFINED_IN_JSON,
    ),
    known(
        "auth/",
        "devframe:auth:revoke",
        Kind::Null,
        UNDEFINED_IN_JSON,
    ),
    known("auth/untrusted", "a8", Kind::Text, TEXTS),
    known("auth/untrusted", "a9", Kind::Text, TEXTS),
    known(
        "auth/five-wrong-codes",
        "anonymous:devframe:auth:exchange",
        Kind::Result,
        "who is not listened to is told so, and for how long",
    ),
    known("auth/bad-exchange-args", "b1", Kind::Text, TEXTS),
    known("auth/bad-exchange-args", "b3", Kind::Text, TEXTS),
    known(
        "auth/exchange",
        "devframe:rpc:server-state:get",
        Kind::Order,
        ORDER,
    ),
    known(
        "auth/reconnect-with-token",
        "devframe:rpc:server-state:get",
        Kind::Order,
        ORDER,
    ),
];

/// Whether a transcript is replayed here.
pub(crate) fn is_replayed(name: &str) -> bool {
    let mut scenarios = SCENARIOS.iter();
    name == STORAGE || name == DOCUMENT || scenarios.any(|(scenario, _)| *scenario == name)
}

/// Has the server make a new code and show it.
async fn new_code(server: &Server, shown: &Receiver<String>) -> String {
    let mut wire = Wire::open(server).await;
    let request = r#"{"m":"anonymous:devframe:auth:request-code","a":[{"ua":"x","origin":"y","reissue":true}],"t":"q","i":"code"}"#;
    wire.send(request).await;
    let reply = Message::read(&wire.text().await).unwrap();
    assert!(reply.result().is_ok());
    let code = shown.try_iter().last().expect("a code that is shown");
    assert_eq!(code.len(), 6, "{code}");
    assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    code
}

/// Waits until nobody is connected any more.
async fn everybody_left(server: &Server) {
    let rpc = server.devtools().context().rpc();
    eventually_within(SHORT, || rpc.sessions().is_empty()).await;
}

/// Takes out what is not pushed here, so that the replay fails if it comes. Returns what that was.
fn withhold(transcript: &mut Transcript) -> Vec<String> {
    let mut withheld = Vec::new();
    for (index, connection) in transcript.connections.iter_mut().enumerate() {
        let frames = std::mem::take(&mut connection.frames);
        // From the end, so that what is taken out moves nothing that is still to be looked at.
        for (at, frame) in frames.into_iter().enumerate().rev() {
            let push = Message::read(&frame.text).filter(Message::is_request);
            let push = push.filter(|_| frame.dir == Direction::ToClient);
            match push.filter(|push| WITHHELD.contains(&push.method())) {
                None => connection.frames.insert(0, frame),
                Some(push) => {
                    withheld.push(push.method().to_owned());
                    let marks = transcript.marks.iter_mut();
                    marks
                        .filter(|mark| mark.connection == index && mark.after_frame > at)
                        .for_each(|mark| mark.after_frame -= 1);
                }
            }
        }
    }
    withheld
}

#[tokio::test]
async fn authentication_is_as_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let (show, shown) = channel();
    let gate = Gate::new()
        .storage(&file)
        .on_code(move |code| drop(show.send(code.code().to_owned())));
    let (shared, declared) = (
        Shared::default(),
        Declared::AsRecorded { definitions: false },
    );
    let builder = functions::server(declared, &shared).auth(gate);
    let mut server = Some(builder.bind("127.0.0.1:0").await.unwrap());
    let address = server.as_ref().unwrap().local_addr();
    compare_document(DOCUMENT, address, "/__connection.json").await;

    let mut tally = Tally::new(WITH_AUTH, declared);
    let (mut renamed, mut withheld) = (Vec::new(), Vec::new());
    for (name, code) in SCENARIOS {
        if let Some(recorded) = code {
            let code = new_code(server.as_ref().unwrap(), &shown).await;
            // In quotes, for an id might hold the same digits.
            renamed.push((format!("\"{recorded}\""), format!("\"{code}\"")));
        }
        everybody_left(server.as_ref().unwrap()).await;
        let mut transcript = transcript(name);
        withheld.extend(withhold(&mut transcript));
        let context = server.as_ref().unwrap().devtools().context().clone();
        states::prepare(name, &context);
        let replay = Replay::new(&transcript, &mut server, &shared, &mut renamed, &mut tally);
        replay.run(&broadcasts::actions(name)).await;
        states::check(name, &context);
    }
    tally.print("auth");
    println!(
        "    not pushed to sessions that are not trusted: {}",
        withheld.join(", ")
    );
    assert_eq!((tally.transcripts, tally.compared), (7, 43));
    assert_eq!(withheld.len(), 3);

    // Every token that was given has been revoked.
    let recorded: Value = serde_json::from_str(TRANSCRIPTS).unwrap();
    let mut recorded = recorded["transcripts"].as_array().unwrap().iter();
    let stored = recorded.find(|transcript| transcript["name"] == STORAGE);
    let stored = stored.unwrap()["text"].as_str().unwrap();
    eventually(|| std::fs::read_to_string(&file).unwrap_or_default() == stored).await;
    println!("{STORAGE}: as recorded, byte for byte");
}
