//! Processes that are cut off from the server for a while, and processes that do not read.

use std::net::Ipv4Addr;
use std::time::Duration;

use devtools_nats::Nats;
use devtools_runtime::DevTools;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, tcp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clients::{Count, counts, program};
use crate::processes::{Member, broadcast};
use crate::server::NatsServer;
use tests::wait::in_time;

/// The state of the proxy, for both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Open,
    /// Bytes vanish, and nobody is told. That ends when the connection is closed.
    Black,
    /// The connections are closed, and new ones too.
    Closed,
}

/// A proxy in front of the server. It ends when this is dropped.
struct Proxy {
    address: String,
    line: watch::Sender<Line>,
    _serving: JoinSet<()>,
}

impl Proxy {
    async fn start(server: &NatsServer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("nats://{}", listener.local_addr().unwrap());
        let to = server.address().replace("nats://", "");
        let (line, state) = watch::channel(Line::Open);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (to, state) = (to.clone(), state.clone());
                connections.spawn(async move {
                    if *state.borrow() != Line::Open {
                        return;
                    }
                    let server = TcpStream::connect(to).await.unwrap();
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, state.clone()) => {}
                        () = pass(from_server, to_client, state) => {}
                    }
                });
            }
        });
        Self {
            address,
            line,
            _serving: serving,
        }
    }

    async fn connect(&self) -> Nats {
        Nats::connect(self.address.as_str()).await.unwrap()
    }
}

/// Passes bytes on, or drops them, until the line is closed.
async fn pass(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let count = tokio::select! {
            _ = line.wait_for(|line| *line == Line::Closed) => return,
            count = from.read(&mut bytes) => count,
        };
        let Ok(count @ 1..) = count else {
            return;
        };
        if *line.borrow() == Line::Open && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// A process behind a proxy, and one in front of it.
async fn two(server: &NatsServer, proxy: &Proxy) -> (DevTools, DevTools) {
    let here = program(server.options().connect().await.unwrap()).await;
    (here, program(proxy.connect().await).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_meanwhile_reaches_a_process_that_was_cut_off() {
    let Some(server) = NatsServer::start("a process that is cut off") else {
        return;
    };
    let proxy = Proxy::start(&server).await;
    let (here, there) = two(&server, &proxy).await;
    let client = there.client();
    let mut events = counts(&client);
    let first = here.context().rpc().shared_state("fleet:both", vec![0]);
    let first = first.unwrap();
    in_time(here.context().rpc().shared_states().stored())
        .await
        .unwrap();
    let second = there.context().rpc().shared_state("fleet:both", vec![0]);
    let second = second.unwrap();

    proxy.line.send_replace(Line::Black);
    for number in 0..100 {
        Count::broadcast(here.context(), "here", number)
            .await
            .unwrap();
    }
    first.mutate(|it| it.push(1)).unwrap();
    second.mutate(|it| it.push(2)).unwrap();
    assert_eq!(*second.value(), [0, 2], "a process goes on alone");
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.line.send_replace(Line::Closed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    proxy.line.send_replace(Line::Open);

    for number in 0..100 {
        let event = in_time(events.recv()).await.unwrap();
        assert_eq!(event, ("here".to_owned(), number));
    }
    for state in [&first, &second] {
        let mut values = state.subscribe();
        in_time(values.wait_for(|it| it.len() == 3)).await.unwrap();
    }
    assert_eq!(first.value(), second.value());
    // The events of the process reach the clients of the other one again.
    let client = here.client();
    let mut heard = counts(&client);
    Count::broadcast(there.context(), "there", 7).await.unwrap();
    assert_eq!(in_time(heard.recv()).await, Some(("there".to_owned(), 7)));
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_that_does_not_read_for_a_while_misses_nothing() {
    let Some(mut server) = NatsServer::start("a process that does not read") else {
        return;
    };
    let stop = |_: &mut NatsServer, members: &[Member]| {
        let signal = |signal: &str| {
            let process = members[1].id().to_string();
            let sent = std::process::Command::new("kill")
                .args([signal, &process])
                .status();
            assert!(sent.unwrap().success());
        };
        std::thread::sleep(Duration::from_millis(200));
        signal("-STOP");
        std::thread::sleep(Duration::from_secs(3));
        signal("-CONT");
    };
    let done =
        tokio::time::timeout(Duration::from_secs(240), broadcast(&mut server, 30, stop)).await;
    done.expect("it took too long");
}
