//! Calling every client at once.

use std::time::Duration;

use devtools_runtime::context::BroadcastReply;
use devtools_runtime::{CallError, DevTools, DevToolsRpcClient, define_rpc_function, rpc_function};
use tests::fixture::{Add, Message, devtools};
use tests::wait::{eventually, in_time};
use tests::wire::Wire;
use tokio::sync::mpsc;

/// Returns the client's answer to a message.
#[rpc_function(name = "broadcast:update", kind = "action", side = "client")]
async fn update(message: String) -> String;

/// No client has it.
#[rpc_function(name = "broadcast:nothing", kind = "query", side = "client")]
async fn nothing() -> u8;

/// The program, and clients of it over a socket and in memory, in the order they connected.
async fn three_clients() -> (devtools_runtime::Server, DevTools, Vec<DevToolsRpcClient>) {
    let devtools = devtools().build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(DevToolsRpcClient::connect(&server.url()).await.unwrap());
    }
    clients.push(devtools.client());
    (server, devtools, clients)
}

fn answers(replies: Vec<BroadcastReply<Update>>) -> Vec<Result<String, String>> {
    let answer = |reply: BroadcastReply<Update>| reply.result.map_err(|error| error.to_string());
    replies.into_iter().map(answer).collect()
}

/// An annotated function that a client serves.
#[rpc_function(name = "broadcast:shout", side = "client")]
fn shout(message: String) -> String {
    message.to_uppercase()
}

#[tokio::test]
async fn a_client_implements_a_function_that_is_annotated() {
    let (_server, devtools, clients) = three_clients().await;
    clients[0].implement::<Shout>();
    let replies = Shout::broadcast(devtools.context(), "hello").await;
    let outcomes: Vec<_> = replies.into_iter().map(|reply| reply.result.ok()).collect();
    assert_eq!(outcomes, [Some("HELLO".to_owned()), None, None]);
}

