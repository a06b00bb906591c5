//! A build that is killed leaves a whole dump, or none where there was none.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use devtools_runtime::dump::check_dump;

use crate::program;

/// How often a build is killed.
const KILLS: u64 = 50;

/// A number that looks like chance, the same in each run.
fn scattered(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits ^= bits >> 29;
    bits.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 20
}

/// Starts a process that builds, and waits until it does.
fn build_forever(folder: &Path) -> Child {
    let mut builder = Command::new(env!("CARGO_BIN_EXE_dump-forever"));
    let mut child = builder.arg(folder).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    assert_eq!(line, "building\n");
    child
}

/// The content of one record: which build it is of.
fn build_of(folder: &Path) -> String {
    let fallback = folder.join("__rpc-dump/dump-forever~get.fallback.json");
    let text = fs::read_to_string(fallback).unwrap();
    text.split_once("of build ").unwrap().1.to_owned()
}

/// Lets a build run until `is_done`.
fn build_until(folder: &Path, is_done: impl Fn() -> bool) {
    let mut child = build_forever(folder);
    let until = Instant::now() + Duration::from_secs(60);
    while !is_done() {
        assert!(Instant::now() < until && child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills a build somewhere in its first rounds: each takes a few milliseconds.
fn kill_a_build(folder: &Path, seed: u64) {
    let kill_at = Instant::now() + Duration::from_micros(scattered(seed) % 60_000);
    build_until(folder, || Instant::now() >= kill_at);
}

/// Whether all files are there, and of one build.
fn assert_whole(dist: &Path) {
    let check = check_dump(dist).unwrap();
    assert!(
        check.missing.is_empty() && check.changed.is_empty(),
        "{check}"
    );
    let build = build_of(dist);
    let records: Vec<_> = fs::read_dir(dist.join("__rpc-dump")).unwrap().collect();
    // With the fallback, the index, and what is there of shared states.
    assert_eq!(records.len(), 104);
    for record in records {
        let record = fs::read_to_string(record.unwrap().path()).unwrap();
        assert!(
            !record.contains("of build") || record.ends_with(&build),
            "{record}"
        );
    }
}

#[test]
fn a_killed_build_never_leaves_a_part_of_a_dump() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    build_until(&dist, || dist.exists());
    let foreign = ["CNAME", ".git/objects/00/a", "__page/mine.txt"];
    for path in foreign {
        fs::create_dir_all(dist.join(path).parent().unwrap()).unwrap();
        fs::write(dist.join(path), path).unwrap();
    }
    for kill in 0..KILLS {
        kill_a_build(&dist, kill);
        assert_whole(&dist);
        for path in foreign {
            let content = fs::read_to_string(dist.join(path));
            assert_eq!(content.unwrap(), path, "after {kill} kills");
        }
    }
    // The next build clears away what the others have left.
    let side_file = || fs::read_to_string(dist.join("__dump.json")).unwrap();
    let last = side_file();
    build_until(&dist, || side_file() != last);
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert!(left <= 3, "{left} folders");
}

#[test]
fn a_first_build_that_is_killed_leaves_nothing_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for kill in 0..10 {
        let dist = folder.path().join(format!("dist{kill}"));
        kill_a_build(&dist, kill);
        if dist.exists() {
            assert_whole(&dist);
        }
    }
}

#[tokio::test]
async fn a_folder_that_was_moved_aside_is_moved_back() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let aside = folder.path().join(".dist.old-0123456789abcdef");
    let program = program(Vec::new()).await;
    program.build(&dist).await.unwrap();
    // As where the system cannot exchange two folders, and the program is killed between two steps.
    fs::rename(&dist, &aside).unwrap();
    assert!(check_dump(&dist).unwrap().is_whole());
    assert!(!aside.exists());
    fs::rename(&dist, &aside).unwrap();
    program.build(&dist).await.unwrap();
    assert!(dist.exists() && !aside.exists());
}

#[tokio::test]
async fn what_is_only_in_a_folder_that_was_replaced_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let left = folder.path().join(".dist.tmp-0123456789abcdef");
    let unfinished = folder.path().join(".dist.tmp-0123456789abcdee");
    let program = program(Vec::new()).await;
    // As if the program was killed between the exchange and the clearing, and somebody had written a file meanwhile.
    program.build(&dist).await.unwrap();
    program.build(&left).await.unwrap();
    for (place, content) in [(&left, "old"), (&dist, "new")] {
        fs::write(place.join("both.txt"), content).unwrap();
    }
    fs::create_dir(left.join("notes")).unwrap();
    fs::write(left.join("notes/late.txt"), "late").unwrap();
    // As if another one was killed while it wrote.
    program.build(&unfinished).await.unwrap();
    fs::write(
        unfinished.join("__dump.json"),
        r#"{"generator":"devtools-runtime","version":1,"files":{"#,
    )
    .unwrap();
    program.build(&dist).await.unwrap();
    assert_eq!(
        fs::read_to_string(dist.join("notes/late.txt")).unwrap(),
        "late"
    );
    assert_eq!(fs::read_to_string(dist.join("both.txt")).unwrap(), "new");
    assert_eq!(fs::read_to_string(left.join("both.txt")).unwrap(), "old");
    assert!(!left.join("__rpc-dump").exists() && !unfinished.exists());
    fs::remove_file(left.join("both.txt")).unwrap();
    program.build(&dist).await.unwrap();
    assert!(!left.exists());
}
