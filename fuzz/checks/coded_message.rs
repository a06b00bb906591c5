//! Messages of errors, which may have a code and data in their last line.

use std::str::from_utf8;

use serde_json::json;

use super::Verdict;
use crate::wire::coded_message::{CodedMessage, is_code, join, split, uncoded};
use crate::wire::js::Value;
use crate::wire::{self, Envelope, FrameText, RemoteErrorText, RequestId};

/// The message of an error.
///
/// # Panics
///
/// If a message does not come back from beside a code and data, or one without a code is taken for one that has.
pub fn coded_message(text: &[u8]) -> Verdict {
    let Ok(text) = from_utf8(text) else {
        return Verdict::Refused;
    };
    let plain = uncoded(text);
    assert!(split(&plain).is_none(), "{plain}");
    let added = plain.strip_prefix(text);
    assert!(matches!(added, Some("" | "\n")), "{plain}");

    for data in [None, Some(json!({"path": text, "at": [1.5, null]}))] {
        let joined = join(text, "a-code", data.as_ref());
        let apart = CodedMessage {
            message: text,
            code: "a-code",
            data,
        };
        assert_eq!(split(&joined).as_ref(), Some(&apart), "{joined}");
        assert_eq!(carried(&joined), joined);
    }

    let Some(coded) = split(text) else {
        return Verdict::Refused;
    };
    assert!(is_code(coded.code), "{}", coded.code);
    let again = join(coded.message, coded.code, coded.data.as_ref());
    assert_eq!(split(&again).as_ref(), Some(&coded), "{again}");
    Verdict::Read
}

/// The message as it comes out of a frame.
fn carried(message: &str) -> String {
    let error = RemoteErrorText {
        name: "Error",
        message,
    };
    let frame = wire::failure(&RequestId::from(1), error);
    let frame = frame.unwrap_or_else(|error| panic!("not written: {error}"));
    let message = FrameText::open(&frame)
        .and_then(|text| match text.envelope()? {
            Envelope::Response(response) => match response.result {
                Err(error) => error.read(),
                Ok(_) => Ok(Value::Undefined),
            },
            Envelope::Request(_) => Ok(Value::Undefined),
        })
        .unwrap_or_else(|error| panic!("written, but not read: {error}"));
    match message {
        Value::Error(error) => error.message,
        other => panic!("{other:?} in place of an error"),
    }
}
