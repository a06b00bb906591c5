//! The folder of a dump: what is replaced and what is not, what is in it beside the records, and comparing it.

use std::fs;
use std::path::Path;

use devtools_runtime::context::StaticFiles;
use devtools_runtime::dump::{Change, DumpError, DumpOptions, check_dump};
use devtools_runtime::{DevTools, EmbeddedFile, FunctionDefinition, define_rpc_function};
#[cfg(feature = "every-feature")]
use serde_json::{Value, json};
use tests::wait::eventually;

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

/// The files that others put into the folder of a dump, with their content.
const FOREIGN: &[(&str, &str)] = &[
    (".DS_Store", "finder"),
    (".git", "gitdir: ../.git/worktrees/dist"),
    ("CNAME", "example.com"),
    ("notes/deep/mine.txt", "mine"),
    ("__panel/assets/own.css", "a{}"),
    ("__rpc-dump/own.json", "{}"),
];

fn put(folder: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[tokio::test]
async fn what_others_put_into_a_dump_stays_in_it() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("deep/in/dist");
    let first = program(vec![get(&["a", "b"])]).await;
    first
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let inputs = |ids: [usize; 2]| DumpOptions::new().inputs("folder:get", ids.map(|id| (id,)));
    first.build_with(&dist, inputs([0, 1])).await.unwrap();
    put(&dist, FOREIGN);
    symlink("CNAME", dist.join("link")).unwrap();
    symlink("/nowhere", dist.join("broken")).unwrap();
    fs::create_dir(dist.join("empty")).unwrap();
    fs::set_permissions(dist.join("empty"), fs::Permissions::from_mode(0o700)).unwrap();
    let inode = |path: &str| fs::symlink_metadata(dist.join(path)).unwrap().ino();
    let inodes: Vec<u64> = FOREIGN.iter().map(|(path, _)| inode(path)).collect();

    // The second build has neither the view nor the records of the first.
    let second = program(vec![get(&["a", "b", "c", "d"])]).await;
    for build in 0..4 {
        let report = match build % 2 {
            0 => second.build_with(&dist, inputs([2, 3])).await.unwrap(),
            _ => first.build_with(&dist, inputs([0, 1])).await.unwrap(),
        };
        for ((path, content), inode_before) in FOREIGN.iter().zip(&inodes) {
            assert_eq!(
                fs::read_to_string(dist.join(path)).unwrap(),
                *content,
                "{path}"
            );
            assert_eq!(inode(path), *inode_before, "{path}");
        }
        assert_eq!(
            fs::read_link(dist.join("link")).unwrap(),
            Path::new("CNAME")
        );
        assert_eq!(
            fs::read_link(dist.join("broken")).unwrap(),
            Path::new("/nowhere")
        );
        let empty = fs::metadata(dist.join("empty")).unwrap();
        assert_eq!((empty.is_dir(), empty.mode() & 0o777), (true, 0o700));
        assert_eq!(fs::read_to_string(dist.join(".nojekyll")).unwrap(), "");
        let check = check_dump(&dist).unwrap();
        assert!(
            check.missing.is_empty() && check.changed.is_empty(),
            "{check}"
        );
        assert_eq!(check.files, report.files);
        // Files of hosts and of git are not reported.
        let extra = [
            "__panel/assets/own.css",
            "__rpc-dump/own.json",
            "broken",
            "link",
            "notes/deep/mine.txt",
        ];
        assert_eq!(check.extra, extra);
        assert_eq!(dist.join("__panel/index.html").exists(), build % 2 == 1);
        assert_eq!(names(&folder.path().join("deep/in")), ["dist"]);
    }
}

#[tokio::test]
async fn a_worktree_of_git_is_one_still() {
    let git = |folder: &Path, arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(folder).args(arguments);
        command
            .args([] as [&str; 0])
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let (repo, dist) = (folder.path().join("repo"), folder.path().join("dist"));
    let bare = folder.path().join("bare");
    fs::create_dir_all(&repo).unwrap();
    fs::create_dir_all(&bare).unwrap();
    let name = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
    for place in [&repo, &bare] {
        git(place, &["init", "-q", "-b", "main"]);
        let commit = ["commit", "-q", "--allow-empty", "-m", "first"];
        git(place, &[&name[..], &commit].concat());
    }
    git(&repo, &["worktree", "add", "-q", dist.to_str().unwrap()]);
    let program = program(vec![get(&["a"])]).await;
    // A worktree, and a repository of its own: each becomes a dump at once, and stays what it is.
    for place in [&dist, &bare] {
        for _ in 0..2 {
            program.build(place).await.unwrap();
            git(place, &["add", "--all", "--force"]);
            let status = git(place, &["status", "--porcelain"]);
            assert!(status.contains("A  __dump.json"), "{status}");
            assert!(status.contains("A  .nojekyll"), "{status}");
        }
        let commit = ["commit", "-q", "-m", "dump"];
        git(place, &[&name[..], &commit].concat());
        program.build(place).await.unwrap();
        assert_eq!(git(place, &["status", "--porcelain"]), "");
        git(place, &["fsck", "--strict"]);
    }
    assert!(git(&repo, &["worktree", "list"]).contains("dist"));
}

