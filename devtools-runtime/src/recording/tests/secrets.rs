//! Tokens, codes and redacted fields are not in the file.

use std::path::Path;

use serde_json::{Value, json};

use super::{Place, builder, gate};
use crate::function::{FunctionKind, RemoteError};
use crate::streaming::ChannelOptions;
use crate::testing::MockClient;
use crate::{DevTools, RpcFunction, define_rpc_function, js, rpc_function};

/// Records a program that echoes, and asks for a code.
async fn echoing(place: &Place, storage: &Path) -> DevTools {
    let echo = define_rpc_function("rec:echo").handler(|value: Value| value);
    let builder = builder()
        .auth(gate(storage, "fixed-token-of-the-program"))
        .function(echo);
    builder.record(place.recorder()).build().await.unwrap()
}

#[tokio::test]
async fn no_token_and_no_code_is_in_the_file_wherever_it_comes_from() {
    let (place, storage) = (Place::new(), tempfile::tempdir().unwrap());
    let devtools = echoing(&place, storage.path()).await;
    let rpc = devtools.client();

    let code = devtools.auth_code().unwrap();
    let offer = json!({ "code": code, "ua": "", "origin": "" });
    let exchanged: Value = rpc
        .call_dynamic("anonymous:devframe:auth:exchange", [offer])
        .await
        .unwrap();
    let granted = exchanged["authToken"].as_str().unwrap().to_owned();
    let introduction = json!({ "authToken": "some-wrong-token", "ua": "", "origin": "" });
    let _: Value = rpc
        .call_dynamic("anonymous:devframe:auth", [introduction])
        .await
        .unwrap();
    for secret in ["fixed-token-of-the-program", &*granted] {
        let value =
            json!({ "deep": [secret], "link": format!("http://h/?t={secret}#"), secret: 1 });
        let _: Value = rpc.call_dynamic("rec:echo", [value]).await.unwrap();
    }
    // An error has the value in its message.
    let deep = json!({ "code": granted, "ua": 5 });
    rpc.call_dynamic::<Value>("devframe:rpc:server-state:get", [deep])
        .await
        .unwrap_err();
    devtools.shutdown().await;

    let text = place.text();
    for secret in ["fixed-token-of-the-program", &*granted, "some-wrong-token"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(!text.contains(&format!("\"{code}\"")), "{text}");
    assert!(text.contains("http://h/?t=[redacted]#"), "{text}");
    assert_eq!(text.matches(r#""leftOut":true"#).count(), 4, "{text}");
}

#[tokio::test]
async fn redacted_fields_are_in_no_line_and_the_calls_are_replayed_all_the_same() {
    let place = Place::new();
    let sign_in = define_rpc_function("rec:sign-in")
        .kind(FunctionKind::Action)
        .handler(|form: Value| json!({ "user": form["user"], "session": { "token": "t0k3n" } }));
    let devtools = builder()
        .function(sign_in)
        .record(place.recorder().redact(["password", "token"]))
        .build()
        .await
        .unwrap();
    let form = |password: &str| [json!({ "user": "ada", "password": password })];
    let rpc = devtools.client();
    let _: Value = rpc
        .call_dynamic("rec:sign-in", form("l0v3lace"))
        .await
        .unwrap();
    let state = devtools
        .context()
        .rpc()
        .shared_state("rec:users", json!({ "ada": { "password": "one!" } }))
        .unwrap();
    let copy = rpc.shared_state::<Value>("rec:users").await.unwrap();
    state
        .mutate(|value| value["ada"]["password"] = json!("two!"))
        .unwrap();
    let mut values = copy.subscribe();
    while copy.value()["ada"]["password"] != json!("two!") {
        values.changed().await.unwrap();
    }
    devtools.shutdown().await;

    let text = place.text();
    for secret in ["l0v3lace", "t0k3n", "one!", "two!"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(
        text.contains(r#""redacted":["password","token"]"#),
        "{text}"
    );

    let options = crate::recording::ReplayOptions::new().at_once();
    let replaying = super::replaying(&place.recording(), options).await;
    let rpc = replaying.client();
    let answer: Value = rpc
        .call_dynamic("rec:sign-in", form("another one"))
        .await
        .unwrap();
    assert_eq!(
        answer,
        json!({ "user": "ada", "session": { "token": "[redacted]" } })
    );
}

/// Signs in.
#[rpc_function(name = "rec:log-in", kind = "action")]
fn log_in(user: String, password: String) -> String {
    format!("{user} has {} letters", password.len())
}

/// Pages show who has signed in.
#[rpc_function(name = "rec:logged-in", kind = "event", side = "client")]
async fn logged_in(user: String, password: String);

#[tokio::test]
async fn parameters_are_left_out_in_both_directions_and_the_calls_are_replayed_with_any_value() {
    let place = Place::new();
    let devtools = crate::DevTools::builder()
        .record(place.recorder().redact(["password"]))
        .build()
        .await
        .unwrap();
    let mut page = MockClient::connect(&devtools);
    page.expect_call::<LoggedIn>().times(1);
    LogIn::call(&page, "ada", "l0v3lace").await.unwrap();
    LogIn::call(&page, "bob", "b1tter").await.unwrap();
    LoggedIn::broadcast(devtools.context(), "ada", "l0v3lace")
        .await
        .unwrap();
    page.met().await;
    devtools.shutdown().await;
    let text = place.text();
    assert!(text.contains(<LoggedIn as RpcFunction>::NAME), "{text}");
    for secret in ["l0v3lace", "b1tter"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }

    let options = crate::recording::ReplayOptions::new().at_once();
    let replaying = super::replaying(&place.recording(), options).await;
    let rpc = replaying.client();
    let call = |user, password| LogIn::call(&rpc, user, password);
    assert_eq!(call("bob", "another").await.unwrap(), "bob has 6 letters");
    assert_eq!(call("ada", "one").await.unwrap(), "ada has 8 letters");
    let error = call("eve", "one").await.unwrap_err().to_string();
    assert!(error.contains("no call of `rec:log-in`"), "{error}");
}

#[tokio::test]
async fn a_code_is_left_out_wherever_a_page_sends_it() {
    let (place, storage) = (Place::new(), tempfile::tempdir().unwrap());
    let devtools = echoing(&place, storage.path()).await;
    let code = devtools.auth_code().unwrap();
    let sent =
        json!({ "href": format!("http://localhost/#code={code}"), "longer": format!("1{code}") });
    let rpc = devtools.client();
    let _: Value = rpc.call_dynamic("rec:echo", [sent]).await.unwrap();
    devtools.shutdown().await;
    let text = place.text();
    assert!(!text.contains(&format!("code={code}")), "{text}");
    assert!(text.contains(&format!("1{code}")), "{text}");
}

#[tokio::test]
async fn no_secret_of_an_upload_is_in_the_file() {
    const TOKEN: &str = "fixed-token-of-the-program";
    let (place, storage) = (Place::new(), tempfile::tempdir().unwrap());
    let devtools = builder()
        .auth(gate(storage.path(), TOKEN))
        .record(place.recorder().redact(["x-key"]))
        .build()
        .await
        .unwrap();
    let code = devtools.auth_code().unwrap();
    let channels = devtools.context().rpc().streaming();
    let parts = channels
        .create::<js::Value>("rec:parts", ChannelOptions::new())
        .unwrap();
    let mut reader = parts.open_inbound_with_id("form").unwrap();
    let mut named = parts.open_inbound_with_id(TOKEN).unwrap();
    let rpc = devtools.client();

    let text = |text: &str| js::Value::String(text.to_owned());
    let headers = [
        ("authorization", text(&format!("Bearer {TOKEN}"))),
        ("x-key", text("k3y-of-the-user")),
        ("x-code", text(&format!("code={code}"))),
        (TOKEN, text("the name of a header")),
    ];
    let headers = || headers.clone().into_iter();
    let as_map = js::Value::Map(headers().map(|(key, value)| (text(key), value)).collect());
    let as_object = headers().map(|(key, value)| (key.to_owned(), value));
    let as_object = js::Value::Object(as_object.collect());
    // A form with a file: bytes that are no text.
    let mut form = format!("authorization: Bearer {TOKEN}\r\n\r\n").into_bytes();
    form.extend_from_slice(&[0xff, 0xd8, 0xfe]);
    let bytes = js::Value::TypedArray(js::TypedArray::Uint8(form));
    let mut upload = rpc.streaming().upload::<js::Value>("rec:parts", "form");
    for part in [as_map, as_object, bytes.clone()] {
        upload.write(&part).await.unwrap();
        assert_eq!(
            reader.next().await.unwrap().unwrap(),
            part,
            "the program gets it whole"
        );
    }
    let broken = format!("{TOKEN} was refused");
    upload.error(RemoteError::new(broken)).await.unwrap();
    assert!(reader.next().await.unwrap().is_err());
    let mut upload = rpc.streaming().upload::<js::Value>("rec:parts", TOKEN);
    upload.write(&bytes).await.unwrap();
    named.next().await.unwrap().unwrap();
    drop(named);
    upload.cancelled().await;
    let mut unknown = rpc.streaming().upload::<js::Value>(TOKEN, "form");
    let refused = unknown.write(&js::Value::Null).await;
    assert!(refused.is_err());
    devtools.shutdown().await;

    let written = place.text();
    for secret in [TOKEN, "k3y-of-the-user", &*format!("code={code}")] {
        assert!(!written.contains(secret), "{secret} is in {written}");
    }
    let calls = place.recording().calls();
    assert!(!format!("{calls:?}").contains(TOKEN));
    let bytes =
        data_encoding::BASE64.encode(b"authorization: Bearer [redacted]\r\n\r\n\xff\xd8\xfe");
    for expected in [
        r#""args":["rec:parts","form",3,"#,
        r#"{"$map":["authorization","Bearer [redacted]","x-key","[redacted]","x-code","code=[redacted]","[redacted]","the name of a header"]}"#,
        r#"{"authorization":"Bearer [redacted]","x-key":"[redacted]","x-code":"code=[redacted]","[redacted]":"the name of a header"}"#,
        &*bytes,
        "[redacted] was refused",
        r#""args":["rec:parts","[redacted]""#,
        r#""args":["[redacted]","form""#,
    ] {
        assert!(written.contains(expected), "{expected} is not in {written}");
    }
}
