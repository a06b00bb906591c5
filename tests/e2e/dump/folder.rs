//! The folder of a dump: what is replaced and what is not, what is in it beside the records, and comparing it.

use std::fs;
use std::path::Path;

use devtools_runtime::{
    Change, DevTools, DumpError, DumpOptions, EmbeddedFile, FunctionDefinition, StaticFiles,
    check_dump, define_rpc_function,
};
use serde_json::{Value, json};

use crate::{program, text, tree};

const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("index.html", b"<!doctype html><title>Panel</title>"),
    EmbeddedFile::new("assets/app.js", b"export {}"),
];

fn get(outputs: &'static [&'static str]) -> FunctionDefinition {
    define_rpc_function("folder:get").handler(move |id: usize| outputs[id].to_owned())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

// ---- what is replaced ----------------------------------------------------------------------

#[tokio::test]
async fn a_folder_that_no_build_wrote_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(Vec::new()).await;
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join("thesis.txt"), "years").unwrap();
    let error = program.build(&home).await.unwrap_err();
    assert!(matches!(error, DumpError::NotOurs(_)), "{error:?}");
    let home = home.canonicalize().unwrap();
    let expected = format!(
        "`{}` is not empty, and no build wrote it: name a folder that is empty or does not exist yet, or remove this one yourself",
        home.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(names(&home), ["thesis.txt"]);

    // Another's dump is not ours either.
    fs::rename(home.join("thesis.txt"), home.join("__dump.json")).unwrap();
    let error = program.build(&home).await.unwrap_err();
    assert!(matches!(error, DumpError::NotOurs(_)), "{error:?}");

    let file = home.join("__dump.json");
    let error = program.build(&file).await.unwrap_err();
    assert!(matches!(error, DumpError::NotAFolder(_)), "{error:?}");
    let error = program.build("/").await.unwrap_err();
    assert!(matches!(error, DumpError::NoName(_)), "{error:?}");
    assert_eq!(names(folder.path()), ["home"]);
}

#[tokio::test]
async fn files_that_were_put_into_a_dump_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("deep/in/dist");
    let program = program(Vec::new()).await;
    program.build(&dist).await.unwrap();
    fs::write(dist.join("CNAME"), "example.com").unwrap();
    let error = program.build(&dist).await.unwrap_err();
    let DumpError::ForeignFiles { file, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(file, "CNAME");
    assert_eq!(check_dump(&dist).unwrap().extra, ["CNAME"]);
    fs::remove_file(dist.join("CNAME")).unwrap();
    program.build(&dist).await.unwrap();
}

#[tokio::test]
async fn an_empty_folder_and_a_link_to_one_may_be_built_to() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let program = program(Vec::new()).await;
    program.build(&link).await.unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(check_dump(&real).unwrap().is_whole());
    assert_eq!(names(folder.path()), ["link", "real"]);
}

#[tokio::test]
async fn the_files_of_a_view_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("panel");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("index.html"), "<!doctype html>").unwrap();
    let program = program(Vec::new()).await;
    let views = program.context().views();
    views.host_static("/__panel/", source.clone()).unwrap();
    for place in [source.join("dist"), source.clone()] {
        let error = program.build(&place).await.unwrap_err();
        let is_refused = matches!(
            error,
            DumpError::OverlapsView { .. } | DumpError::NotOurs(_)
        );
        assert!(is_refused, "{error:?}");
    }
    assert_eq!(names(&source), ["index.html"]);
    let report = program.build(folder.path().join("dist")).await.unwrap();
    assert_eq!(report.views, ["/__panel/"]);
}

#[tokio::test]
async fn two_builds_at_once_both_end_and_one_of_them_stays() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let program = program(Vec::new()).await;
    program.build(&dist).await.unwrap();
    for _ in 0..10 {
        let (one, other) = tokio::join!(program.build(&dist), program.build(&dist));
        one.unwrap();
        other.unwrap();
        assert!(check_dump(&dist).unwrap().is_whole());
    }
    assert_eq!(names(folder.path()), ["dist"]);
}

