//! Servers that send bytes of a script.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::client::sse::SseTransport;
use crate::peer::{Frame, TransportError};

pub(super) async fn in_time<F: Future>(future: F) -> F::Output {
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, future).await.expect("in time")
}

/// Answers each connection with these bytes, in turn, once its request has come. It closes them with `After::End`.
pub(super) async fn scripted(answers: &[&str], after: After) -> (String, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/__sse?devframe_auth_token=t#x",
        listener.local_addr().unwrap()
    );
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    let serving = tokio::spawn(async move {
        let mut streams = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            if let After::Repeat(piece) = after {
                while stream.write_all(piece.as_bytes()).await.is_ok() {}
            }
            if let After::Stay = after {
                streams.push(stream);
            }
        }
        std::future::pending::<Infallible>().await;
    });
    (url, AbortOnDropHandle::new(serving))
}

#[derive(Clone, Copy)]
pub(super) enum After {
    End,
    Stay,
    /// The server repeats the response until the client stops reading.
    Repeat(&'static str),
}

/// The head and body of a request.
pub(super) async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ").map_or(0, |(_, rest)| {
                rest.split("\r\n").next().unwrap().parse().unwrap()
            });
            if body.len() >= length {
                return text;
            }
        }
        let read = stream.read_buf(&mut request).await.unwrap();
        assert!(read > 0, "a whole request");
    }
}

pub(super) const OPEN: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: session\ndata: id\n\n";

pub(super) async fn next(transport: &mut SseTransport) -> Option<Result<Frame, TransportError>> {
    in_time(poll_fn(|context| {
        Pin::new(&mut *transport).poll_next(context)
    }))
    .await
}

pub(super) async fn send(transport: &mut SseTransport, frame: &str) -> Result<(), TransportError> {
    use futures_sink::Sink as _;

    let mut transport = Pin::new(transport);
    in_time(poll_fn(|context| transport.as_mut().poll_ready(context))).await?;
    transport.as_mut().start_send(frame.to_owned().into())
}