#[tokio::test]
async fn a_folder_of_what_hosts_put_there_becomes_a_dump() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    put(&dist, &FOREIGN[..3]);
    put(
        &dist,
        &[(".nojekyll", "theirs"), (".well-known/security.txt", "x")],
    );
    let program = program(Vec::new()).await;
    for _ in 0..2 {
        program.build(&dist).await.unwrap();
        assert_eq!(
            fs::read_to_string(dist.join("CNAME")).unwrap(),
            "example.com"
        );
        assert_eq!(
            fs::read_to_string(dist.join(".nojekyll")).unwrap(),
            "theirs"
        );
        assert!(dist.join(".well-known/security.txt").exists());
        assert!(check_dump(&dist).unwrap().is_whole());
        assert_eq!(names(folder.path()), ["dist"]);
    }
}

#[tokio::test]
async fn a_file_of_others_in_the_place_of_one_of_the_dump_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let program = program(Vec::new()).await;
    program.build(&dist).await.unwrap();
    let index = check_dump(&dist).unwrap();
    for (mine, content) in [("__panel/index.html", "mine"), ("__panel", "a file")] {
        put(&dist, &[(mine, content)]);
        let views = program.context().views();
        // The second time it is there.
        let _ = views.host_static("/__panel/", PANEL);
        let error = program.build(&dist).await.unwrap_err();
        let DumpError::ForeignFiles { file, .. } = &error else {
            panic!("{error:?}");
        };
        assert!(file.starts_with("__panel"), "{file}");
        assert_eq!(fs::read_to_string(dist.join(mine)).unwrap(), content);
        assert_eq!(check_dump(&dist).unwrap().files, index.files);
        assert_eq!(names(folder.path()), ["dist"]);
        let _ = fs::remove_dir_all(dist.join("__panel"));
    }
    fs::remove_file(dist.join("__panel")).unwrap();
    program.build(&dist).await.unwrap();
    // The same content is nobody's loss.
    put(
        &dist,
        &[("__panel/index.html", "<!doctype html><title>Panel</title>")],
    );
    program.build(&dist).await.unwrap();
}

#[tokio::test]
async fn a_damaged_list_costs_nobody_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let program = program(vec![get(&["a"])]).await;
    let inputs = || DumpOptions::new().inputs("folder:get", [(0,)]);
    program.build_with(&dist, inputs()).await.unwrap();
    put(&dist, &FOREIGN[..5]);
    let list = fs::read_to_string(dist.join("__dump.json")).unwrap();
    fs::write(dist.join("__dump.json"), &list[..list.len() - 20]).unwrap();
    program.build_with(&dist, inputs()).await.unwrap();
    for (path, content) in &FOREIGN[..5] {
        assert_eq!(
            fs::read_to_string(dist.join(path)).unwrap(),
            *content,
            "{path}"
        );
    }
    let check = check_dump(&dist).unwrap();
    assert!(
        check.missing.is_empty() && check.changed.is_empty(),
        "{check}"
    );
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

#[cfg(feature = "every-feature")]
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
    // A write that waits for the disk ends by itself.
    eventually(|| names(folder.path()).is_empty()).await;
}

// ---- what else is in it --------------------------------------------------------------------

#[cfg(feature = "every-feature")]
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
        .filter(|path| !path.contains("__client/")) // the scripts of `__client.js`
        .collect();
    assert_eq!(
        of_views,
        [
            "__client.d.ts",
            "__client.js",
            "__connection.json",
            "index.html",
            "inner/__client.d.ts",
            "inner/__client.js",
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
    for declarations in ["__devtools/client.d.ts", "__outer/__client.d.ts"] {
        assert!(text(&tree, declarations).contains("export function connect"));
    }
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
