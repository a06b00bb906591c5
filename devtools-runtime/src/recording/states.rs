//! The last values of the shared states in a recording.

use std::collections::{BTreeMap, HashMap};

use crate::function::RpcFunction as _;
use crate::protocol::state::{GetState, Patch, StatePatched, StateUpdated};
use crate::recording::entry::{LineContent, RecordedMessage, RecordedReply, Sender};
use crate::recording::recording::Recording;
use crate::state::patch::{Moves, apply};
use crate::wire::js::Value;
use crate::wire::{self, Document, Encoding, Payload};

/// The most elements of arrays that the patches of one change may move.
const MOST_MOVES: usize = 10_000_000;

/// Returns the last recorded value of each shared state that a client has read, without those of the protocol.
pub(super) fn last_values(recording: &Recording) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    let mut asked = HashMap::new();
    for entry in &recording.entries {
        let LineContent::Frame(frame) = &entry.content else {
            continue;
        };
        match (&frame.message, frame.from) {
            (
                RecordedMessage::Call {
                    name,
                    id,
                    arguments: Some(arguments),
                    ..
                },
                Sender::Client,
            ) if name == GetState::NAME => {
                if let Some(key) = key(arguments) {
                    asked.insert((frame.session, *id), key.to_owned());
                }
            }
            (RecordedMessage::Reply { id, outcome, .. }, Sender::Server) => {
                if let (Some(key), RecordedReply::Returned(value)) =
                    (asked.remove(&(frame.session, *id)), outcome)
                {
                    if *value != Value::Undefined {
                        values.insert(key, value.clone());
                    }
                }
            }
            (
                RecordedMessage::Event {
                    name,
                    arguments: Some(arguments),
                },
                Sender::Server,
            ) => {
                let known = key(arguments).and_then(|key| values.get_mut(key));
                if let (Some(value), Some(change)) = (known, arguments.get(1)) {
                    change_value(name, value, change);
                }
            }
            _ => {}
        }
    }
    values.retain(|key, _| !crate::protocol::is_built_in(key));
    values
}

fn key(arguments: &[Value]) -> Option<&str> {
    arguments.first()?.as_str()
}

fn change_value(event: &str, value: &mut Value, change: &Value) {
    if event == StateUpdated::<Value>::NAME {
        *value = change.clone();
    } else if event == StatePatched::NAME {
        let mut changed = value.clone();
        let applied = patches(change).map(|it| apply(&mut changed, &it, Moves::new(MOST_MOVES)));
        if let Some(Ok(())) = applied {
            *value = changed;
        } else {
            // The change of another session may be applied already, or fields of this change were left out.
            tracing::debug!("a recorded change of a shared state could not be applied");
        }
    }
}

fn patches(value: &Value) -> Option<Vec<Patch>> {
    let text = wire::bare(Encoding::StructuredClone, 0, value).ok()?;
    let document = Document::parse(&text).ok()?;
    Payload::Clone(document.root()).read().ok()
}

#[cfg(test)]
mod tests {
    use super::last_values;
    use crate::recording::Recording;
    use crate::wire::js::Value;
    use crate::wire::json;

    #[test]
    fn a_state_has_the_value_after_its_last_change() {
        let recording = Recording::parse(concat!(
            r#"{"devtools-recording":1}"#,
            "\n",
            r#"{"at":1,"session":1,"from":"client","call":"devframe:rpc:server-state:get","id":1,"args":["a:s"]}"#,
            "\n",
            r#"{"at":2,"session":1,"from":"server","reply":1,"result":{"items":[1]}}"#,
            "\n",
            r#"{"at":3,"session":1,"from":"server","event":"devframe:rpc:client-state:updated","args":["a:s",{"items":[1,2]},"x"]}"#,
            "\n",
            r#"{"at":4,"session":1,"from":"server","event":"devframe:rpc:client-state:patch","args":["a:s",[{"op":"add","path":["items",2],"value":3}],"y"]}"#,
            "\n",
            r#"{"at":5,"session":1,"from":"server","event":"devframe:rpc:client-state:updated","args":["a:unread",1,"z"]}"#,
            "\n",
        ));
        let values = last_values(&recording.unwrap());
        let expected: Value = json::read(r#"{"items":[1,2,3]}"#).unwrap();
        assert_eq!(
            values.into_iter().collect::<Vec<_>>(),
            [("a:s".to_owned(), expected)]
        );
    }
}
