//! The actions of the recorded server on its streams, done here.

use std::sync::Mutex;
use std::time::Duration;

use devtools_runtime::streaming::{Channel, ChannelOptions, StreamError, StreamSink, UploadReader};
use devtools_runtime::{DevToolsContext, Encoding, PluginState, js};
use serde_json::json;
use tests::wait::{eventually, in_time};

use crate::broadcasts::{Action, Seen, action};
use crate::functions::Declared;
use crate::recording::Transcript;

/// The streams of a transcript.
#[derive(PluginState)]
pub(crate) struct Streams {
    transcript: String,
    channel: Channel<js::Value>,
    sinks: Mutex<Vec<StreamSink<js::Value>>>,
    upload: Mutex<Option<UploadReader<js::Value>>>,
}

fn number(number: u8) -> js::Value {
    js::Value::Number(number.into())
}

fn text(text: &str) -> js::Value {
    js::Value::String(text.to_owned())
}

/// Creates the channel of a transcript about streams, and opens what the recorded server had open.
pub(crate) async fn set_up(context: &DevToolsContext, transcript: &Transcript, declared: Declared) {
    let (name, ids, replay): (_, &[&str], _) = match &*transcript.name {
        "streaming/basic" => ("proto:live", &["s1"], 0),
        "streaming/error-end" => ("proto:err", &["s1", "s2", "s3"], 0),
        "streaming/replay" => ("proto:replay", &["r1"], 3),
        "streaming/replay-error-lost" => ("proto:replay-err", &["e1"], 3),
        "streaming/cancel" => ("proto:cancel", &["c1"], 0),
        "streaming/unknown" => ("proto:live", &[], 0),
        "streaming/unsubscribe" => ("proto:unsub", &["u1"], 0),
        "streaming/disconnect" => ("proto:disc", &["d1"], 0),
        "streaming/overflow" => ("proto:flow", &["f1"], 0),
        "upload/basic" => ("proto:up", &["u1"], 0),
        "upload/error" => ("proto:up-err", &["u1"], 0),
        "upload/server-cancel" => ("proto:up-cancel", &["u1"], 0),
        "upload/disconnect" => ("proto:up-disc", &["u1"], 0),
        "upload/unknown" => ("proto:up", &[], 0),
        "sse/session" => ("proto:sse", &["s"], 0),
        _ => return,
    };
    // JSON has no word for the date in the first one.
    let as_clone = declared != Declared::AsUsual || transcript.name == "streaming/basic";
    let encoding = if as_clone {
        Encoding::StructuredClone
    } else {
        Encoding::Json
    };
    let options = ChannelOptions::new()
        .encoding(encoding)
        .replay(replay)
        .linger(Duration::ZERO);
    let channel: Channel<js::Value> = context.rpc().streaming().create(name, options).unwrap();
    let mut streams = Streams {
        transcript: transcript.name.clone(),
        sinks: Mutex::default(),
        upload: Mutex::default(),
        channel,
    };
    if transcript.group() == "upload" {
        let upload = ids
            .first()
            .map(|id| streams.channel.open_inbound_with_id(id));
        streams.upload = Mutex::new(upload.map(Result::unwrap));
    } else {
        let sinks = ids
            .iter()
            .map(|id| streams.channel.start_with_id(id).unwrap());
        streams.sinks = Mutex::new(sinks.collect());
    }
    if transcript.name == "streaming/replay" {
        let sinks = streams.sinks.lock().unwrap();
        for chunk in 1..=5 {
            sinks[0].try_write(&text(&format!("c{chunk}"))).unwrap();
        }
    }
    context.insert_state(streams).unwrap();
}

/// Returns the actions of a transcript about streams. The first begins before the first frame, and waits for those it
/// needs.
pub(crate) fn actions(transcript: &str) -> Vec<Action> {
    // There is no such mark.
    let begin = |label| vec![action("begin", label)];
    match transcript {
        "streaming/replay" => vec![action("begin", "write"), action("close", "close")],
        "streaming/cancel" | "streaming/disconnect" => begin("signal"),
        "streaming/unsubscribe" => begin("aborted"),
        "upload/error" | "upload/disconnect" => begin("server reader"),
        "streaming/unknown" | "upload/unknown" => Vec::new(),
        other if other.starts_with("streaming/") || other.starts_with("upload/") => begin("all"),
        _ => Vec::new(),
    }
}

