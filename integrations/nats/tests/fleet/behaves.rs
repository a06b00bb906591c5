//! The same checks for each backplane.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use devtools_runtime::backplane::{
    Backplane, BackplaneError, FleetSession, LogReader, Message, Replaced, Responder, StoreReader,
};
use devtools_runtime::context::Audience;
use devtools_runtime::{CallError, DevTools};
use tokio::sync::mpsc;

use crate::clients::{Count, GetName, counts, program};
use tests::wait::{eventually, in_time};

for_each_backplane!(
    a_log_keeps_the_order,
    requests_are_answered_or_fail,
    a_responder_that_panics_answers_with_an_error,
    a_group_shares_requests,
    processes_know_each_other,
    events_reach_all_clients_in_order,
    every_client_of_every_process_answers,
    an_audience_is_selected_in_every_process,
    sessions_of_all_processes_are_listed_and_closed,
    a_value_is_replaced_if_it_has_the_revision,
    the_values_of_a_store_are_watched,
);

/// A reader that passes what it receives on.
struct Entries(mpsc::UnboundedSender<Message>);

impl LogReader for Entries {
    fn entry(&self, entry: Message) {
        let _ = self.0.send(entry);
    }

    fn missed(&self, entries: u64) {
        panic!("{entries} entries are missing");
    }
}

fn message(head: &'static str, body: String) -> Message {
    Message {
        head: head.as_bytes().into(),
        body: body.into(),
    }
}

async fn a_log_keeps_the_order(first: impl Backplane, second: impl Backplane) {
    let (received, mut entries) = mpsc::unbounded_channel();
    let early = first.append("log", message("", "before anybody follows".to_owned()));
    in_time(early).await.unwrap();
    let following = second.follow("log", Arc::new(Entries(received))).await;
    let own = in_time(second.append("log", message("", "its own".to_owned()))).await;
    own.unwrap();
    let appended: Vec<_> = (0..1000)
        .map(|number| first.append("log", message("head", number.to_string())))
        .collect();
    for number in 0..1000 {
        let entry = in_time(entries.recv()).await.unwrap();
        assert_eq!(entry, message("head", number.to_string()));
    }
    for stored in appended {
        in_time(stored).await.unwrap();
    }
    drop(following);
}

