//! Static dumps of recordings.

use serde_json::{Value, json};

use super::{Place, builder};
use crate::dump::DumpOptions;
use crate::function::FunctionKind;
use crate::{DevToolsBuilder, DevToolsRpcClient, Mode, define_rpc_function, js};

/// A program whose functions must not run when `live` is not set.
fn program(live: bool) -> DevToolsBuilder {
    let size = define_rpc_function("rec:size").try_handler(move |path: String| {
        assert!(live, "it runs");
        if path.is_empty() {
            Err(js::Error::new("no path"))
        } else {
            Ok(path.len())
        }
    });
    let name = define_rpc_function("rec:name")
        .kind(FunctionKind::Static)
        .handler(move || if live { "recorded" } else { "not recorded" }.to_owned());
    let unused = define_rpc_function("rec:unused")
        .kind(FunctionKind::Static)
        .handler(move || assert!(live, "it runs"));
    builder().function(size).function(name).function(unused)
}

#[tokio::test]
async fn a_dump_of_a_recording_has_what_was_called_and_runs_nothing() {
    let place = Place::new();
    let devtools = program(true)
        .record(place.recorder())
        .build()
        .await
        .unwrap();
    devtools
        .context()
        .rpc()
        .shared_state("rec:board", json!({ "a": 1, "b": [1] }))
        .unwrap();
    let rpc = devtools.client();
    for path in ["src/a.ts", "b", "", "b"] {
        let _ = rpc.call_dynamic::<Value>("rec:size", (path,)).await;
    }
    rpc.call_dynamic::<Value>("rec:name", ()).await.unwrap();
    let board = rpc.shared_state::<Value>("rec:board").await.unwrap();
    board.mutate(|value| value["b"] = json!([1, 2])).unwrap();
    rpc.call_dynamic::<Value>("rec:name", ()).await.unwrap();
    devtools.shutdown().await;

    let recording = place.recording();
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let reading = program(false).mode(Mode::Build).build().await.unwrap();
    let built = reading.build_recorded(&recording, &dist, DumpOptions::new());
    let (report, unknown) = built.await.unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(report.failed_functions.is_empty(), "{report}");

    let rpc = DevToolsRpcClient::open_static(&dist).await.unwrap();
    let size = async |path: &str| rpc.call_dynamic::<Value>("rec:size", (path,)).await;
    assert_eq!(size("src/a.ts").await.unwrap(), 8);
    assert_eq!(size("b").await.unwrap(), 1);
    assert!(size("").await.unwrap_err().to_string().contains("no path"));
    assert!(
        size("other")
            .await
            .unwrap_err()
            .to_string()
            .contains("no dump match")
    );
    assert_eq!(
        rpc.call_dynamic::<Value>("rec:name", ()).await.unwrap(),
        "recorded"
    );
    rpc.call_dynamic::<Value>("rec:unused", ())
        .await
        .unwrap_err();
    let board = rpc.shared_state::<Value>("rec:board").await.unwrap();
    assert_eq!(*board.value(), json!({ "a": 1, "b": [1, 2] }));

    let empty = builder().mode(Mode::Build).build().await.unwrap();
    let built = empty.build_recorded(&recording, &dist, DumpOptions::new());
    assert_eq!(built.await.unwrap().1, ["rec:name", "rec:size"]);
}

#[tokio::test]
async fn a_dump_has_the_last_of_several_answers() {
    let recording = crate::recording::Recording::parse(concat!(
        r#"{"devtools-recording":1}"#,
        "\n",
        r#"{"at":1,"session":1,"from":"client","call":"rec:size","id":1,"args":["b"]}"#,
        "\n",
        r#"{"at":2,"session":1,"from":"server","reply":1,"result":1}"#,
        "\n",
        r#"{"at":3,"session":1,"from":"client","call":"rec:size","id":2,"args":["b"]}"#,
        "\n",
        r#"{"at":4,"session":1,"from":"server","reply":2,"result":2}"#,
        "\n",
    ));
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let reading = program(false).mode(Mode::Build).build().await.unwrap();
    let recording = recording.unwrap();
    let built = reading.build_recorded(&recording, &dist, DumpOptions::new());
    built.await.unwrap();
    let rpc = DevToolsRpcClient::open_static(&dist).await.unwrap();
    let size = rpc.call_dynamic::<Value>("rec:size", ("b",)).await;
    assert_eq!(size.unwrap(), 2);
}
