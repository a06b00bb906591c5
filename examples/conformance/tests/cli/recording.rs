//! Tests of `dev --record`, `replay` and `record-to-dump`.

use std::fs;
use std::path::Path;

use crate::{Ended, Running, run};

const ADD: &str = "conformance:add";

async fn call(server: &str, arguments: &[&str]) -> Ended {
    run(&[&["call", "--url", server], arguments].concat()).await
}

/// Records a call of a program that is then killed.
async fn record(file: &Path) {
    let file = file.to_str().unwrap();
    let server = Running::start(&["dev", "--port", "0", "--record", file]).await;
    assert_eq!(call(&server.url, &[ADD, "1", "2"]).await.out, "3\n");
    // The file is complete whenever nothing happens.
    for _ in 0..1000 {
        if fs::read_to_string(file).unwrap().contains(r#""result":3"#) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    server.end("KILL").await;
}

#[tokio::test]
async fn a_recording_of_a_killed_program_is_replayed_and_becomes_a_dump() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.jsonl");
    record(&file).await;
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with(r#"{"devtools-recording":1,"program":"conformance","#),
        "{text}"
    );
    assert!(text.ends_with('\n'), "{text}");
    // A half line does no harm.
    fs::write(&file, text + r#"{"at":5000,"sess"#).unwrap();

    let path = file.to_str().unwrap();
    let server = Running::start(&["replay", path, "--port", "0", "--at-once"]).await;
    assert_eq!(call(&server.url, &[ADD, "1", "2"]).await.out, "3\n");
    let missing = call(&server.url, &[ADD, "1", "3"]).await;
    assert_eq!(missing.status, Some(1));
    assert!(
        missing.err.contains("[1,3]; its recorded call: [1,2]"),
        "{}",
        missing.err
    );
    assert!(missing.err.contains("not-recorded"), "{}", missing.err);
    let ended = server.end("TERM").await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("the last line is cut off"),
        "{}",
        ended.err
    );

    let dist = folder.path().join("dist");
    let dist = dist.to_str().unwrap();
    let written = run(&["record-to-dump", path, "--out", dist]).await;
    assert_eq!(written.status, Some(0), "{}", written.err);
    assert_eq!(call(dist, &[ADD, "1", "2"]).await.out, "3\n");
    assert_eq!(call(dist, &[ADD, "1", "3"]).await.status, Some(1));
}

#[tokio::test]
async fn the_end_of_a_recording_says_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.jsonl");
    let path = file.to_str().unwrap();
    let server = Running::start(&["dev", "--port", "0", "--record", path, "--redact", "a,b"]).await;
    assert_eq!(call(&server.url, &[ADD, "1", "2"]).await.out, "3\n");
    let ended = server.end("TERM").await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(ended.err.contains("frames to "), "{}", ended.err);
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains(r#""args":["[redacted]","[redacted]"]"#),
        "{text}"
    );
}

#[tokio::test]
async fn a_recording_is_not_replaced_by_that_of_its_own_replay() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.jsonl");
    record(&file).await;
    let before = fs::read_to_string(&file).unwrap();
    let around = folder.path().join("nothing/../session.jsonl");
    fs::create_dir(folder.path().join("nothing")).unwrap();
    let linked = folder.path().join("linked.jsonl");
    std::os::unix::fs::symlink(&file, &linked).unwrap();
    let same = folder.path().join("same.jsonl");
    fs::hard_link(&file, &same).unwrap();

    let path = file.to_str().unwrap();
    for target in [&file, &around, &linked, &same] {
        let target = target.to_str().unwrap();
        let ended = run(&["replay", path, "--port", "0", "--record", target]).await;
        assert_eq!(ended.status, Some(1), "{target}: {}", ended.err);
        let why = "it is the recording that is replayed; choose another file for `--record`";
        assert!(ended.err.contains(why), "{target}: {}", ended.err);
        assert_eq!(fs::read_to_string(&file).unwrap(), before, "{target}");
    }

    let other = folder.path().join("other.jsonl");
    let record = ["--at-once", "--record", other.to_str().unwrap()];
    let server = Running::start(&[&["replay", path, "--port", "0"], &record[..]].concat()).await;
    assert_eq!(call(&server.url, &[ADD, "1", "2"]).await.out, "3\n");
    let ended = server.end("TERM").await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let written = fs::read_to_string(&other).unwrap();
    assert!(written.contains(r#""result":3"#), "{written}");
}

#[tokio::test]
async fn files_that_are_no_recordings_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.jsonl");
    let path = file.to_str().unwrap();
    let header = r#"{"devtools-recording":1}"#;
    for (text, why) in [
        ("hello\n".to_owned(), "line 1 is not the header"),
        (r#"{"devtools-recording":2}"#.to_owned(), "version 2"),
        (
            format!("{header}\n{{\"at\":1}}\n{{}}\n"),
            "line 2 is not a line of a recording",
        ),
    ] {
        fs::write(&file, text).unwrap();
        for command in [
            &["replay", path][..],
            &["record-to-dump", path, "--out", "x"],
        ] {
            let ended = run(command).await;
            assert_eq!(ended.status, Some(1));
            assert!(
                ended.err.contains(why) && ended.err.contains("broken.jsonl"),
                "{}",
                ended.err
            );
        }
    }
    for (target, why) in [
        (
            folder.path().to_str().unwrap(),
            "could not write the recording",
        ),
        ("/dev/full", "No space left on device"),
    ] {
        let ended = run(&["dev", "--port", "0", "--record", target]).await;
        assert_eq!(ended.status, Some(1), "{}", ended.err);
        assert!(ended.err.contains(why), "{}", ended.err);
    }
}