#[tokio::test]
async fn a_build_that_is_dropped_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let started = std::sync::Arc::new(tokio::sync::Notify::new());
    let notify = std::sync::Arc::clone(&started);
    let stuck = define_rpc_function("folder:stuck")
        .snapshot()
        .async_handler(move || {
            let notify = std::sync::Arc::clone(&notify);
            async move {
                notify.notify_one();
                std::future::pending::<u8>().await
            }
        });
    let stuck = program(vec![stuck]).await;
    tokio::select! {
        built = stuck.build(&dist) => panic!("{built:?}"),
        () = started.notified() => {}
    }
    // What waits for the disk ends by itself.
    let gone = async {
        while !names(folder.path()).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), gone)
        .await
        .unwrap();
}

// ---- what else is in it --------------------------------------------------------------------

// B18
#[tokio::test]
async fn the_views_are_copied_and_find_the_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("panel");
    fs::create_dir_all(source.join("sub/deep")).unwrap();
    fs::write(source.join("index.html"), "<!doctype html>outer").unwrap();
    fs::write(source.join("sub/deep/a.txt"), "a").unwrap();
    fs::create_dir(source.join("inner")).unwrap();
    fs::write(source.join("inner/hidden.txt"), "a view stands before it").unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), source.join("leak.txt")).unwrap();
    std::os::unix::fs::symlink("sub/deep/a.txt", source.join("link.txt")).unwrap();
    std::os::unix::fs::symlink("..", source.join("sub/circle")).unwrap();

    let program = program(Vec::new()).await;
    let views = program.context().views();
    views.host_static("/__outer/", source).unwrap();
    views.host_static("/__outer/inner/", PANEL).unwrap();
    let dist = folder.path().join("dist");
    let report = program.build(&dist).await.unwrap();
    assert_eq!(report.views, ["/__outer/", "/__outer/inner/"]);
    let tree = tree(&dist);
    let of_views: Vec<&str> = tree
        .keys()
        .filter_map(|path| path.strip_prefix("__outer/"))
        .collect();
    assert_eq!(
        of_views,
        [
            "__connection.json",
            "index.html",
            "inner/__connection.json",
            "inner/assets/app.js",
            "inner/index.html",
            "link.txt",
            "sub/deep/a.txt",
        ]
    );
    assert_eq!(text(&tree, "__outer/link.txt"), "a");
    let metadata = |path: &str| -> Value { serde_json::from_str(text(&tree, path)).unwrap() };
    let root = metadata("__connection.json");
    assert_eq!(root["backend"], json!("static"));
    assert!(root.get("baseUrl").is_none());
    for (path, base_url) in [
        ("__devtools/__connection.json", "../__connection.json"),
        ("__outer/__connection.json", "../__connection.json"),
        ("__outer/inner/__connection.json", "../../__connection.json"),
    ] {
        let copy = metadata(path);
        assert_eq!(copy["baseUrl"], json!(base_url), "{path}");
        assert_eq!(
            copy["jsonSerializableMethods"],
            root["jsonSerializableMethods"]
        );
    }
    assert!(text(&tree, "__devtools/client.js").contains("export async function connect"));
    // Two views: nobody knows which one is meant.
    assert!(!tree.contains_key("index.html"));
}

#[tokio::test]
async fn the_only_view_is_where_the_root_leads() {
    let folder = tempfile::tempdir().unwrap();
    let program = DevTools::builder()
        .without_collected()
        .base("/")
        .build()
        .await
        .unwrap();
    let views = program.context().views();
    views.host_static("/my%20tools/panel/", PANEL).unwrap();
    let dist = folder.path().join("dist");
    program.build(&dist).await.unwrap();
    let tree = tree(&dist);
    assert!(text(&tree, "index.html").contains("href=\"./my%20tools/panel/\""));
    // File servers look for the decoded path.
    assert!(tree.contains_key("my tools/panel/index.html"));
    assert!(tree.contains_key("client.js"));
}

#[tokio::test]
async fn paths_that_lead_out_are_refused() {
    const CLIMBS: &[EmbeddedFile] = &[EmbeddedFile::new("../../evil.txt", b"evil")];
    const OURS: &[EmbeddedFile] = &[EmbeddedFile::new("index.json", b"{}")];
    let hosted: [(&str, StaticFiles); 4] = [
        ("/__a/", CLIMBS.into()),
        ("/../", PANEL.into()),
        ("/%2e%2e/", PANEL.into()),
        ("/__rpc-dump/", OURS.into()),
    ];
    for (base, files) in hosted {
        let folder = tempfile::tempdir().unwrap();
        let program = program(Vec::new()).await;
        program.context().views().host_static(base, files).unwrap();
        let error = program.build(folder.path().join("dist")).await.unwrap_err();
        let is_refused = matches!(error, DumpError::Path(_) | DumpError::SamePath(_));
        assert!(is_refused, "{base}: {error:?}");
        assert_eq!(names(folder.path()), [""; 0], "{base}");
    }
}

