//! Converts thrown JavaScript values into errors.
//!
//! Over a connection, an error has a name and a message, whose last line holds its code and data. In a static dump, it is a
//! plain object with all of its properties ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents)).

use serde_json::{Map, Value};

use crate::function::RemoteError;
use crate::wire::coded_message::{self, is_code};

/// Converts a thrown value into an error. JavaScript code can throw any value ([protocol 1.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#15-errors)).
pub(crate) fn remote_error(thrown: Value) -> RemoteError {
    match thrown {
        Value::String(message) => error_with(None, &message, Map::new()),
        Value::Object(mut properties) => match take_texts(&mut properties) {
            Some((name, message)) => error_with(name, &message, properties),
            None => RemoteError::new(Value::Object(properties).to_string()),
        },
        other => RemoteError::new(other.to_string()),
    }
}

/// Takes name and message out of the properties. Returns `None` if they do not describe an error.
fn take_texts(properties: &mut Map<String, Value>) -> Option<(Option<String>, String)> {
    let is_error = properties.get("message").is_some_and(Value::is_string)
        && matches!(
            properties.get("name"),
            None | Some(Value::Null | Value::String(_))
        );
    if !is_error {
        return None;
    }
    let mut take = |key| match properties.remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    Some((take("name"), take("message")?))
}

fn error_with(name: Option<String>, message: &str, mut own: Map<String, Value>) -> RemoteError {
    let coded = coded_message::split(message);
    let mut error = RemoteError::new(coded.as_ref().map_or(message, |coded| coded.message));
    if let Some(name) = name {
        error.name = name;
    }
    error.cause = match own.remove("cause") {
        None | Some(Value::Null) => None,
        Some(cause) => Some(Box::new(remote_error(cause))),
    };
    if let Some(coded) = coded {
        error.code = Some(coded.code.to_owned());
        error.data = coded.data;
        return error;
    }
    let (code, other) = match own.remove("code") {
        Some(Value::String(code)) if is_code(&code) => (Some(code), None),
        other => (None, other),
    };
    if code.is_some() {
        error.code = code;
        error.data = own.remove("data");
    }
    own.extend(other.map(|other| ("code".to_owned(), other)));
    if error.data.is_none() && !own.is_empty() {
        error.data = Some(Value::Object(own));
    }
    error
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::remote_error;

    #[test]
    fn an_error_of_a_dump_keeps_its_name_its_cause_and_its_properties() {
        let error = remote_error(json!({
            "name": "HttpError",
            "message": "not found",
            "cause": { "name": "TypeError", "message": "inner", "cause": "why" },
            "status": 404,
        }));
        assert_eq!(error.name, "HttpError");
        assert_eq!(error.to_string(), "not found");
        assert_eq!(error.code, None);
        assert_eq!(error.data, Some(json!({ "status": 404 })));
        let cause = error.cause.unwrap();
        assert_eq!((&*cause.name, &*cause.message), ("TypeError", "inner"));
        let innermost = cause.cause.unwrap();
        assert_eq!((&*innermost.name, &*innermost.message), ("Error", "why"));
    }

    #[test]
    fn the_code_of_an_error_is_in_its_message_or_beside_it() {
        let in_message = json!({
            "name": "Error",
            "message": "no file\n[code: not-found, data: {\"path\":\"/a\"}]",
            "code": "not-found",
            "data": { "path": "/a" },
        });
        let beside = json!({ "message": "no file", "code": "not-found", "data": { "path": "/a" } });
        for thrown in [in_message, beside] {
            let error = remote_error(thrown);
            assert_eq!(error.message, "no file");
            assert_eq!(error.code.as_deref(), Some("not-found"));
            assert_eq!(error.data, Some(json!({ "path": "/a" })));
        }
        let node = remote_error(json!({ "message": "no file", "code": "ENOENT", "errno": -2 }));
        assert_eq!(node.code, None);
        assert_eq!(node.data, Some(json!({ "code": "ENOENT", "errno": -2 })));
    }

    #[test]
    fn what_is_no_error_is_told_as_it_is() {
        for (thrown, message) in [
            (json!("boom"), "boom"),
            (json!(7), "7"),
            (Value::Null, "null"),
            (json!({ "message": 7 }), r#"{"message":7}"#),
        ] {
            let error = remote_error(thrown);
            assert_eq!((&*error.name, &*error.message), ("Error", message));
        }
    }
}
