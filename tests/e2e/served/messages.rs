//! Messages for the user: from the program and from pages, and the panel of the ecosystem that shows them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use devtools_runtime::docks::{Command, Message, MessageAction, MessageLevel, MessageOrigin};
use devtools_runtime::dump::DumpReport;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, DevToolsRpcClient, DockEntry, Limits,
    define_rpc_function, js, rpc_function,
};
use serde_json::{Value, json};
use tests::node;
use tests::wait::eventually;

async fn program(limits: Limits) -> DevTools {
    let builder = DevTools::builder().without_collected().limits(limits);
    builder.auth(Auth::None).build().await.unwrap()
}

async fn call(rpc: &DevToolsRpcClient, name: &str, arguments: Value) -> Value {
    let result: Result<Value, CallError> = rpc.call_dynamic(name, arguments).await;
    result.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The messages have changed.
#[rpc_function(name = "devframe:messages:updated", kind = "event", side = "client")]
async fn messages_updated();

#[tokio::test]
async fn clients_learn_of_changes() {
    let devtools = program(Limits::new()).await;
    let messages = devtools.context().messages();
    let rpc = devtools.client();
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    rpc.register::<MessagesUpdated>(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async {}
    });

    let warning = messages.add(Message::warn("a").at_line("src/main.ts", 12));
    for text in ["b", "c"] {
        messages.add(Message::info(text).id(text));
    }
    eventually(|| told.load(Ordering::SeqCst) == 1).await;
    let list = |since: Value| call(&rpc, "devframes:plugin:messages:list", json!([since]));
    let all = list(Value::Null).await;
    assert_eq!(all["full"], true);
    assert_eq!(all["entries"].as_array().unwrap().len(), 3);
    let first = &all["entries"][0];
    assert_eq!(first["level"], "warn");
    assert_eq!(first["from"], "server");
    let position = json!({ "file": "src/main.ts", "line": 12 });
    assert_eq!(first["filePosition"], position);

    assert!(warning.update(|message| message.level = MessageLevel::Error));
    assert!(messages.remove("b"));
    let changes = list(all["version"].clone()).await;
    assert_eq!(changes["full"], false);
    assert_eq!(changes["entries"][0]["id"], warning.id());
    assert_eq!(changes["entries"][0]["level"], "error");
    assert_eq!(changes["removedIds"], json!(["b"]));
    messages.clear();
    assert!(messages.list().is_empty());
    assert!(!warning.update(|_| {}));
    eventually(|| told.load(Ordering::SeqCst) >= 2).await;
}

#[tokio::test]
async fn pages_add_messages_but_do_not_pass_for_the_program() {
    let devtools = program(Limits::new()).await;
    let rpc = devtools.client();
    for add in ["hub:messages:add", "devframes:plugin:messages:add"] {
        let message = json!({ "id": "mine", "message": "from a page", "level": "info", "from": "server", "extra": 1 });
        let added = call(&rpc, add, json!([message])).await;
        assert_eq!(added["from"], "browser");
        assert!(added["timestamp"].as_u64().unwrap() > 1_700_000_000_000);
    }
    let messages = devtools.context().messages();
    assert_eq!(messages.list().len(), 1);
    let patch =
        json!(["mine", { "message": "changed", "from": "server", "id": "other", "level": null }]);
    let refused: Result<Value, CallError> = rpc.call_dynamic("hub:messages:update", &patch).await;
    assert!(refused.unwrap_err().to_string().contains("level"));
    let patch = json!(["mine", { "message": "changed", "from": "server", "id": "other" }]);
    let updated = call(&rpc, "hub:messages:update", patch).await;
    assert_eq!(updated["message"], "changed");
    let message = messages.get("mine").unwrap();
    assert_eq!(message.from, MessageOrigin::Browser);
    assert_eq!(messages.get("other"), None);
    assert_eq!(
        call(&rpc, "hub:messages:update", json!(["nobody", {}])).await,
        Value::Null
    );
    for wrong in [
        json!([{ "level": "info" }]),
        json!([{ "message": "a", "level": "loud" }]),
        json!([7]),
    ] {
        let refused: Result<Value, CallError> = rpc.call_dynamic("hub:messages:add", &wrong).await;
        assert!(refused.is_err(), "{wrong}");
    }
    call(&rpc, "hub:messages:remove", json!(["mine"])).await;
    assert!(messages.list().is_empty());
}

