//! A server that answers as its static dump would.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use devtools_runtime::dump::{DumpOptions, PreviewError};
use devtools_runtime::{
    CallError, DevTools, DevToolsContext, Dump, Mode, define_rpc_function, rpc_function,
};

/// Of `get-size`, in the one test that counts them.
static CALLS: AtomicUsize = AtomicUsize::new(0);

#[rpc_function(name = "preview:get-size", dump = dump_sizes)]
fn get_size(id: String, unit: Option<String>) -> Option<usize> {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let factor = if unit.is_some() { 8 } else { 1 };
    (!id.is_empty()).then_some(factor * id.len())
}

fn dump_sizes(_: &DevToolsContext) -> Dump<(String, Option<String>), Option<usize>> {
    Dump::inputs([("a.ts".to_owned(), None)]).fallback(None)
}

#[rpc_function(name = "preview:get-name", dump = dump_names)]
fn get_name(id: u32) -> String {
    format!("module {id}")
}

fn dump_names(_: &DevToolsContext) -> Dump<(u32,), String> {
    Dump::inputs([(1,)])
}

#[rpc_function(name = "preview:count", snapshot)]
fn count() -> usize {
    2
}

#[rpc_function(name = "preview:mode", kind = "static", as = GetMode)]
fn get_mode(ctx: &DevToolsContext) -> Mode {
    ctx.mode()
}

#[rpc_function(name = "preview:uptime")]
async fn uptime(ctx: &DevToolsContext) -> usize {
    // Functions that invoke each other are not the preview's business.
    GetSize::invoke_local(ctx, "b.ts", None)
        .await
        .ok()
        .flatten()
        .unwrap_or_default()
}

#[rpc_function(name = "preview:save", kind = "action")]
fn save(text: String) -> usize {
    text.len()
}

#[rpc_function(name = "preview:saved", kind = "event")]
fn saved(text: String) {
    panic!("an event does nothing: {text}");
}

async fn devtools() -> DevTools {
    let builder = DevTools::builder().mode(Mode::Build).without_collected();
    builder
        .function(GetSize::definition())
        .function(GetName::definition())
        .function(Count::definition())
        .function(GetMode::definition())
        .function(Uptime::definition())
        .function(Save::definition())
        .function(Saved::definition())
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn it_answers_from_the_dump_and_notes_what_that_misses() {
    let devtools = devtools().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let tell = move |missed: &devtools_runtime::dump::MissedCall| {
        telling.lock().unwrap().push(missed.to_string());
    };
    let preview = devtools
        .preview_static(DumpOptions::new(), tell)
        .await
        .unwrap();
    let dumped = CALLS.load(Ordering::Relaxed);
    let rpc = devtools.client();

    assert_eq!(GetSize::call(&rpc, "a.ts", None).await.unwrap(), Some(4));
    assert_eq!(GetName::call(&rpc, 1).await.unwrap(), "module 1");
    assert_eq!(Count::call(&rpc).await.unwrap(), 2);
    let with_more = rpc.call_dynamic::<usize>("preview:count", (true,)).await;
    assert_eq!(with_more.unwrap(), 2, "the snapshot is for every call");
    assert_eq!(GetMode::call(&rpc).await.unwrap(), Mode::Build);
    assert!(preview.missed().is_empty(), "{}", preview.missed());
    assert_eq!(CALLS.load(Ordering::Relaxed), dumped, "nothing ran");

    for _ in 0..2 {
        let bits = GetSize::call(&rpc, "a.ts", Some("bits".to_owned())).await;
        assert_eq!(bits.unwrap(), None, "the fallback");
        let unknown = GetName::call(&rpc, 2).await;
        assert!(matches!(unknown, Err(CallError::Remote(_))), "{unknown:?}");
        let not_dumped = Uptime::call(&rpc).await;
        assert!(
            matches!(not_dumped, Err(CallError::UnknownFunction(_))),
            "{not_dumped:?}"
        );
        assert_eq!(Uptime::call_optional(&rpc).await.unwrap(), None);
        Saved::notify(&rpc, "x").await.unwrap();
        assert!(Save::call(&rpc, "x").await.is_err());
    }
    assert_eq!(
        *told.lock().unwrap(),
        [
            "static build would miss preview:get-size(\"a.ts\", \"bits\"), and answer with the fallback",
            "static build would miss preview:get-name(2)",
            "static build would miss preview:uptime()",
            "preview:saved will not work statically: it is an event",
            "preview:save will not work statically: it is an action",
        ]
    );
    assert_eq!(
        preview.missed().to_string(),
        "// preview:get-name\nDump::inputs([\n    (2,),\n])\n\
         // preview:get-size\nDump::inputs([\n    (\"a.ts\".into(), Some(\"bits\".into())),\n])\n\
         // preview:uptime\nDump::inputs([\n    (),\n])\n\
         // preview:saved will not work statically: it is an event\n\
         // preview:save will not work statically: it is an action"
    );

    let local = Uptime::invoke_local(devtools.context()).await;
    assert_eq!(local.unwrap(), 4, "what does not come from a client runs");
    assert_eq!(CALLS.load(Ordering::Relaxed), dumped + 1);
}

#[tokio::test]
async fn what_comes_later_is_not_in_it() {
    let builder = DevTools::builder().without_collected();
    let devtools = builder
        .function(GetName::definition())
        .build()
        .await
        .unwrap();
    let preview = devtools
        .preview_static(DumpOptions::new(), |_| ())
        .await
        .unwrap();
    let rpc = devtools.client();
    let late = define_rpc_function("preview:late")
        .query()
        .handler(|| "late".to_owned());
    devtools.context().rpc().register(late).unwrap();
    let called = rpc.call_dynamic::<String>("preview:late", ()).await;
    assert!(
        matches!(called, Err(CallError::UnknownFunction(_))),
        "{called:?}"
    );
    let nobody = rpc.call_dynamic::<String>("preview:nobody", ()).await;
    assert!(
        matches!(nobody, Err(CallError::UnknownFunction(_))),
        "{nobody:?}"
    );
    let missed = preview.missed();
    let missed: Vec<_> = missed.calls().iter().map(|call| &*call.call).collect();
    assert_eq!(
        missed,
        ["preview:late()"],
        "what no function is was no use before either"
    );

    let again = devtools.preview_static(DumpOptions::new(), |_| ()).await;
    assert!(matches!(again, Err(PreviewError::Already)), "{again:?}");
}
