//! The body of a POST.

use std::str::from_utf8;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;

use super::{Verdict, at_once};
use crate::peer::Frame;
use crate::server::{self, BodyLimits, HeldPosts};
use crate::wire::{self, Encoding, RemoteErrorText, RequestId};

/// The body of a POST to a session over server-sent events.
///
/// # Panics
///
/// If a body is refused in another way than it should be, or a call in it whose POST is held could not be
/// answered.
pub fn sse_post_body(body: &[u8]) -> Verdict {
    const LIMIT: usize = 1024;

    let full = Full::new(Bytes::copy_from_slice(body));
    let limits = BodyLimits {
        bytes: LIMIT,
        pace: None,
        arriving: None,
    };
    let text = match at_once(server::read_post(full, limits, "frame_bytes")) {
        Ok((text, _)) => text,
        Err(refusal) => {
            let expected = if body.len() > LIMIT {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                assert!(from_utf8(body).is_err(), "a text is refused");
                StatusCode::ACCEPTED
            };
            assert_eq!(refusal.status(), expected);
            return Verdict::Refused;
        }
    };
    assert_eq!(text.as_bytes(), body);
    assert!(body.len() <= LIMIT);
    let Some(id) = server::call_id(&text) else {
        return Verdict::Refused;
    };
    let held = Arc::new(HeldPosts::default());
    let error = RemoteErrorText {
        name: "Error",
        message: &text,
    };
    let replies = [
        wire::failure(&id, error),
        wire::success(Encoding::Json, &id, Some(&text)),
        wire::success(Encoding::StructuredClone, &id, Some(&text)),
        wire::success::<()>(Encoding::Json, &id, None),
        wire::success::<()>(Encoding::StructuredClone, &id, None),
    ];
    for reply in replies {
        let reply = reply.unwrap_or_else(|error| panic!("{id} cannot be answered: {error}"));
        let post = held.hold(&id);
        let of_another = wire::success::<()>(Encoding::Json, &RequestId::from(0), None);
        let passes = of_another.is_ok_and(|frame| held.answer(Frame::from(frame), 0).is_some());
        assert!(passes || id == RequestId::from(0), "taken from another");
        if !passes {
            continue;
        }
        assert!(
            held.answer(Frame::from(reply.clone()), 0).is_none(),
            "{reply}"
        );
        let answer = at_once(post.reply());
        assert_eq!(
            answer.as_ref().map(|answer| answer.frame.as_str()),
            Some(reply.as_str())
        );
    }
    Verdict::Read
}