#[tokio::test]
async fn messages_have_limits_and_an_end() {
    let devtools = program(Limits::new().messages(2).message_bytes(200)).await;
    let rpc = devtools.client();
    let large = json!([{ "message": "x".repeat(300), "level": "info" }]);
    let refused: Result<Value, CallError> = rpc.call_dynamic("hub:messages:add", &large).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("the limit `message_bytes` is 200"), "{text}");
    let messages = devtools.context().messages();
    for id in ["a", "b", "c"] {
        messages.add(Message::info(id).id(id));
    }
    let ids: Vec<_> = messages.list().into_iter().map(|it| it.id).collect();
    assert_eq!(ids, ["b", "c"]);

    messages.add(
        Message::info("b")
            .id("b")
            .removed_after(Duration::from_millis(30)),
    );
    messages.add(
        Message::info("c")
            .id("c")
            .removed_after(Duration::from_millis(30)),
    );
    // Without a time it stays.
    messages.update("c", |message| message.auto_delete = None);
    eventually(|| messages.get("b").is_none()).await;
    assert!(messages.get("c").is_some());
}

/// A program whose functions add and change messages, for the panel.
fn functions(ctx: &DevToolsContext, deduped: &Arc<AtomicUsize>) {
    let on = |f: fn(&DevToolsContext, String, String) -> Value| {
        let ctx = ctx.clone();
        move |first: Option<String>, second: Option<String>| {
            f(&ctx, first.unwrap_or_default(), second.unwrap_or_default())
        }
    };
    let rpc = ctx.rpc();
    let warn = on(|ctx, text, _| {
        let action = MessageAction::command("dedupe", "Use one version", "messages-e2e:dedupe");
        let message = Message::warn(text).description("Two versions of it are in the bundle.");
        ctx.messages().add(message.action(action)).id().into()
    });
    rpc.register(
        define_rpc_function("messages-e2e:warn")
            .action()
            .handler(warn),
    )
    .unwrap();
    let rename = on(|ctx, id, text| ctx.messages().update(&id, |it| it.message = text).into());
    rpc.register(
        define_rpc_function("messages-e2e:rename")
            .action()
            .handler(rename),
    )
    .unwrap();
    let remove = on(|ctx, id, _| ctx.messages().remove(&id).into());
    rpc.register(
        define_rpc_function("messages-e2e:remove")
            .action()
            .handler(remove),
    )
    .unwrap();
    let count = on(|ctx, _, _| ctx.messages().list().len().into());
    rpc.register(define_rpc_function("messages-e2e:count").handler(count))
        .unwrap();
    let read = Arc::clone(deduped);
    let deduped = Arc::clone(deduped);
    let run = move |_| {
        deduped.fetch_add(1, Ordering::SeqCst);
        async { Ok(js::Value::Undefined) }
    };
    let command = Command::new("messages-e2e:dedupe", "Dedupe");
    ctx.commands().register(command, run).unwrap();
    let read = move || read.load(Ordering::SeqCst);
    rpc.register(define_rpc_function("messages-e2e:deduped").handler(read))
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_panel_of_the_ecosystem_shows_them() {
    let devtools = program(Limits::new()).await;
    functions(devtools.context(), &Arc::default());
    if let Some(panel) = node::package("@devframes/plugin-messages--assets").await {
        let files: &Path = &panel.join("dist");
        let views = devtools.context().views();
        views.host_static("/__messages/", files.to_owned()).unwrap();
        // The panel shows the buttons of messages where there is a dock.
        let dock = DockEntry::iframe("messages", "Messages", "/__messages/");
        devtools.context().docks().register(dock).unwrap();
        let server = devtools.bind("127.0.0.1:0").await.unwrap();
        let page = server.url_of("/__messages/");
        node::run_browser("messages-panel.mjs", &[&page, &server.url()]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_dump_has_the_messages_for_the_panel() {
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump");
    let devtools = program(Limits::new()).await;
    let report = devtools.build(&dump).await.unwrap();
    let is_there = |report: &DumpReport| {
        let mut names = report.functions.iter().map(|it| &*it.name);
        names.any(|name| name == "devframes:plugin:messages:list")
    };
    assert!(!is_there(&report), "a dump without messages");
    let messages = devtools.context().messages();
    messages.add(Message::warn("`lodash` is imported twice"));
    let Some(panel) = node::package("@devframes/plugin-messages--assets").await else {
        return;
    };
    let views = devtools.context().views();
    views
        .host_static("/__messages/", panel.join("dist"))
        .unwrap();
    let report = devtools.build(&dump).await.unwrap();
    assert!(is_there(&report));
    assert!(report.snapshots_for_all.is_empty(), "{report}");
    let arguments = [dump.to_str().unwrap(), "__messages/"];
    node::run_browser("messages-panel-static.mjs", &arguments).await;
}
