//! Describes recorded frames.

use std::time::Duration;

use crate::inspector::functions::{FrameInfo, FrameKind, TrafficPage};
use crate::peer::{FrameDirection, RecentFrames, RecordedFrame};
use crate::wire::{Encoding, Envelope, FrameText};

/// Describes a part of the record for the session `own`.
pub(super) fn describe(recent: &RecentFrames, own: u64) -> TrafficPage {
    TrafficPage {
        own,
        next: recent.next,
        skipped: recent.skipped,
        now: milliseconds(recent.now),
        frames: recent.frames.iter().map(frame).collect(),
    }
}

fn frame(recorded: &RecordedFrame) -> FrameInfo {
    let text = recorded.frame.as_str();
    let (kind, name, id) = read(text).unwrap_or((FrameKind::Unreadable, None, None));
    FrameInfo {
        number: recorded.number,
        at: milliseconds(recorded.at),
        session: recorded.session,
        incoming: recorded.direction == FrameDirection::Read,
        kind,
        name,
        id,
        encoding: if text.starts_with("s:") {
            Encoding::StructuredClone
        } else {
            Encoding::Json
        },
        bytes: text.len(),
    }
}

/// Returns the kind, the name and the id of a frame, or `None` if it is not valid.
fn read(text: &str) -> Option<(FrameKind, Option<String>, Option<String>)> {
    let text = FrameText::open(text).ok()?;
    Some(match text.envelope().ok()? {
        Envelope::Request(request) => {
            let kind = match request.id {
                Some(_) => FrameKind::Call,
                None => FrameKind::Event,
            };
            let id = request.id.map(|id| id.to_string());
            (kind, Some(request.method.into_owned()), id)
        }
        Envelope::Response(response) => {
            let kind = match response.result {
                Ok(_) => FrameKind::Reply,
                Err(_) => FrameKind::Failure,
            };
            (kind, None, response.id.map(|id| id.to_string()))
        }
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::inspector::functions::FrameKind;

    #[test]
    fn the_envelope_of_a_frame_is_described() {
        let name = || Some("a:b".to_owned());
        let id = || Some("x1".to_owned());
        for (text, expected) in [
            (
                r#"{"m":"a:b","a":[1],"t":"q","i":"x1"}"#,
                Some((FrameKind::Call, name(), id())),
            ),
            (
                r#"{"m":"a:b","a":[],"t":"q"}"#,
                Some((FrameKind::Event, name(), None)),
            ),
            (
                r#"{"t":"s","i":"x1","r":null}"#,
                Some((FrameKind::Reply, None, id())),
            ),
            (
                r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"x1"],[0,"e"],[7,{"name":"Error","message":"boom"}]]"#,
                Some((FrameKind::Failure, None, id())),
            ),
            ("{", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
