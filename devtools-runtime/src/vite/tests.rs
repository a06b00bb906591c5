//! Attaching, asking and telling, over connections in memory.
#![cfg(feature = "client")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use crate::peer::Caller as _;
use crate::protocol::vite::{Attach, GetNames, NamesAdded, ViteProcess};
use crate::streaming::ChannelOptions;
use crate::testing::MockVite;
use crate::vite::{FileChange, HotUpdate, TransformEvent, ViteConfig, ViteModule, ViteUrls};
use crate::wire::js;
use crate::{CallError, DevTools, DevToolsContext, EmbeddedFile, Mode, RemoteError};

const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"the page")];

fn config(mode: &str) -> ViteConfig {
    ViteConfig {
        root: "/project".into(),
        mode: mode.to_owned(),
        ..ViteConfig::default()
    }
}

async fn program() -> DevTools {
    DevTools::builder()
        .without_collected()
        .build()
        .await
        .unwrap()
}

fn mode(ctx: &DevToolsContext) -> Option<&str> {
    ctx.vite_config().map(|config| &*config.mode)
}

#[tokio::test]
async fn the_configuration_is_known_from_the_start_and_stays_known() {
    let builder = DevTools::builder()
        .without_collected()
        .vite_config(config("a"));
    let devtools = builder.build().await.unwrap();
    let ctx = devtools.context();
    assert_eq!(mode(ctx), Some("a"));
    assert!(ctx.vite_server().is_none(), "no process is attached");

    let vite = MockVite::new(config("b")).attach(&devtools).await.unwrap();
    assert_eq!(mode(ctx), Some("b"));
    vite.detach().await;
    assert_eq!(mode(ctx), Some("b"));
}

#[tokio::test]
async fn the_process_that_attached_last_is_the_server() {
    let devtools = program().await;
    let ctx = devtools.context();
    let mut current = ctx.vite().watch();
    assert!(current.borrow_and_update().is_none());
    let first = MockVite::new(config("a")).module("/a.ts", "a");
    let first = first.attach(&devtools).await.unwrap();
    let handle = ctx.vite().attached().await;
    let second = MockVite::new(config("b")).module("/b.ts", "b");
    let second = second.attach(&devtools).await.unwrap();
    let ids = async || {
        ctx.vite_server()
            .unwrap()
            .module_graph()
            .ids()
            .await
            .unwrap()
    };
    assert_eq!(ids().await, ["/b.ts"]);
    assert_eq!(handle.module_graph().ids().await.unwrap(), ["/a.ts"]);

    assert_eq!(mode(ctx), Some("b"));
    second.detach().await;
    assert_eq!(ids().await, ["/a.ts"], "the other one is still there");
    assert_eq!(mode(ctx), Some("a"), "and so is its configuration");
    first.detach().await;
    assert!(ctx.vite_server().is_none());
    assert_eq!(mode(ctx), Some("a"));
    assert!(current.borrow_and_update().is_none());
    handle.closed().await;
    assert!(handle.is_closed());
    let error = handle.module_graph().ids().await.unwrap_err();
    assert!(matches!(error, CallError::Disconnected(_)), "{error:?}");
}

#[tokio::test]
async fn whoever_waits_for_a_process_is_woken_when_it_attaches() {
    let devtools = program().await;
    let waiting = {
        let ctx = devtools.context().clone();
        tokio::spawn(async move { ctx.vite().attached().await.version().to_owned() })
    };
    tokio::task::yield_now().await;
    let _vite = MockVite::new(config("a")).attach(&devtools).await.unwrap();
    assert_eq!(waiting.await.unwrap(), "0.0.0");
}

#[tokio::test]
async fn a_process_that_builds_has_a_configuration_and_no_server() {
    let devtools = program().await;
    let vite = MockVite::new(config("production")).without_server();
    let vite = vite.attach(&devtools).await.unwrap();
    assert_eq!(mode(devtools.context()), Some("production"));
    assert!(devtools.context().vite_server().is_none());
    vite.detach().await;

    let builder = DevTools::builder().without_collected().mode(Mode::Build);
    let devtools = builder.build().await.unwrap();
    let refused = MockVite::new(config("a")).attach(&devtools).await;
    assert!(matches!(refused, Err(CallError::UnknownFunction(_))));
}

#[tokio::test]
async fn modules_are_looked_up_in_each_environment() {
    let devtools = program().await;
    let plain = ViteModule {
        id: "/late.ts".to_owned(),
        importers: vec!["/main.ts".to_owned()],
        ..ViteModule::default()
    };
    let vite = MockVite::new(config("a"))
        .module("/main.ts", "export const sum = '∑𝕊'")
        .untransformed("client", plain.clone())
        .module_in("ssr", "/server.ts", "export {}");
    let _vite = vite.attach(&devtools).await.unwrap();
    let server = devtools.context().vite().attached().await;
    let graph = server.module_graph();
    assert_eq!(graph.ids().await.unwrap(), ["/late.ts", "/main.ts"]);
    let main = graph.module_by_id("/main.ts").await.unwrap().unwrap();
    assert_eq!(main.code_length, Some(24), "as JavaScript counts");
    let late = graph.module_by_id("/late.ts").await.unwrap();
    assert_eq!(late, Some(plain));
    assert_eq!(graph.code("/late.ts").await.unwrap(), None);
    assert_eq!(graph.module_by_id("/none.ts").await.unwrap(), None);

    let ssr = server.environment("ssr");
    assert_eq!(ssr.module_graph().ids().await.unwrap(), ["/server.ts"]);
    let transformed = ssr.transform_request("/server.ts").await.unwrap();
    assert_eq!(transformed.unwrap().code, "export {}");
    let transformed = server.transform_request("/server.ts").await.unwrap();
    assert!(
        transformed.is_none(),
        "it is not in the environment of pages"
    );
}

