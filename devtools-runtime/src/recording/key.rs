//! The key of a request: its function and its arguments. Requests with the same key are answered from the same records.

use crate::function::RpcFunction as _;
use crate::protocol::state::{PatchState, SetState};
use crate::protocol::streaming::Subscribe;
use crate::recording::left_out::LeftOut;
use crate::recording::notation::{self, plain};
use crate::wire::js::Value;
use crate::wire::json;

/// The name and the arguments of a request, as one text. Requests with the same key are the same.
///
/// The order of the properties of objects does not matter, nor does it matter whether arguments at the end are
/// absent, `undefined` or `null`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RequestKey(Box<str>);

impl RequestKey {
    pub(super) fn new(name: &str, arguments: &[Value], left_out: &LeftOut) -> Self {
        let arguments = &arguments[..arguments.len().min(significant(name))];
        let last = arguments
            .iter()
            .rposition(|it| !matches!(it, Value::Undefined | Value::Null));
        let arguments = &arguments[..last.map_or(0, |last| last + 1)];
        let mut sorted: Vec<_> = arguments.iter().map(sorted).collect();
        left_out.apply(name, &mut sorted);
        // Values from the wire are not nested too deep.
        let text =
            json::write(&plain(&Value::Array(sorted)), notation::LEVELS + 1).unwrap_or_default();
        Self(format!("{name}{text}").into())
    }
}

/// Returns how many of a function's arguments belong to the key. Ids of changes, and the room of readers, differ from
/// call to call, so they do not.
fn significant(name: &str) -> usize {
    let sets_state = name == SetState::<Value>::NAME || name == PatchState::NAME;
    if sets_state || name == Subscribe::NAME {
        2
    } else {
        usize::MAX
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(members) => Value::Array(members.iter().map(sorted).collect()),
        Value::Object(properties) => {
            let properties = properties.iter();
            let mut properties: Vec<_> = properties
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect();
            properties.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(properties)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::RequestKey;
    use crate::recording::Recording;
    use crate::recording::left_out::LeftOut;
    use crate::wire::js::Value;
    use crate::wire::json;

    fn key(name: &str, arguments: &str) -> RequestKey {
        let arguments: Vec<Value> = json::read(arguments).unwrap();
        let recording = Recording::parse(concat!(
            r#"{"devtools-recording":1,"redacted":["password"]}"#,
            "\n",
            r#"{"at":1,"session":1,"from":"client","call":"a:sign","id":1,"args":["ada","[redacted]"]}"#,
            "\n",
            r#"{"at":1,"session":1,"from":"client","call":"a:say","id":2,"args":["[redacted]"]}"#,
            "\n",
            r#"{"at":1,"session":1,"from":"client","call":"a:say","id":3,"args":["hello"]}"#,
            "\n",
        ));
        RequestKey::new(name, &arguments, &LeftOut::of(&recording.unwrap()))
    }

    #[test]
    fn requests_that_mean_the_same_have_the_same_key() {
        for (left, right) in [
            (
                r#"[{"a":1,"b":{"c":1,"d":2}}]"#,
                r#"[{"b":{"d":2,"c":1},"a":1}]"#,
            ),
            ("[1,null]", "[1]"),
            ("[null]", "[]"),
            (r#"[{"password":"x"}]"#, r#"[{"password":"[redacted]"}]"#),
        ] {
            assert_eq!(key("a:b", left), key("a:b", right));
        }
        for (left, right) in [("[1]", "[2]"), ("[1]", r#"["1"]"#), ("[null,1]", "[1]")] {
            assert_ne!(key("a:b", left), key("a:b", right));
        }
        assert_ne!(key("a:b", "[]"), key("a:c", "[]"));
        // A parameter that is left out of every call does not tell the calls apart. One that was left out once does.
        assert_eq!(
            key("a:sign", r#"["ada","x"]"#),
            key("a:sign", r#"["ada","y"]"#)
        );
        assert_ne!(
            key("a:sign", r#"["ada","x"]"#),
            key("a:sign", r#"["bob","x"]"#)
        );
        assert_ne!(key("a:say", r#"["x"]"#), key("a:say", r#"["y"]"#));
        let patch = |value: &str| {
            let patches =
                format!(r#"["k",[{{"op":"add","path":["password"],"value":"{value}"}}],"x"]"#);
            key("devframe:rpc:server-state:patch", &patches)
        };
        assert_eq!(patch("x"), patch("[redacted]"));
        let set = "devframe:rpc:server-state:set";
        assert_eq!(key(set, r#"["k",1,"x"]"#), key(set, r#"["k",1,"y"]"#));
    }
}
