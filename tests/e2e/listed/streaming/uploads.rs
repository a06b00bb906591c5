//! Uploads by a Rust client.

use devtools_runtime::js;
use devtools_runtime::streaming::{ChannelOptions, StreamError, UploadError, WhenUploadFull};
use futures_util::SinkExt;
use tests::wait::{eventually, in_time};

use super::{channel, clients, connect};

#[tokio::test]
async fn an_upload_is_read_in_order() {
    let (server, channel, _) = channel::<u32>(ChannelOptions::new()).await;
    for rpc in clients(&server).await {
        let mut upload = channel.open_inbound();
        let mut sink = rpc.streaming().upload::<u32>("test:channel", upload.id());
        let sending = tokio::spawn(async move {
            for number in 0..5000 {
                sink.write(&number).await.unwrap();
            }
            sink.close().await.unwrap();
        });
        for number in 0..5000 {
            assert_eq!(in_time(upload.next()).await.unwrap().unwrap(), number);
        }
        assert!(in_time(upload.next()).await.is_none());
        in_time(sending).await.unwrap();
        assert_eq!(channel.stats().uploads, 0);
    }
}

#[tokio::test]
async fn an_uploader_waits_for_a_slow_reader() {
    let options = ChannelOptions::new().upload_chunks(8);
    let (_server, channel, rpc) = channel::<u32>(options).await;
    let mut upload = channel.open_inbound();
    let mut sink = rpc.streaming().upload::<u32>("test:channel", upload.id());
    for number in 0..8 {
        in_time(sink.write(&number)).await.unwrap();
    }
    // There is no room for the ninth, until half of it is there again.
    let mut ninth = Box::pin(sink.write(&8));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(ninth.as_mut().poll(&mut context).is_pending());
    let reading = async {
        for number in 0..8 {
            assert_eq!(upload.next().await.unwrap().unwrap(), number);
        }
    };
    let (sent, ()) = in_time(async { tokio::join!(ninth, reading) }).await;
    sent.unwrap();
    assert_eq!(in_time(upload.next()).await.unwrap().unwrap(), 8);
}

#[tokio::test]
async fn an_upload_can_fail() {
    let (_server, channel, rpc) = channel::<u32>(ChannelOptions::new()).await;
    let mut upload = channel.open_inbound();
    let mut sink = rpc.streaming().upload::<u32>("test:channel", upload.id());
    SinkExt::send(&mut sink, 1).await.unwrap();
    let error = js::Error::with_name("TypeError", "client failed");
    sink.error(error).await.unwrap();
    assert_eq!(in_time(upload.next()).await.unwrap().unwrap(), 1);
    match in_time(upload.next()).await.unwrap().unwrap_err() {
        StreamError::Failed(error) => assert_eq!(error.name, "TypeError"),
        other => panic!("{other:?}"),
    }

    let mut upload = channel.open_inbound();
    let mut sink = rpc.streaming().upload::<u32>("test:channel", upload.id());
    sink.write(&1).await.unwrap();
    drop(sink);
    assert_eq!(in_time(upload.next()).await.unwrap().unwrap(), 1);
    match in_time(upload.next()).await.unwrap().unwrap_err() {
        StreamError::Failed(error) => assert_eq!(error.name, "UploadDropped"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_server_cancels_an_upload() {
    let (_server, channel, rpc) = channel::<u32>(ChannelOptions::new()).await;
    let mut upload = channel.open_inbound();
    let mut sink = rpc.streaming().upload::<u32>("test:channel", upload.id());
    sink.write(&1).await.unwrap();
    in_time(upload.next()).await.unwrap().unwrap();
    upload.cancel();
    in_time(sink.cancelled()).await;
    let error = sink.write(&2).await.unwrap_err();
    assert!(matches!(error, UploadError::Cancelled), "{error:?}");

    let mut sink = rpc.streaming().upload::<u32>("test:channel", "nope");
    let error = in_time(sink.write(&1)).await.unwrap_err();
    assert!(matches!(error, UploadError::Unknown(id) if id == "nope"));
}

#[tokio::test]
async fn an_upload_has_one_owner() {
    let (server, channel, rpc) = channel::<u32>(ChannelOptions::new()).await;
    let mut upload = channel.open_inbound();
    let mut sink = rpc.streaming().upload::<u32>("test:channel", upload.id());
    sink.write(&1).await.unwrap();
    assert_eq!(in_time(upload.next()).await.unwrap().unwrap(), 1);

    let mut again = rpc.streaming().upload::<u32>("test:channel", upload.id());
    let error = in_time(again.write(&1)).await.unwrap_err();
    assert!(matches!(error, UploadError::AlreadyOpen), "{error:?}");
    let other = connect(&server.url()).await;
    let mut stolen = other.streaming().upload::<u32>("test:channel", upload.id());
    assert!(in_time(stolen.write(&99)).await.is_err());

    sink.write(&2).await.unwrap();
    assert_eq!(in_time(upload.next()).await.unwrap().unwrap(), 2);
    other.close();
    eventually(|| server.devtools().context().rpc().sessions().len() == 1).await;
    rpc.close();
    let error = in_time(upload.next()).await.unwrap().unwrap_err();
    assert!(
        matches!(error, StreamError::UploadDisconnected),
        "{error:?}"
    );
    let error = in_time(sink.write(&3)).await.unwrap_err();
    assert!(matches!(error, UploadError::Disconnected), "{error:?}");
}

#[tokio::test]
async fn an_upload_that_is_not_read_fails_or_loses_its_oldest() {
    for (when_full, read) in [
        (WhenUploadFull::Fail, vec!["0", "1", "2", "3", "overflow"]),
        (
            WhenUploadFull::DropOldest,
            vec!["gap 6", "6", "7", "8", "9"],
        ),
    ] {
        let options = ChannelOptions::new()
            .upload_chunks(4)
            .when_upload_full(when_full);
        let (_server, channel, rpc) = channel::<u32>(options).await;
        let mut upload = channel.open_inbound_with_id("up").unwrap();
        // Frames as the JavaScript client sends them, which knows nothing of room.
        for number in 0..10 {
            notify(&rpc, number).await;
        }
        rpc.call_dynamic::<Vec<String>>("devframe:rpc:cacheable-functions", ())
            .await
            .unwrap();
        let mut seen = Vec::new();
        while seen.len() < 5 {
            seen.push(match in_time(upload.next()).await.unwrap() {
                Ok(chunk) => chunk.to_string(),
                Err(StreamError::Gap { missed }) => format!("gap {missed}"),
                Err(StreamError::Overflow) => "overflow".to_owned(),
                Err(error) => panic!("{error:?}"),
            });
        }
        assert_eq!(seen, read);
    }
}

#[devtools_runtime::rpc_function(name = "devframe:streaming:upload-chunk", kind = "event")]
async fn upload_chunk(channel: String, id: String, seq: u64, chunk: u32);

async fn notify(rpc: &devtools_runtime::DevToolsRpcClient, number: u32) {
    let seq = u64::from(number) + 1;
    UploadChunk::notify(rpc, "test:channel", "up", seq, number)
        .await
        .unwrap();
}
