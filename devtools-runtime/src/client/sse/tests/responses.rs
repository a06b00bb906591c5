//! The transport against servers that keep to no protocol.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::scripted::{After, OPEN, in_time, next, read_request, scripted, send};
use crate::client::dial::Dialer;
use crate::client::sse::connect;
use crate::peer::{Limits, TransportError};

#[tokio::test]
async fn what_is_no_event_stream_is_refused() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let stream = |text: &str| format!("{head}{text}");
    let cases = [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi".to_owned(),
            "answered with the content type `text/html` instead of an event stream",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_owned(),
            "answered with the content type `` instead of an event stream",
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "answered 404 Not Found",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n".to_owned(),
            "answered 302 Found",
        ),
        ("nonsense\r\n\r\n".to_owned(), "invalid HTTP version"),
        (String::new(), "closed before message completed"),
        (stream(""), "ended before it sent the id of its session"),
        (
            stream("<p>garbage</p>\n\n\0\n\n"),
            "ended before it sent the id of its session",
        ),
        (
            stream(": ping\n\ndata: {}\n\n"),
            "does not begin with the id of its session",
        ),
        (
            stream("event: session\ndata: a\ndata: b\n\n"),
            "failed to parse header value",
        ),
    ];
    for (answer, error) in &cases {
        let (url, _serving) = scripted(&[answer], After::End).await;
        let refused = in_time(connect(&Dialer::default(), &url, &Limits::default())).await;
        let refused = refused.err().unwrap().to_string();
        assert!(refused.contains(error), "{refused}");
    }
    println!("what is no event stream: {} answers", cases.len());

    let (dialer, limits) = (Dialer::default(), Limits::default());
    let refused = connect(&dialer, "ftp://127.0.0.1:1/__sse", &limits).await;
    let refused = refused.err().unwrap().to_string();
    assert_eq!(
        refused,
        "the scheme `ftp` is not supported: use `http` or `https`"
    );
}

#[tokio::test]
async fn an_endless_event_is_bounded() {
    let limits = Limits::new().frame_bytes(64 * 1024);
    for piece in ["0123456789abcdef", "\ndata: 0123456789abcdef"] {
        let opening = format!("{OPEN}data: ");
        let (url, _serving) = scripted(&[&opening], After::Repeat(piece)).await;
        let mut transport = in_time(connect(&Dialer::default(), &url, &limits))
            .await
            .unwrap();
        let ended = next(&mut transport).await.unwrap();
        assert!(matches!(
            ended,
            Err(TransportError::TooLarge {
                size: 65_537..,
                limit: 65_536
            })
        ));
        assert!(next(&mut transport).await.is_none());
        assert!(send(&mut transport, "{}").await.is_err());
    }
}

#[tokio::test]
async fn a_post_repeats_the_query_and_names_the_session() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/x/__sse?devframe_auth_token=a%20b#x",
        listener.local_addr().unwrap()
    );
    let limits = Limits::default();
    let dialer = Dialer::default();
    let (transport, mut events) = tokio::join!(connect(&dialer, &url, &limits), async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        assert!(request.starts_with("get /x/__sse?devframe_auth_token=a%20b http/1.1\r\n"));
        stream.write_all(OPEN.as_bytes()).await.unwrap();
        stream
    });
    let mut transport = transport.unwrap();
    let call = r#"{"m":"f","a":[],"t":"q","i":"1"}"#;
    send(&mut transport, call).await.unwrap();
    let (mut stream, _) = in_time(listener.accept()).await.unwrap();
    let request = in_time(read_request(&mut stream)).await;
    for part in [
        "post /x/__sse?devframe_auth_token=a%20b http/1.1\r\n",
        &format!("\r\nhost: {}\r\n", listener.local_addr().unwrap()),
        "\r\nx-birpc-session: id\r\n",
        "\r\ncontent-type: text/plain; charset=utf-8\r\n",
        call,
    ] {
        assert!(request.contains(part), "{part:?} is not in {request:?}");
    }
    let reply = r#"{"t":"s","i":"1"}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{reply}",
        reply.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), reply);

    // The connection is used again, until the server has closed it.
    send(&mut transport, call).await.unwrap();
    in_time(read_request(&mut stream)).await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), reply);
    drop(stream);
    // Once this has come, so has that.
    events.write_all(b"data: 0\n\n").await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), "0");
    send(&mut transport, call).await.unwrap();
    let accepted = listener.accept();
    let (mut stream, _) = tokio::select! {
        accepted = in_time(accepted) => accepted.unwrap(),
        ended = next(&mut transport) => panic!("{ended:?}"),
    };
    in_time(read_request(&mut stream)).await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), reply);

    // Events after a reply that was there first are passed on too, and then the end.
    events
        .write_all(b"data: 1\n\n: ping\n\ndata: 2\n\n")
        .await
        .unwrap();
    drop(events);
    for text in ["1", "2"] {
        assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), text);
    }
    assert!(next(&mut transport).await.is_none());
}