#[tokio::test]
async fn every_client_answers_or_says_that_it_cannot() {
    let (_server, devtools, clients) = three_clients().await;
    clients[0].register::<Update>(|message: String| async move { format!("{message}, one") });
    clients[2].register::<Update>(|message: String| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        format!("{message}, three")
    });
    let replies = Update::broadcast(devtools.context(), "hello").await;
    assert_eq!(
        answers(replies),
        [
            Ok("hello, one".to_owned()),
            Err("there is no function named `broadcast:update`".to_owned()),
            Ok("hello, three".to_owned()),
        ]
    );
    for reply in Nothing::broadcast(devtools.context()).await {
        assert!(
            matches!(reply.result, Err(CallError::UnknownFunction(_))),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_client_in_memory_is_told_things_from_the_start() {
    let devtools = devtools().build().await.unwrap();
    let rpc = devtools.client();
    let functions = devtools.context().rpc();
    assert_eq!(functions.sessions().len(), 1);
    assert_eq!(functions.stats().sessions_open, 1);
    let (heard, mut messages) = mpsc::channel(1);
    rpc.register::<Message>(move |message: String| {
        heard.try_send(message).unwrap();
        async {}
    });
    let told = Message::broadcast(devtools.context(), "hello").await;
    assert_eq!(told.unwrap(), 1);
    let message = in_time(messages.recv()).await;
    assert_eq!(message.as_deref(), Some("hello"));
    rpc.register::<Update>(|message: String| async move { format!("{message}!") });
    let replies = Update::broadcast(devtools.context(), "x").await;
    assert_eq!(answers(replies), [Ok("x!".to_owned())]);
    // Gone before it was ever served.
    drop(devtools.client());
    eventually(|| functions.sessions().len() == 1).await;
}

#[tokio::test]
async fn nobody_is_an_audience_too() {
    let devtools = devtools().build().await.unwrap();
    assert!(
        Update::broadcast(devtools.context(), "hello")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn an_audience_is_whoever_is_picked() {
    let (_server, devtools, clients) = three_clients().await;
    for client in &clients {
        client.register::<Update>(|message: String| async move { message });
    }
    let sessions = devtools.context().rpc().sessions();
    let audience = || devtools.context().rpc().audience();
    let reached = |replies: Vec<BroadcastReply<Update>>| {
        replies
            .iter()
            .map(|reply| reply.session.id())
            .collect::<Vec<_>>()
    };
    let ids: Vec<u64> = sessions
        .iter()
        .map(devtools_runtime::RpcSession::id)
        .collect();
    assert_eq!(reached(Update::broadcast(audience(), "x").await), ids);
    let but_one = audience().except(&sessions[1]);
    assert_eq!(
        reached(Update::broadcast(but_one, "x").await),
        [ids[0], ids[2]]
    );
    let picked = audience().filter(|session| session.id() == ids[1]);
    assert_eq!(reached(Update::broadcast(picked, "x").await), [ids[1]]);
    assert_eq!(
        reached(Update::broadcast(vec![sessions[2].clone()], "x").await),
        [ids[2]]
    );
    let events = Message::broadcast(audience().except(&sessions[0]), "x").await;
    assert_eq!(events.unwrap(), 2);
}

#[tokio::test]
async fn a_client_that_leaves_or_is_slow_holds_up_nobody() {
    let (_server, devtools, mut clients) = three_clients().await;
    let (asked, mut was_asked) = mpsc::channel(1);
    clients[0].register::<Update>(move |_message: String| {
        let asked = asked.clone();
        async move {
            asked.send(()).await.unwrap();
            std::future::pending().await
        }
    });
    let (answered, mut has_answered) = mpsc::channel(1);
    clients[1].register::<Update>(move |message: String| {
        let answered = answered.clone();
        async move {
            answered.send(()).await.unwrap();
            message
        }
    });
    let context = devtools.context().clone();
    let broadcast = tokio::spawn(async move { Update::broadcast(&context, "x").await });
    was_asked.recv().await.unwrap();
    has_answered.recv().await.unwrap(); // though the first one has not
    clients[0].close();
    clients[0].closed().await;
    clients.truncate(1);
    let replies = answers(broadcast.await.unwrap());
    assert_eq!(
        replies[0],
        Err("the connection closed before the reply came".to_owned())
    );
    assert_eq!(replies[1], Ok("x".to_owned()));
}

#[tokio::test]
async fn sessions_are_heard_of_as_they_come_and_go() {
    let devtools = devtools().build().await.unwrap();
    let (heard, mut news) = mpsc::channel(8);
    let came = heard.clone();
    let functions = devtools.context().rpc();
    functions.on_connect(|_| panic!("nobody is kept from hearing"));
    functions.on_connect(move |session| came.try_send(("came", session.id())).unwrap());
    functions.on_disconnect(move |session| heard.try_send(("left", session.id())).unwrap());
    let rpc = devtools.client();
    assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
    drop(rpc);
    assert_eq!(news.recv().await.unwrap(), ("came", 1));
    assert_eq!(news.recv().await.unwrap(), ("left", 1));
    let other = devtools.client();
    assert_eq!(news.recv().await.unwrap(), ("came", 2));
    functions.sessions()[0].close("it is over");
    assert_eq!(news.recv().await.unwrap(), ("left", 2));
    other.closed().await;
}

#[tokio::test]
async fn one_client_is_called_through_its_session() {
    let (_server, devtools, clients) = three_clients().await;
    clients[1].register::<Update>(|message: String| async move { format!("{message}!") });
    let session = devtools.context().rpc().sessions().swap_remove(1);
    assert_eq!(Update::call(&session, "x").await.unwrap(), "x!");
    let answer: String = session
        .call_dynamic("broadcast:update", ("y",))
        .await
        .unwrap();
    assert_eq!(answer, "y!");
    let hasty = session.with_timeout(Duration::from_millis(10));
    clients[1].register::<Update>(|_message: String| std::future::pending());
    assert!(matches!(
        Update::call(&hasty, "x").await,
        Err(CallError::Timeout(_))
    ));
}

// `docs/protocol.md` 1.6, whether the handler waits for something or not.
#[tokio::test]
async fn what_a_function_sends_comes_before_its_reply() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    for (name, waits) in [("broadcast:at-once", false), ("broadcast:later", true)] {
        let devtools = server.devtools().clone();
        let function = define_rpc_function(name).async_handler(move || {
            let devtools = devtools.clone();
            async move {
                if waits {
                    tokio::task::yield_now().await;
                }
                for message in ["one", "two"] {
                    let told = Message::broadcast(devtools.context(), message).await;
                    assert_eq!(told.unwrap(), 1);
                }
            }
        });
        server
            .devtools()
            .context()
            .rpc()
            .register(function)
            .unwrap();
    }
    let mut wire = Wire::open(&server).await;
    for name in ["broadcast:at-once", "broadcast:later"] {
        // Several at once, so that replies wait for each other's events too.
        for id in 1..=10 {
            let call = format!(r#"{{"m":"{name}","a":[],"t":"q","i":"{id}"}}"#);
            wire.send(&call).await;
        }
        let (mut events, mut replies) = (0, 0);
        while replies < 10 {
            if wire.text().await.contains(r#""t":"s""#) {
                replies += 1;
                assert!(events >= 2 * replies, "{name}: {events} before {replies}");
            } else {
                events += 1;
            }
        }
        assert_eq!(events, 20, "{name}");
    }
}