// ---- comparing -----------------------------------------------------------------------------

#[tokio::test]
async fn a_check_finds_what_is_missing_changed_and_extra() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let error = check_dump(&dist).unwrap_err();
    assert!(matches!(error, DumpError::Nothing(_)), "{error:?}");
    let error = check_dump(folder.path().join("no/such/dist")).unwrap_err();
    assert!(matches!(error, DumpError::Nothing(_)), "{error:?}");

    let program = program(vec![get(&["a", "b"])]).await;
    let options = DumpOptions::new().inputs("folder:get", [(0,), (1,)]);
    let report = program.build_with(&dist, options).await.unwrap();
    let check = check_dump(&dist).unwrap();
    assert!(check.is_whole(), "{check}");
    assert_eq!((check.files, check.bytes), (report.files, report.bytes));

    let fallback = dist.join("__rpc-dump/folder~get.fallback.json");
    let content = fs::read_to_string(&fallback).unwrap();
    fs::write(&fallback, content.replace('a', "b")).unwrap();
    fs::remove_file(dist.join("__connection.json")).unwrap();
    fs::write(dist.join("__rpc-dump/more.json"), "{}").unwrap();
    let check = check_dump(&dist).unwrap();
    assert_eq!(check.missing, ["__connection.json"]);
    assert_eq!(check.changed, ["__rpc-dump/folder~get.fallback.json"]);
    assert_eq!(check.extra, ["__rpc-dump/more.json"]);
    let shown = check.to_string();
    let (_, list) = shown.split_once('\n').unwrap();
    assert_eq!(
        list,
        "  missing: __connection.json\n  changed: __rpc-dump/folder~get.fallback.json\n  extra: __rpc-dump/more.json"
    );

    fs::write(dist.join("__dump.json"), "{").unwrap();
    let error = check_dump(&dist).unwrap_err();
    assert!(matches!(error, DumpError::SideFile { .. }), "{error:?}");
}

#[tokio::test]
async fn a_diff_says_what_a_build_would_change() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let static_function = |name: &'static str| define_rpc_function(name).snapshot().handler(|| 1);
    let first = program(vec![get(&["a", "b", "c"]), static_function("folder:old")]).await;
    let inputs = |ids: [usize; 2]| DumpOptions::new().inputs("folder:get", ids.map(|id| (id,)));
    let error = first.diff(&dist).await.unwrap_err();
    assert!(matches!(error, DumpError::Nothing(_)), "{error:?}");
    first.build_with(&dist, inputs([0, 1])).await.unwrap();
    let before = tree(&dist);
    let same = first.diff_with(&dist, inputs([0, 1])).await.unwrap();
    assert!(same.is_empty(), "{same}");
    assert!(
        same.to_string()
            .starts_with("a build would change nothing in "),
        "{same}"
    );

    let second = program(vec![get(&["A", "b", "c"]), static_function("folder:new")]).await;
    second
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let diff = second.diff_with(&dist, inputs([0, 2])).await.unwrap();
    assert_eq!(diff.added, ["folder:new"]);
    assert_eq!(diff.removed, ["folder:old"]);
    let changed = &diff.changed[0];
    assert_eq!((changed.added, changed.removed, changed.changed), (1, 1, 2));
    let shown = |change| {
        let record = changed
            .records
            .iter()
            .find(|record| record.change == change);
        record.unwrap().arguments.clone()
    };
    assert_eq!(shown(Change::Added).as_deref(), Some("[2]"));
    assert_eq!(shown(Change::Removed).as_deref(), Some("[1]"));
    let text = diff.to_string();
    assert!(
        text.contains("\n~ folder:get: 1 added, 1 removed, 2 changed\n"),
        "{text}"
    );
    assert!(text.contains("\n+ folder:new\n- folder:old\n"), "{text}");
    assert!(text.contains("\n+ __panel/index.html"), "{text}");
    assert!(!text.contains("index.json"), "{text}");
    assert_eq!(tree(&dist), before, "a diff writes nothing");

    second.build_with(&dist, inputs([0, 2])).await.unwrap();
    let same = second.diff_with(&dist, inputs([0, 2])).await.unwrap();
    assert!(same.is_empty(), "{same}");
}
