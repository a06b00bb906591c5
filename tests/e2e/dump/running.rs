//! How the calls of a dump run: how many at once, in what order their outcomes are kept, and what becomes of them.

#![allow(
    clippy::unnecessary_wraps,
    reason = "what is returned is what is tested"
)]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use devtools_runtime::dump::DumpOptions;
use devtools_runtime::{
    DevToolsContext, Dump, Encoding, FunctionDefinition, PluginState, define_rpc_function,
    rpc_function,
};
use serde_json::{Value, json};
use tests::wait::in_time;
use tokio::sync::Barrier;

use crate::{dump, program, text};

fn at_once(calls: usize) -> DumpOptions {
    DumpOptions::new().concurrency(NonZeroUsize::new(calls).unwrap())
}

/// A function that ends its calls in another order than they begin.
fn shuffled(encoding: Encoding) -> FunctionDefinition {
    define_rpc_function("running:shuffled")
        .encoding(encoding)
        .async_handler(|id: usize| async move {
            for _ in 0..(id * 7) % 5 {
                tokio::task::yield_now().await;
            }
            format!("result {id}")
        })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_does_not_depend_on_when() {
    for encoding in [Encoding::Json, Encoding::StructuredClone] {
        let mut trees = Vec::new();
        for calls in [1, 8, 8] {
            let options = at_once(calls).inputs("running:shuffled", (0..500).map(|id| (id,)));
            let (tree, report) = dump(vec![shuffled(encoding)], options).await;
            assert!(report.is_complete(), "{report}");
            trees.push(tree);
        }
        let is_record = |path: &&String| path.contains("running~shuffled.record.");
        assert_eq!(trees[0].keys().filter(is_record).count(), 500);
        let same = trees.windows(2).all(|trees| trees[0] == trees[1]);
        assert!(same, "two builds differ");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_calls_run_at_once_than_may() {
    #[derive(Default)]
    struct Counts {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    let counts = Arc::new(Counts::default());
    // All that may run at once have to run at once for any of them to end.
    let barrier = Arc::new(Barrier::new(4));
    let counted = Arc::clone(&counts);
    let counting = define_rpc_function("running:counting").async_handler(move |_id: u8| {
        let (counts, barrier) = (Arc::clone(&counted), Arc::clone(&barrier));
        async move {
            let now = counts.now.fetch_add(1, Ordering::SeqCst) + 1;
            counts.most.fetch_max(now, Ordering::SeqCst);
            barrier.wait().await;
            counts.now.fetch_sub(1, Ordering::SeqCst);
        }
    });
    let options = at_once(4).inputs("running:counting", (0..40_u8).map(|id| (id,)));
    let dumped = in_time(dump(vec![counting], options));
    let (_, report) = dumped.await;
    assert!(report.is_complete(), "{report}");
    assert_eq!(counts.most.load(Ordering::SeqCst), 4);
}

#[derive(PluginState)]
struct Modules(Vec<String>);

struct Plugin;

impl devtools_runtime::DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "running"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), devtools_runtime::SetupError> {
        Ok(ctx.insert_state(Modules(vec!["/a".into(), "/b".into()]))?)
    }
}

#[rpc_function(name = "running:get-modules")]
fn get_modules(modules: &Modules) -> Vec<String> {
    modules.0.clone()
}

#[rpc_function(name = "running:get-module", dump = all_modules)]
fn get_module(_id: String, options: Option<bool>, more: Option<u8>) -> (Option<bool>, Option<u8>) {
    (options, more)
}

/// Asks another function.
async fn all_modules(
    ctx: &DevToolsContext,
) -> Result<
    Dump<(String, Option<bool>, Option<u8>), (Option<bool>, Option<u8>)>,
    devtools_runtime::CallError,
> {
    let ids = GetModules::invoke_local(ctx).await?;
    Ok(Dump::inputs(ids.into_iter().map(|id| (id, None, None))).fallback((None, None)))
}

#[tokio::test]
async fn what_is_left_out_at_the_end_may_be_undefined_or_null() {
    let devtools = devtools_runtime::DevTools::builder()
        .without_collected()
        .function(GetModules::definition())
        .function(GetModule::definition())
        .plugin(Plugin)
        .build()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("dist");
    let report = devtools.build(&folder).await.unwrap();
    assert_eq!(report.functions[1].records, 2, "{report}");
    let tree = crate::tree(&folder);
    let index: Value = serde_json::from_str(text(&tree, "__rpc-dump/index.json")).unwrap();
    let records = index["running:get-module"]["records"].as_object().unwrap();
    // Of each: nothing; undefined or null; and each of the two for both.
    assert_eq!(records.len(), 2 * 7);
    let paths: std::collections::BTreeSet<_> = records.values().map(Value::to_string).collect();
    assert_eq!(paths.len(), 2);
}

#[tokio::test]
async fn later_inputs_win_over_records_and_earlier_ones() {
    #[rpc_function(name = "running:again", dump = twice)]
    fn again(id: u8, calls: Option<u8>) -> (u8, Option<u8>) {
        (id, calls)
    }

    fn twice(_ctx: &DevToolsContext) -> Dump<(u8, Option<u8>), (u8, Option<u8>)> {
        Dump::inputs([(2, None), (1, None), (2, None)])
            .record((1, None), (100, None))
            .record((3, None), (103, None))
            .record((3, None), (104, None))
    }

    let (tree, report) = dump(vec![Again::definition()], at_once(3)).await;
    assert!(report.is_complete(), "{report}");
    let again = &report.functions[1];
    assert_eq!((&*again.name, again.records), ("running:again", 3));
    let index = text(&tree, "__rpc-dump/index.json");
    let mut records: Vec<(usize, Value)> = tree
        .iter()
        .filter(|(path, _)| path.contains("running~again.record."))
        .map(|(path, content)| {
            let place = index.find(path).unwrap();
            (place, serde_json::from_slice(content).unwrap())
        })
        .collect();
    records.sort_by_key(|(place, _)| *place);
    let records: Vec<Value> = records.into_iter().map(|(_, record)| record).collect();
    assert_eq!(
        records,
        [
            json!({ "inputs": [1, null], "output": [1, null] }),
            json!({ "inputs": [3, null], "output": [104, null] }),
            json!({ "inputs": [2, null], "output": [2, null] }),
        ]
    );
}

#[tokio::test]
async fn a_fallback_of_null_is_not_the_same_as_none() {
    #[rpc_function(name = "running:with-null", dump = with_null_dump)]
    fn with_null(id: u8) -> Option<u8> {
        (id > 0).then_some(id)
    }

    fn with_null_dump(_ctx: &DevToolsContext) -> Dump<(u8,), Option<u8>> {
        Dump::new().fallback(None)
    }

    #[rpc_function(name = "running:without", dump = without_dump)]
    fn without(id: u8) -> Option<u8> {
        (id > 0).then_some(id)
    }

    fn without_dump(_ctx: &DevToolsContext) -> Dump<(u8,), Option<u8>> {
        Dump::inputs([(1,)])
    }

    #[rpc_function(name = "running:nothing", dump = nothing_dump)]
    fn nothing(id: u8) -> Option<u8> {
        (id > 0).then_some(id)
    }

    fn nothing_dump(_ctx: &DevToolsContext) -> Dump<(u8,), Option<u8>> {
        Dump::new()
    }

    let functions = vec![
        WithNull::definition(),
        Without::definition(),
        Nothing::definition(),
    ];
    let (tree, report) = dump(functions, DumpOptions::new()).await;
    assert_eq!(
        text(&tree, "__rpc-dump/running~with-null.fallback.json"),
        r#"{"inputs":[],"output":null}"#
    );
    assert_eq!(report.without_fallback, ["running:without"]);
    assert_eq!(report.not_static[0].function, "running:nothing");
    let index: Value = serde_json::from_str(text(&tree, "__rpc-dump/index.json")).unwrap();
    assert_eq!(index["running:with-null"]["records"], json!({}));
    assert!(index["running:without"].get("fallback").is_none());
    assert!(index.get("running:nothing").is_none());
}

#[tokio::test]
async fn pretty_files_say_the_same() {
    let options = DumpOptions::new().inputs("running:shuffled", [(1,)]);
    let functions = || vec![shuffled(Encoding::Json)];
    let (tree, _) = dump(functions(), options.clone()).await;
    let (pretty, _) = dump(functions(), options.pretty(true)).await;
    let path = "__rpc-dump/running~shuffled.fallback.json";
    assert_eq!(text(&tree, path), r#"{"inputs":[],"output":"result 1"}"#);
    assert_eq!(
        text(&pretty, path),
        "{\n  \"inputs\": [],\n  \"output\": \"result 1\"\n}"
    );
}

#[tokio::test]
async fn progress_counts_functions_records_and_bytes() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&said);
    let options = DumpOptions::new()
        .inputs("running:shuffled", (0..10).map(|id| (id,)))
        .on_progress(move |progress| listener.lock().unwrap().push(progress.clone()));
    let (_, report) = dump(vec![shuffled(Encoding::Json)], options).await;
    let said = said.lock().unwrap();
    assert_eq!(
        said[0].to_string(),
        "0/2 functions, 0 records, 0 B: devframe:rpc:server-state:get"
    );
    let last = said.last().unwrap();
    assert_eq!(
        (last.functions_done, last.functions, &last.function),
        (2, 2, &None)
    );
    assert_eq!(last.records, report.records());
    assert!(
        said.windows(2)
            .all(|said| said[0].records <= said[1].records)
    );
}

#[tokio::test]
async fn names_that_no_file_can_have_are_reported() {
    let name = format!("running:{}", "long-".repeat(50) + "name");
    let long = define_rpc_function(name.clone()).snapshot().handler(|| 1);
    let (_, report) = dump(vec![long], DumpOptions::new()).await;
    let failed = &report.failed_functions[0];
    assert_eq!(failed.function, name);
    assert_eq!(
        failed.message,
        "its name is too long for the names of files"
    );
}

#[tokio::test]
async fn a_build_can_be_repeated_and_replaces_what_it_wrote() {
    let counter = Arc::new(AtomicUsize::new(0));
    let count = move || counter.fetch_add(1, Ordering::SeqCst);
    let counting = define_rpc_function("running:count")
        .snapshot()
        .handler(count);
    let program = program(vec![counting]).await;
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    for count in 0..3 {
        program.build(&dist).await.unwrap();
        let content = crate::tree(&dist);
        let expected = format!(r#"{{"inputs":[],"output":{count}}}"#);
        assert_eq!(
            text(&content, "__rpc-dump/running~count.fallback.json"),
            expected
        );
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