#[tokio::test]
async fn functions_of_other_plugins_are_invoked_and_fail_as_they_do() {
    let devtools = program().await;
    let vite = MockVite::new(config("a"))
        .function("other:count", |arguments| {
            Ok(js::Value::from(i64::try_from(arguments.len()).unwrap()))
        })
        .function("other:fail", |_| Err(RemoteError::new("it failed")))
        .urls(ViteUrls {
            local: vec!["http://localhost:5173/".to_owned()],
            ..ViteUrls::default()
        });
    let vite = vite.attach(&devtools).await.unwrap();
    let server = devtools.context().vite().attached().await;
    let count: i64 = server.invoke("other:count", (1, "two")).await.unwrap();
    assert_eq!(count, 2);
    for (name, problem) in [("other:fail", "it failed"), ("other:none", "other:none")] {
        let error = server.invoke::<i64>(name, ()).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert_eq!(
        server.urls().await.unwrap().local,
        ["http://localhost:5173/"]
    );
    server
        .send("other:message", json!({ "a": 1 }))
        .await
        .unwrap();
    server.restart().await.unwrap();
    assert_eq!(vite.restarts(), 1);
    let messages = vec![("other:message".to_owned(), json!({ "a": 1 }))];
    assert_eq!(vite.messages(), messages);
}

#[tokio::test]
async fn listeners_stay_when_the_process_comes_back_and_one_that_panics_is_not_alone() {
    let devtools = program().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let vite = devtools.context().vite();
    vite.on_file_event(|_| panic!("a listener panics on purpose"));
    let files = Arc::clone(&seen);
    vite.on_file_event(move |file| {
        let text = format!("{:?} {}", file.event, file.path.display());
        files.lock().unwrap().push(text);
    });
    let updates = Arc::clone(&seen);
    vite.on_hot_update(move |update| {
        updates.lock().unwrap().push(update.environment.clone());
    });
    let transforms = Arc::clone(&seen);
    vite.on_transform(move |module| {
        let text = format!("{} {}", module.id, module.code_length);
        transforms.lock().unwrap().push(text);
    });
    for _ in 0..2 {
        let vite = MockVite::new(config("a")).module("/a.ts", "four");
        let vite = vite.attach(&devtools).await.unwrap();
        vite.file_event(FileChange::AddDir, "/project/new")
            .await
            .unwrap();
        let update = HotUpdate {
            environment: "ssr".to_owned(),
            ..HotUpdate::default()
        };
        vite.hot_update(update).await.unwrap();
        let module = TransformEvent {
            id: "/b.ts".to_owned(),
            ..TransformEvent::default()
        };
        vite.transformed(module).await.unwrap();
        vite.detach().await;
    }
    let seen = seen.lock().unwrap().clone();
    let once = ["/a.ts 4", "AddDir /project/new", "ssr", "/b.ts 0"];
    assert_eq!(seen, once.repeat(2));
}

/// Waits until the mock has been told `expected` times of new names.
async fn told(count: &watch::Sender<usize>, expected: usize) {
    let mut told = count.subscribe();
    let reached = told.wait_for(|count| *count >= expected);
    tokio::time::timeout(Duration::from_secs(10), reached)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn new_views_states_and_channels_are_told_until_they_are_asked_for() {
    let devtools = program().await;
    let ctx = devtools.context();
    let client = devtools.client();
    let count = watch::Sender::new(0);
    let counting = count.clone();
    client.register::<NamesAdded>(move || {
        counting.send_modify(|count| *count += 1);
        async {}
    });
    let process = ViteProcess {
        protocol: 1,
        has_server: true,
        vite_version: String::new(),
        config: ViteConfig::default(),
    };
    let attached = client.peer().call::<Attach>(&(process,)).await.unwrap();
    assert!(!attached.names.states.iter().any(|key| key == "late:state"));

    ctx.rpc().shared_state("late:state", 1).unwrap();
    told(&count, 1).await;
    for number in 0..100 {
        let key = format!("late:{number}");
        ctx.rpc().shared_state(&key, 1).unwrap();
    }
    let names = client.peer().call::<GetNames>(&()).await.unwrap();
    assert!(names.states.iter().any(|key| key == "late:99"));
    assert_eq!(*count.borrow(), 1, "it is told once until it asks");

    let streaming = ctx.rpc().streaming();
    let channel = streaming.create::<u8>("late:channel", ChannelOptions::new());
    channel.unwrap();
    told(&count, 2).await;
    let names = client.peer().call::<GetNames>(&()).await.unwrap();
    assert!(names.channels.iter().any(|name| name == "late:channel"));
    ctx.views().host_static("/late/", PAGE).unwrap();
    told(&count, 3).await;
    let names = client.peer().call::<GetNames>(&()).await.unwrap();
    assert_eq!(names.views, ["/late/"]);
}

#[test]
fn what_a_newer_plugin_says_is_kept_or_passed_over() {
    let config: ViteConfig =
        serde_json::from_value(json!({ "root": "/project", "publicDir": null, "future": [1] }))
            .unwrap();
    assert_eq!(config.other.get("future"), Some(&json!([1])));
    let event: FileChange = serde_json::from_value(json!("renamed")).unwrap();
    assert_eq!(event, FileChange::Other);
}