#[tokio::test]
async fn a_post_that_is_refused_ends_the_session() {
    let call = r#"{"m":"f","a":[],"t":"q","i":"1"}"#;
    for (answer, error) in [
        (
            "400 Bad Request",
            "the session has ended: the server answered a POST with 400 Bad Request",
        ),
        (
            "409 Conflict",
            "the session has ended: the server answered a POST with 409 Conflict",
        ),
        (
            "500 Internal Server Error",
            "the server answered a POST with 500 Internal Server Error",
        ),
    ] {
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        let (url, _serving) = scripted(&[OPEN, &answer], After::Stay).await;
        let mut transport = in_time(connect(&Dialer::default(), &url, &Limits::default()))
            .await
            .unwrap();
        send(&mut transport, call).await.unwrap();
        let ended = next(&mut transport).await.unwrap().unwrap_err();
        assert_eq!(ended.to_string(), error);
        assert!(next(&mut transport).await.is_none());
    }
}

#[tokio::test]
async fn a_reply_is_bounded() {
    let limits = Limits::new().frame_bytes(64);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n{}",
        "x".repeat(65)
    );
    let (url, _serving) = scripted(&[OPEN, &answer], After::Stay).await;
    let mut transport = in_time(connect(&Dialer::default(), &url, &limits))
        .await
        .unwrap();
    send(&mut transport, r#"{"m":"f","t":"q","i":"1"}"#)
        .await
        .unwrap();
    let ended = next(&mut transport).await.unwrap();
    assert!(matches!(
        ended,
        Err(TransportError::TooLarge {
            size: 65,
            limit: 64
        })
    ));
}

#[tokio::test]
async fn a_reply_comes_after_the_events_that_were_sent_before_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/__sse", listener.local_addr().unwrap());
    let opening = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(OPEN.as_bytes()).await.unwrap();
        (listener, stream)
    });
    let connected = in_time(connect(&Dialer::default(), &url, &Limits::default())).await;
    let mut transport = connected.unwrap();
    let (listener, mut stream) = opening.await.unwrap();
    send(&mut transport, r#"{"m":"f","t":"q","i":"1"}"#)
        .await
        .unwrap();
    let (posted, ()) = tokio::join!(
        async {
            let (mut post, _) = listener.accept().await.unwrap();
            read_request(&mut post).await;
            let head = "HTTP/1.1 200 OK\r\nx-birpc-after-events: 2\r\ncontent-length: 5";
            let answer = format!("{head}\r\n\r\nreply");
            post.write_all(answer.as_bytes()).await.unwrap();
            post
        },
        async {
            // The reply is here well before this is over.
            let early = Duration::from_millis(200);
            let next = poll_fn(|context| Pin::new(&mut transport).poll_next(context));
            let early = tokio::time::timeout(early, next).await;
            assert!(early.is_err(), "{early:?}");
        }
    );
    let events = "data: 1\n\ndata: 2\n\ndata: 3\n\n";
    stream.write_all(events.as_bytes()).await.unwrap();
    for expected in ["1", "2", "reply", "3"] {
        let frame = next(&mut transport).await.unwrap().unwrap();
        assert_eq!(frame.as_str(), expected);
    }
    drop(posted);
}

#[tokio::test]
async fn a_server_without_a_sign_of_life_is_dead() {
    let (url, _serving) = scripted(&[OPEN], After::Stay).await;
    let mut transport = in_time(connect(&Dialer::default(), &url, &Limits::default()))
        .await
        .unwrap();
    tokio::time::pause(); // time passes while nothing happens
    let ended = poll_fn(|context| Pin::new(&mut transport).poll_next(context)).await;
    assert!(matches!(ended, Some(Err(TransportError::Dead))));
}
