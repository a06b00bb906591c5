//! Reads the frames that the JavaScript packages sent each other, and writes them again.

use serde_json::Value;

use crate::wire::{self, Encoding, Envelope, FrameText, Payload, RemoteErrorText, js};

const TRANSCRIPTS: &str = include_str!("../../../tests/vectors/transcripts.json");

/// The number of frames in the transcripts for each result.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Frames that are written again byte for byte.
    identical: usize,
    /// Read, but not written like that here: odd key orders, thrown values that are no `Error`, a `1` for
    /// `true`.
    only_read: usize,
    /// No envelopes: garbage, two values that contain themselves, and two ids that are objects.
    refused: usize,
}

fn frames() -> Vec<String> {
    let transcripts: Value = serde_json::from_str(TRANSCRIPTS).unwrap();
    let transcripts = transcripts["transcripts"].as_array().unwrap().clone();
    let connections = transcripts
        .iter()
        .filter_map(|transcript| transcript["connections"].as_array())
        .flatten()
        .filter_map(|connection| connection["frames"].as_array())
        .flatten();
    connections
        .map(|frame| frame["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Reads a frame and writes it again. Returns `None` if it is not an envelope.
fn written_again(frame: &str) -> Option<String> {
    let encoding = if frame.starts_with("s:") {
        Encoding::StructuredClone
    } else {
        Encoding::Json
    };
    let text = FrameText::open(frame).ok()?;
    match text.envelope().ok()? {
        Envelope::Request(request) => {
            let arguments: js::Value = request.arguments.read().ok()?;
            let id = request.id.as_ref();
            let (method, parent) = (&*request.method, request.parent.as_deref());
            wire::traced_request(encoding, method, &arguments, request.optional, id, parent).ok()
        }
        Envelope::Response(response) => match response.result {
            Ok(Payload::Absent) => wire::success::<()>(encoding, &response.id?, None).ok(),
            Ok(result) => {
                let result: js::Value = result.read().ok()?;
                wire::success(encoding, &response.id?, Some(&result)).ok()
            }
            Err(error) => match error.read().ok()? {
                js::Value::Error(error) => {
                    let error = RemoteErrorText {
                        name: &error.name,
                        message: &error.message,
                    };
                    wire::failure(&response.id?, error).ok()
                }
                _ => Some(String::new()),
            },
        },
    }
}

#[test]
fn envelopes_are_read_and_written_byte_for_byte() {
    let mut tally = Tally::default();
    for frame in frames() {
        match written_again(&frame) {
            Some(again) if again == frame => tally.identical += 1,
            Some(_) => tally.only_read += 1,
            None => tally.refused += 1,
        }
    }
    println!("envelopes: {tally:?} of {} captured frames", frames().len());
    assert_eq!(
        tally,
        Tally {
            identical: 691,
            only_read: 17,
            refused: 15
        }
    );
}

/// Returns the lines of the blocks in `docs/protocol.md` that are marked with `kind`.
pub(crate) fn documented(kind: &str) -> Vec<&'static str> {
    const PAGE: &str = include_str!("../../../docs/protocol.md");
    let fence = format!("```{kind}\n");
    let blocks = PAGE.split(fence.as_str()).skip(1);
    let blocks = blocks.map(|rest| rest.split_once("```").expect("an end of the block").0);
    blocks.flat_map(str::lines).collect()
}

#[test]
fn the_documented_frames_are_read_and_written_byte_for_byte() {
    let frames = documented("frames");
    assert!(frames.len() >= 17, "{} frames", frames.len());
    for frame in frames {
        assert_eq!(written_again(frame).as_deref(), Some(frame));
    }
}

#[test]
fn the_documented_values_are_read_and_written_byte_for_byte() {
    let values = documented("values");
    assert!(values.len() >= 10, "{} values", values.len());
    for text in values {
        let document = wire::Document::parse(text).unwrap();
        let value: js::Value = Payload::Clone(document.root()).read().unwrap();
        let mut again = String::new();
        wire::write_clone(&mut again, &value).unwrap();
        assert_eq!(again, text);
    }
}
