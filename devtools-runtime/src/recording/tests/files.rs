//! The file: what it may replace, what a killed or full one holds, and what comes too fast.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Place, builder, eventually};
use crate::peer::{Frame, FrameDirection, FrameSink as _};
use crate::recording::writer::RecordingWriter;
use crate::recording::{ReadRecordingError, RecordError, Recorder, Recording};
use crate::{BuildError, define_rpc_function, js};

const HEADER: &str = r#"{"devtools-recording":1}"#;

async fn refused(path: &Path) -> String {
    match builder().record(path).build().await {
        Err(BuildError::Record(error)) => {
            let source = std::error::Error::source(&error);
            format!(
                "{error}{}",
                source.map_or(String::new(), |it| format!(": {it}"))
            )
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused_before_the_program_runs() {
    let place = Place::new();
    let folder = place.file.parent().unwrap();
    let error = refused(folder).await;
    assert!(error.contains("could not write the recording"), "{error}");
    let missing = folder.join("no/such/folder.jsonl");
    assert!(refused(&missing).await.contains("No such file"));
    if cfg!(target_os = "linux") {
        let error = refused(Path::new("/dev/full")).await;
        assert!(error.contains("No space left"), "{error}");
    }

    fs::write(&place.file, "fn main() {}\n").unwrap();
    let error = refused(&place.file).await;
    assert!(error.contains("is no recording"), "{error}");
    assert_eq!(place.text(), "fn main() {}\n");
}

#[tokio::test]
async fn a_recording_is_replaced_unless_another_recorder_writes_to_it() {
    let place = Place::new();
    fs::write(
        &place.file,
        format!("{HEADER}\n{{\"at\":1,\"dropped\":1}}\n"),
    )
    .unwrap();
    let first = builder().record(&place.file).build().await.unwrap();
    assert_eq!(place.recording().dropped(), 0);
    if cfg!(unix) {
        use std::os::unix::fs::PermissionsExt as _;

        let error = refused(&place.file).await;
        assert!(error.contains("another program records to it"), "{error}");
        let other = place.file.with_extension("new");
        let second = builder().record(&other).build().await.unwrap();
        let mode = fs::metadata(&other).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(second);
    }
    first.shutdown().await;
    drop(first);
    // The thread of the first one closes the file.
    let again = || RecordingWriter::start(&place.recorder());
    eventually(|| !matches!(again(), Err(RecordError::Taken(_)))).await;
}

#[test]
fn a_line_that_was_cut_off_is_left_out_and_another_wrong_one_is_named() {
    let whole = format!("{HEADER}\n{{\"at\":1,\"dropped\":3}}\n");
    let recording = Recording::parse(&whole).unwrap();
    assert!(!recording.is_cut());
    for length in 1..25 {
        let cut = format!(
            "{whole}{}",
            &r#"{"at":2,"session":1,"from":"client"}"#[..length]
        );
        let recording = Recording::parse(&cut).unwrap();
        assert!(recording.is_cut());
        assert_eq!(recording.dropped(), 3);
    }
    let recording = Recording::parse(&format!("{whole}\n{{\"at\":2,\"dropped\":1}}")).unwrap();
    assert!(!recording.is_cut(), "the last line is whole");
    assert_eq!(recording.dropped(), 4);

    // A character may be cut off too, and so may the header be.
    let mut cut = whole.clone().into_bytes();
    cut.extend_from_slice(&"{\"at\":3,\"ended\":\"é".as_bytes()[..18]);
    let place = Place::new();
    fs::write(&place.file, &cut).unwrap();
    let recording = place.recording();
    assert!(recording.is_cut());
    assert_eq!(recording.dropped(), 3);
    assert!(Recording::parse(HEADER).unwrap().frames() == 0);
    assert!(Recording::parse(&format!("\u{feff}{whole}\r\n")).is_ok());

    match Recording::parse(&format!("{whole}{{\"at\":2\n{{\"at\":3,\"dropped\":1}}\n")) {
        Err(ReadRecordingError::Line { line: 3, reason }) => {
            assert!(reason.contains("not JSON"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    let error = Recording::open("/no/such/file").unwrap_err();
    assert!(error.to_string().contains("`/no/such/file`"), "{error}");
}

#[test]
fn garbage_is_refused_with_its_line() {
    let place = Place::new();
    let refused = |bytes: &[u8]| {
        fs::write(&place.file, bytes).unwrap();
        Recording::open(&place.file).unwrap_err().to_string()
    };
    assert!(refused(b"").contains("the file is empty"));
    assert!(refused(b"\xff\xfe{\0").contains("line 1 is not the header"));
    assert!(refused(b"\xff\xfe{\0").contains("not UTF-8 from byte 1"));
    assert!(refused(b"\0\0\0\0\n").contains("line 1 is not the header"));
    assert!(refused(&HEADER.as_bytes()[..20]).contains("line 1 is not the header"));
    let after = |line: &[u8]| {
        let text = [
            HEADER.as_bytes(),
            b"\n",
            line,
            b"\n{\"at\":1,\"dropped\":1}\n",
        ]
        .concat();
        refused(&text)
    };
    assert!(
        after(b"{\"at\":1,\"ended\":\"\xff\"}")
            .contains("line 2 is not a line of a recording: it is not UTF-8 from byte 18 on")
    );
    assert!(after(&[0; 100]).contains("line 2"));
    let deep = "[".repeat(100_000);
    assert!(after(deep.as_bytes()).contains("line 2"));

    // The sum of the frames that are missing has no end of its own.
    let many = format!(
        "{HEADER}\n{0}\n{0}\n",
        format_args!("{{\"at\":1,\"dropped\":{}}}", u64::MAX)
    );
    assert_eq!(Recording::parse(&many).unwrap().dropped(), u64::MAX);
}

#[test]
fn a_line_of_many_megabytes_is_read_and_written() {
    let place = Place::new();
    let writer = RecordingWriter::start(&place.recorder()).unwrap();
    let large = "x\u{1F980}\\n".repeat(1 << 20);
    writer.receive(1, FrameDirection::Read, &call(&large));
    flush(&writer);
    let recording = place.recording();
    assert_eq!(recording.frames(), 1);
    assert!(place.text().len() > 6 << 20);
}

fn call(text: &str) -> Frame {
    Frame::from(format!(r#"{{"m":"a:b","a":["{text}"],"t":"q"}}"#))
}

#[test]
fn a_frame_that_finds_no_room_is_counted_and_the_file_says_so() {
    let place = Place::new();
    let recorder = place.recorder().queue_bytes(4096);
    let writer = RecordingWriter::start(&recorder).unwrap();
    writer.receive(1, FrameDirection::Read, &call("first"));
    writer.receive(1, FrameDirection::Read, &call(&"x".repeat(5000)));
    writer.receive(1, FrameDirection::Read, &call(&"y".repeat(5000)));
    writer.receive(1, FrameDirection::Read, &call("last"));
    flush(&writer);
    let text = place.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[2].ends_with(r#""dropped":2}"#), "{text}");
    assert!(lines[3].contains("last"));
    assert_eq!((writer.status().frames, writer.status().dropped), (2, 2));
    assert_eq!(place.recording().dropped(), 2);
}

#[test]
fn a_queue_of_one_frame_loses_frames_and_counts_each_of_them() {
    let place = Place::new();
    let writer = RecordingWriter::start(&place.recorder().queue_frames(1)).unwrap();
    for number in 0..10_000 {
        writer.receive(1, FrameDirection::Read, &call(&number.to_string()));
    }
    flush(&writer);
    let recording = place.recording();
    assert_eq!(recording.frames() as u64 + recording.dropped(), 10_000);
    assert_eq!(writer.status().dropped, recording.dropped());
}

#[test]
fn a_full_file_ends_the_recording_with_a_line_that_says_so() {
    let place = Place::new();
    let writer = RecordingWriter::start(&place.recorder().file_bytes(1000)).unwrap();
    for number in 0..100 {
        writer.receive(1, FrameDirection::Read, &call(&number.to_string()));
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    while writer.status().ended.is_none() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    let recording = place.recording();
    assert!(recording.ended().unwrap().contains("`file_bytes`"));
    assert!(recording.frames() < 15, "{}", recording.frames());
    assert!(fs::metadata(&place.file).unwrap().len() < 1400);
    // Later frames are not queued any more.
    writer.receive(1, FrameDirection::Read, &call("late"));
    flush(&writer);
    assert_eq!(place.recording().frames(), recording.frames());
}

#[test]
fn a_hundred_thousand_frames_are_written_and_read() {
    let place = Place::new();
    let recorder = place.recorder().queue_frames(100_000);
    let writer = RecordingWriter::start(&recorder).unwrap();
    for number in 0..50_000 {
        let asked = format!(r#"{{"m":"a:b","a":[{number}],"t":"q","i":"{number}"}}"#);
        writer.receive(1, FrameDirection::Read, &Frame::from(asked));
        let answered = format!(r#"{{"t":"s","i":"{number}","r":{number}}}"#);
        writer.receive(1, FrameDirection::Written, &Frame::from(answered));
    }
    flush(&writer);
    let recording = place.recording();
    assert_eq!((recording.frames(), recording.dropped()), (100_000, 0));
    let calls = recording.calls();
    assert_eq!(calls.len(), 50_000);
    assert!(
        calls
            .iter()
            .all(|call| call.result.as_ref() == call.arguments.first())
    );
}

#[test]
fn calls_that_get_no_reply_take_no_more_room_than_the_limit() {
    let place = Place::new();
    let recorder = place.recorder().open_calls(10).queue_frames(10_000);
    let writer = RecordingWriter::start(&recorder).unwrap();
    for number in 0..1000 {
        let asked = format!(r#"{{"m":"a:b","a":[{number}],"t":"q","i":"{number}"}}"#);
        writer.receive(0, FrameDirection::Read, &Frame::from(asked));
    }
    for number in 0..1000 {
        let answered = format!(r#"{{"t":"s","i":"{number}","r":{number}}}"#);
        writer.receive(0, FrameDirection::Written, &Frame::from(answered));
    }
    flush(&writer);
    let calls = place.recording().calls();
    assert_eq!(calls.len(), 1000, "every call is in the file");
    let answered = calls.iter().filter(|call| call.result.is_some());
    let answered: Vec<_> = answered.map(|call| &call.arguments[0]).collect();
    let last: Vec<_> = (990..1000).map(js::Value::from).collect();
    assert_eq!(answered, last.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_killed_program_leaves_every_line_that_it_has_written() {
    let place = Place::new();
    let echo = define_rpc_function("rec:echo").handler(|value: Value| value);
    let devtools = builder()
        .function(echo)
        .record(place.recorder())
        .build()
        .await
        .unwrap();
    let rpc = devtools.client();
    let large = "é".repeat(1 << 20);
    let _: Value = rpc.call_dynamic("rec:echo", [json!(large)]).await.unwrap();
    let _: Value = rpc.call_dynamic("rec:echo", [json!(1)]).await.unwrap();
    // Nothing is closed and nobody waits: the file is flushed when the queue is empty. Before, it may end within a character.
    let written = || {
        let bytes = fs::read(&place.file).unwrap();
        bytes.split(|byte| *byte == b'\n').count() == 6
    };
    eventually(written).await;
    let calls = place.recording().calls();
    assert_eq!(calls[0].result, Some(crate::wire::js::Value::String(large)));
}

/// Waits until everything is written.
fn flush(writer: &Arc<RecordingWriter>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(writer.flushed());
}

#[test]
fn a_path_is_a_recorder() {
    assert_eq!(Recorder::from("a.jsonl"), Recorder::new("a.jsonl"));
    assert_eq!(Recorder::new("a.jsonl").path(), Path::new("a.jsonl"));
}