/// Does it, if it is about streams.
pub(crate) async fn act(context: &DevToolsContext, label: &str) -> Option<Seen> {
    let streams = context.state::<Streams>().ok()?;
    if streams.transcript.starts_with("sse/") && label != "all" {
        return None;
    }
    let upload = streams.upload.lock().unwrap().take();
    Some(
        in_time(async {
            match upload {
                Some(upload) => read(streams, upload).await,
                None => write(streams, label).await,
            }
        })
        .await,
    )
}

async fn write(streams: &Streams, label: &str) -> Seen {
    let mut sinks = std::mem::take(&mut *streams.sinks.lock().unwrap());
    match (&*streams.transcript, label) {
        ("streaming/basic", _) => {
            let sink = sinks.remove(0);
            streams.subscribed(1).await;
            let two = js::Value::Object(vec![("two".to_owned(), number(2))]);
            let date = js::Value::Date(js::Date::from_millis(3));
            for chunk in [text("one"), two, date] {
                sink.write(&chunk).await.unwrap();
            }
            sink.close();
        }
        ("streaming/error-end", _) => {
            let errors = [
                js::Error::with_name("RangeError", "stream broke"),
                js::Error::new("{\"code\":5}"),
                js::Error::new("text reason"),
            ];
            for (sink, error) in sinks.into_iter().zip(errors) {
                streams.subscribed(1).await;
                if sink.id() == "s1" {
                    sink.write(&number(1)).await.unwrap();
                }
                let id = sink.id().to_owned();
                sink.error(error);
                // Nothing is kept, so that it is gone once its subscriber has the end.
                eventually(|| !streams.channel.ids().contains(&id)).await;
            }
        }
        ("streaming/replay", "write") => {
            streams.subscribed(1).await;
            sinks[0].write(&text("c6")).await.unwrap();
            *streams.sinks.lock().unwrap() = sinks;
        }
        ("streaming/replay", _) => sinks.remove(0).close(),
        ("streaming/replay-error-lost", _) => {
            streams.subscribed(1).await;
            let sink = sinks.remove(0);
            sink.write(&text("x")).await.unwrap();
            sink.error("gone");
        }
        ("sse/session", _) => {
            streams.subscribed(1).await;
            let sink = sinks.remove(0);
            sink.write(&text("chunk")).await.unwrap();
            sink.close();
        }
        ("streaming/overflow", _) => {
            streams.subscribed(1).await;
            let sink = sinks.remove(0);
            for chunk in 1..=5 {
                sink.write(&number(chunk)).await.unwrap();
            }
            sink.close();
        }
        ("streaming/unsubscribe", _) => {
            streams.subscribed(1).await;
            sinks[0].write(&number(1)).await.unwrap();
            streams.subscribed(0).await;
            return Some(Ok(json!(sinks[0].cancellation().is_cancelled())));
        }
        ("streaming/cancel" | "streaming/disconnect", _) => {
            if streams.transcript == "streaming/cancel" {
                streams.subscribed(1).await;
                sinks[0].write(&number(1)).await.unwrap();
            }
            let reason = sinks[0].cancelled().await;
            let closed = streams.channel.stats().open == 0;
            let signal = json!({ "aborted": true, "reason": reason.to_string(), "closed": closed });
            return Some(Ok(signal));
        }
        (other, label) => panic!("{other}, {label}: not known"),
    }
    None
}

async fn read(streams: &Streams, mut upload: UploadReader<js::Value>) -> Seen {
    assert_eq!(upload.next().await.unwrap().unwrap(), text("a"));
    match &*streams.transcript {
        "upload/basic" => {
            let bytes = js::Value::TypedArray(js::TypedArray::Uint8(vec![1, 2, 3]));
            assert_eq!(upload.next().await.unwrap().unwrap(), bytes);
            assert!(upload.next().await.is_none());
        }
        "upload/server-cancel" => upload.cancel(),
        _ => match upload.next().await.unwrap().unwrap_err() {
            StreamError::Failed(error) => return Some(Err(error.message)),
            StreamError::UploadDisconnected => {
                let message = "Uploader disconnected before completing the stream";
                return Some(Err(message.to_owned()));
            }
            other => panic!("{other:?}"),
        },
    }
    None
}

impl Streams {
    async fn subscribed(&self, subscribers: usize) {
        eventually(|| self.channel.stats().subscribers == subscribers).await;
    }
}