/// A responder that answers with its name and the request.
struct Echo(&'static str);

impl Responder for Echo {
    fn respond(&self, request: Message) -> std::pin::Pin<Box<dyn Future<Output = Message> + Send>> {
        let head = self.0.as_bytes().into();
        Box::pin(async move {
            if request.body == "slow" {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            Message { head, ..request }
        })
    }
}

async fn requests_are_answered_or_fail(first: impl Backplane, second: impl Backplane) {
    let limit = Duration::from_secs(20);
    let serving = in_time(second.serve("a.b", None, Arc::new(Echo("second")))).await;
    let serving = serving.unwrap();
    let request = first.request("a.b", message("", "hello".to_owned()), limit);
    let answer = in_time(request).await.unwrap();
    assert_eq!(answer, message("second", "hello".to_owned()));

    let short = Duration::from_millis(200);
    let slow = first.request("a.b", message("", "slow".to_owned()), short);
    let late = in_time(slow).await.unwrap_err();
    assert!(matches!(late, BackplaneError::Timeout(_)), "{late}");

    drop(serving);
    // NATS learns of it a moment later.
    let gone = in_time(async {
        loop {
            let request = first.request("a.b", Message::default(), short);
            match request.await {
                Err(BackplaneError::NoResponder(subject)) => return subject,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    });
    assert!(gone.await.ends_with("a.b"));
}

/// A responder that panics, at once or later.
struct Panicking;

impl Responder for Panicking {
    fn respond(&self, request: Message) -> std::pin::Pin<Box<dyn Future<Output = Message> + Send>> {
        assert!(
            request.body != "at once",
            "this panic is a part of the test"
        );
        Box::pin(async move {
            tokio::task::yield_now().await;
            assert!(request.body != "later", "this panic is a part of the test");
            request
        })
    }
}

async fn a_responder_that_panics_answers_with_an_error(
    first: impl Backplane,
    second: impl Backplane,
) {
    let hour = Duration::from_secs(3600);
    let serving = in_time(second.serve("panics", None, Arc::new(Panicking))).await;
    let serving = serving.unwrap();
    for when in ["at once", "later"] {
        let request = first.request("panics", message("", when.to_owned()), hour);
        let error = in_time(request).await.unwrap_err();
        assert!(
            matches!(&error, BackplaneError::Unanswered { subject, .. } if subject.ends_with("panics")),
            "{error:?}"
        );
    }
    // It goes on to answer.
    let request = first.request("panics", message("", "hello".to_owned()), hour);
    let answer = in_time(request).await.unwrap();
    assert_eq!(answer, message("", "hello".to_owned()));
    drop(serving);
}

async fn a_group_shares_requests(first: impl Backplane, second: impl Backplane) {
    let limit = Duration::from_secs(20);
    let one = in_time(first.serve("work", Some("all"), Arc::new(Echo("first")))).await;
    let other = in_time(second.serve("work", Some("all"), Arc::new(Echo("second")))).await;
    let (one, other) = (one.unwrap(), other.unwrap());
    let mut answered = BTreeSet::new();
    for _ in 0..100 {
        let request = first.request("work", Message::default(), limit);
        answered.insert(in_time(request).await.unwrap().head);
    }
    assert_eq!(answered.len(), 2, "{answered:?}");
    drop((one, other));
}

async fn processes_know_each_other(first: impl Backplane, second: impl Backplane) {
    let members = |it: &dyn Backplane| it.members();
    assert_eq!(in_time(members(&first)).await.unwrap(), [second.process()]);
    assert_eq!(in_time(members(&second)).await.unwrap(), [first.process()]);
    in_time(second.leave()).await.unwrap();
    let nobody: [&str; 0] = [];
    assert_eq!(in_time(members(&first)).await.unwrap(), nobody);
}

async fn two(first: impl Backplane, second: impl Backplane) -> (DevTools, DevTools) {
    (program(first).await, program(second).await)
}

async fn events_reach_all_clients_in_order(first: impl Backplane, second: impl Backplane) {
    let (first, second) = two(first, second).await;
    let clients = [first.client(), second.client(), second.client()];
    let mut received: Vec<_> = clients.iter().map(counts).collect();
    for number in 0..100 {
        let one = Count::broadcast(first.context(), "first", number);
        let two = Count::broadcast(second.context(), "second", number);
        // The clients of its own process are counted.
        assert_eq!(in_time(one).await.unwrap(), 1);
        assert_eq!(in_time(two).await.unwrap(), 2);
    }
    for events in &mut received {
        let mut next = [("first", 0), ("second", 0)];
        for _ in 0..200 {
            let (sender, number) = in_time(events.recv()).await.unwrap();
            let of_sender = next.iter_mut().find(|it| it.0 == sender).unwrap();
            assert_eq!(number, of_sender.1, "{sender}");
            of_sender.1 += 1;
        }
    }
}

async fn every_client_of_every_process_answers(first: impl Backplane, second: impl Backplane) {
    let (first, second) = two(first, second).await;
    let clients = [first.client(), second.client(), second.client()];
    for (client, name) in clients.iter().zip(["one", "two"]) {
        client.register::<GetName>(move || async move { name.to_owned() });
    }
    let replies = in_time(GetName::broadcast(first.context())).await;
    let outcomes: Vec<_> = replies
        .iter()
        .map(|reply| {
            (
                reply.session.process().is_some(),
                reply.result.as_deref().ok(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [(false, Some("one")), (true, Some("two")), (true, None)]
    );
    let third = &replies[2].result;
    assert!(
        matches!(third, Err(CallError::UnknownFunction(name)) if name == "fleet:get-name"),
        "{third:?}"
    );

    // A client that leaves while it is asked.
    let asked = Arc::new(AtomicBool::new(false));
    let is_asked = Arc::clone(&asked);
    clients[2].register::<GetName>(move || {
        is_asked.store(true, Ordering::SeqCst);
        std::future::pending()
    });
    let [_one, _two, leaves] = clients;
    let leave = async move {
        eventually(|| asked.load(Ordering::SeqCst)).await;
        drop(leaves);
    };
    let (replies, ()) =
        in_time(async { tokio::join!(GetName::broadcast(first.context()), leave) }).await;
    let lost = &replies[2].result;
    assert!(matches!(lost, Err(CallError::Disconnected(_))), "{lost:?}");
}

async fn an_audience_is_selected_in_every_process(first: impl Backplane, second: impl Backplane) {
    let (first, second) = two(first, second).await;
    let clients = [
        first.client_with_roles(["editor"]),
        first.client_with_roles(["reader"]),
        second.client_with_roles(["editor", "reader"]),
        second.client_with_roles(["reader"]),
    ];
    let mut received: Vec<_> = clients.iter().map(counts).collect();
    let all = || Audience::from(first.context());
    let sessions = in_time(first.context().rpc().fleet_sessions())
        .await
        .unwrap();
    let listed = vec![sessions[1].clone(), sessions[3].clone()];
    let own = first.context().rpc().sessions();
    let audiences = [
        (all().with_role("editor"), [true, false, true, false]),
        (all().except(&own[0]), [false, true, true, true]),
        (all().filter(|_| true), [true, true, false, false]),
        (all().local(), [true, true, false, false]),
        (Audience::from(listed), [false, true, false, true]),
        (Audience::from(Vec::<FleetSession>::new()), [false; 4]),
    ];
    for (number, (audience, _)) in (0..).zip(&audiences) {
        in_time(Count::broadcast(audience.clone(), "first", number))
            .await
            .unwrap();
    }
    in_time(Count::broadcast(all(), "first", 99)).await.unwrap();
    for (client, events) in received.iter_mut().enumerate() {
        let of_client = (0..)
            .zip(&audiences)
            .filter(|(_, (_, selected))| selected[client]);
        for number in of_client.map(|(number, _)| number).chain([99]) {
            let event = in_time(events.recv()).await.unwrap();
            assert_eq!(event, ("first".to_owned(), number), "client {client}");
        }
    }
}

async fn sessions_of_all_processes_are_listed_and_closed(
    first: impl Backplane,
    second: impl Backplane,
) {
    let name = second.process().to_owned();
    let (first, second) = two(first, second).await;
    let here = first.client();
    let there = second.client_with_roles(["editor"]);
    let rpc = first.context().rpc();
    let sessions = in_time(rpc.fleet_sessions()).await.unwrap();
    let processes: Vec<_> = sessions.iter().map(FleetSession::process).collect();
    assert_eq!(processes, [None, Some(name.as_str())]);
    assert_eq!(sessions[1].roles(), ["editor"]);
    assert!(sessions[1].is_trusted() && sessions[1].local().is_none());

    let of_second = second.context().rpc().sessions();
    assert!(
        in_time(sessions[1].close("closed by another process"))
            .await
            .unwrap()
    );
    in_time(of_second[0].closed()).await;
    let is_open = in_time(sessions[1].close("again")).await.unwrap();
    assert!(!is_open, "it was closed before");
    drop((here, there));
    in_time(second.shutdown()).await;
    let sessions = in_time(rpc.fleet_sessions()).await.unwrap();
    assert!(sessions.iter().all(|it| it.process().is_none()));
}

async fn a_value_is_replaced_if_it_has_the_revision(first: impl Backplane, second: impl Backplane) {
    let value = |text: &'static str| Some(message("head", text.to_owned()));
    let replace = async |link: &dyn Backplane, expected, value| {
        in_time(link.replace("store", "a key/with.dots", expected, value))
            .await
            .unwrap()
    };
    let Replaced::Done(one) = replace(&first, None, value("one")).await else {
        panic!("the key was new");
    };
    assert_eq!(
        replace(&second, None, value("two")).await,
        Replaced::Conflict
    );
    let Replaced::Done(two) = replace(&second, Some(one), value("two")).await else {
        panic!("the revision was right");
    };
    assert!(two > one);
    assert_eq!(replace(&first, Some(one), None).await, Replaced::Conflict);
    let Replaced::Done(removed) = replace(&first, Some(two), None).await else {
        panic!("the revision was right");
    };
    assert_eq!(
        replace(&second, Some(two), value("three")).await,
        Replaced::Conflict
    );
    let Replaced::Done(three) = replace(&second, None, value("three")).await else {
        panic!("the key was removed");
    };
    assert!(removed < three);
    let get = async |key: &'static str| in_time(first.get("store", key)).await.unwrap();
    assert_eq!(
        get("a key/with.dots").await,
        value("three").map(|it| (it, three))
    );
    assert_eq!(get("no key").await, None);
    let Replaced::Done(_) = replace(&first, Some(three), None).await else {
        panic!("the revision was right");
    };
    assert_eq!(get("a key/with.dots").await, None);
    let other = in_time(first.replace("another", "a key/with.dots", None, value("one"))).await;
    assert!(matches!(other.unwrap(), Replaced::Done(_)));
}

/// A reader that passes what it receives on.
struct Values(mpsc::UnboundedSender<(String, Option<Message>, u64)>);

impl StoreReader for Values {
    fn changed(&self, key: &str, value: Option<Message>, revision: u64) {
        let _ = self.0.send((key.to_owned(), value, revision));
    }

    fn reset(&self) {
        panic!("nothing was lost");
    }
}

async fn the_values_of_a_store_are_watched(first: impl Backplane, second: impl Backplane) {
    let value = |text: &str| Some(message("head", text.to_owned()));
    let replace = async |key: &'static str, expected, value| match in_time(
        first.replace("store", key, expected, value),
    )
    .await
    .unwrap()
    {
        Replaced::Done(revision) => revision,
        Replaced::Conflict => panic!("nobody else has changed `{key}`"),
    };
    let old = replace("old", None, value("before")).await;
    let (sender, mut changes) = mpsc::unbounded_channel();
    let watching = in_time(second.watch("store", Arc::new(Values(sender))))
        .await
        .unwrap();
    // The values that were there have arrived when the future resolves.
    assert_eq!(
        changes.try_recv().unwrap(),
        ("old".to_owned(), value("before"), old)
    );
    let new = replace("new", None, value("after")).await;
    let removed = replace("old", Some(old), None).await;
    let expected = [("new", value("after"), new), ("old", None, removed)];
    for (key, value, revision) in expected {
        let change = in_time(changes.recv()).await.unwrap();
        assert_eq!(change, (key.to_owned(), value, revision));
    }
    drop(watching);
    replace("new", Some(new), value("unseen")).await;
    assert!(in_time(changes.recv()).await.is_none());
}
