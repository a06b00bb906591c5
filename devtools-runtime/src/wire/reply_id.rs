//! Finds the request that an outgoing reply answers.

use serde::Deserialize as _;
use serde_json::{Deserializer, Value};

use crate::wire::envelope::Envelope;
use crate::wire::frame_text::FrameText;
use crate::wire::request_id::RequestId;

/// Returns the id in a reply that this crate has written. Returns `None` if the text is a request.
///
/// Replies begin with their id, so usually only the beginning is read.
pub(crate) fn reply_id(text: &str) -> Option<RequestId> {
    let Some(records) = text.strip_prefix("s:") else {
        let id = text.strip_prefix(r#"{"t":"s","i":"#)?;
        return from_value(&Value::deserialize(&mut Deserializer::from_str(id)).ok()?);
    };
    // The fields come first, as pairs of record indices for key and value.
    let (fields, records) = records.split_once("]]],")?;
    let records = records.strip_prefix(r#"[0,"t"],"#)?;
    let id_is_fourth = fields.starts_with("[[2,[[1,2],[3,4],");
    if let (true, Some(id)) = (id_is_fourth, records.strip_prefix(r#"[0,"s"],[0,"i"],"#)) {
        if let Ok((0_i8, id)) = <(i8, Value)>::deserialize(&mut Deserializer::from_str(id)) {
            return from_value(&id);
        }
    }
    // Here the id shares its record with a key, so the whole envelope is read.
    match FrameText::open(text).ok()?.envelope().ok()? {
        Envelope::Response(response) => response.id,
        Envelope::Request(_) => None,
    }
}

fn from_value(id: &Value) -> Option<RequestId> {
    match id {
        Value::String(text) => RequestId::from_text(text),
        other => RequestId::from_json(&other.to_string()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::reply_id;
    use crate::wire::{Encoding, RemoteErrorText, RequestId, failure, request, success};

    #[test]
    fn the_id_of_a_reply_is_found_and_a_request_has_none() {
        let texts = [
            "A7TwOnz5JK-gqrjnOf4WP",
            "t",
            "s",
            "i",
            "r",
            "e",
            "ü\"\n]]],",
        ];
        let others = ["7", "1.5", "true"];
        let ids = texts.iter().filter_map(|id| RequestId::from_text(id));
        for id in ids.chain(others.iter().map(|id| RequestId::from_json(id).unwrap())) {
            let error = RemoteErrorText {
                name: "Error",
                message: "t",
            };
            let mut replies = vec![failure(&id, error).unwrap()];
            for encoding in [Encoding::Json, Encoding::StructuredClone] {
                for result in [Some("s"), Some("result"), None] {
                    replies.push(success(encoding, &id, result).unwrap());
                }
                let call = request(encoding, "t", &("s", 1), false, Some(&id)).unwrap();
                assert_eq!(reply_id(&call), None, "{call}");
            }
            for reply in replies {
                assert_eq!(reply_id(&reply), Some(id.clone()), "{reply}");
            }
        }
    }
}
