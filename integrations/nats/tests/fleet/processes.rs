//! Three processes over one `nats-server`. A process is this test program, with a variable that names the server.

use std::env;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use devtools_nats::Nats;
use devtools_runtime::DevToolsRpcClient;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::clients::{Count, counts, program};
use crate::server::NatsServer;
use tests::wait::within;

/// The variable with the address of the server, for the processes.
pub(crate) const ADDRESS: &str = "DEVTOOLS_NATS_TEST_ADDRESS";

/// The events that each process broadcasts: 1,000 together, and some more.
const EVENTS: u32 = 334;

/// How long everything may take, on a machine that does other things too.
const LIMIT: Duration = Duration::from_secs(240);

/// A process that is told what to do.
pub(crate) struct Member {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Member {
    /// Starts the test of this name as a process.
    pub(crate) fn start(test: &str, address: &str) -> Self {
        Self::run(Self::command(test, address))
    }

    /// Starts the test of this name as a process, with a variable.
    pub(crate) fn start_with(test: &str, address: &str, variable: &str, value: &Path) -> Self {
        let mut command = Self::command(test, address);
        command.env(variable, value);
        Self::run(command)
    }

    fn command(test: &str, address: &str) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg(test)
            .env(ADDRESS, address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn run(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    pub(crate) async fn tell(&mut self, line: &str) {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    /// Waits for a line.
    pub(crate) async fn said(&mut self, line: &str) {
        while !self.line_after(line).await.is_empty() {}
    }

    /// Waits for a line with this begin, and returns the rest of it. The harness writes the name of the test before the first line.
    pub(crate) async fn line_after(&mut self, begin: &str) -> String {
        loop {
            let next = within(LIMIT, self.output.next_line()).await.unwrap();
            let next =
                next.unwrap_or_else(|| panic!("a process has ended before it said `{begin}`"));
            if let Some((_, rest)) = next.split_once(begin) {
                return rest.to_owned();
            }
        }
    }

    /// Returns the number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id().unwrap()
    }

    /// Kills the process, as a machine that loses power does.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) async fn terminate(self) {
        let sent = Command::new("kill").arg(self.id().to_string()).status();
        assert!(sent.await.unwrap().success());
        self.ended().await;
    }

    pub(crate) async fn ended(mut self) {
        assert!(self.process.wait().await.unwrap().success());
    }
}

/// Is run as a process of the tests below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_processes() {
    let Ok(address) = env::var(ADDRESS) else {
        return; // No process of those tests.
    };
    let nats = Nats::connect(address).await.unwrap();
    let devtools = program(nats).await;
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let count = input.next_line().await.unwrap().unwrap().parse().unwrap();
    let clients: Vec<DevToolsRpcClient> = (0..count).map(|_| devtools.client()).collect();
    let mut received: Vec<_> = clients.iter().map(counts).collect();
    println!("ready");
    let name = input.next_line().await.unwrap().unwrap();
    let send = async {
        for number in 0..EVENTS {
            let sent = Count::broadcast(devtools.context(), name.as_str(), number).await;
            assert_eq!(sent.unwrap(), count);
        }
        println!("sent");
    };
    let receive = async {
        for events in &mut received {
            let mut next = std::collections::BTreeMap::<String, u32>::new();
            for _ in 0..3 * EVENTS {
                let (sender, number) = events.recv().await.unwrap();
                let expected = next.entry(sender.clone()).or_default();
                assert_eq!(number, *expected, "of `{sender}`");
                *expected += 1;
            }
            assert_eq!(next.len(), 3);
        }
        println!("received");
    };
    tokio::join!(send, receive);
    assert_eq!(input.next_line().await.unwrap().as_deref(), Some("end"));
    for events in &mut received {
        assert!(events.try_recv().is_err(), "an event came twice");
    }
    devtools.shutdown().await;
}

/// Lets three processes broadcast to their clients, and does something to the server or to them meanwhile.
pub(crate) async fn broadcast(
    server: &mut NatsServer,
    clients: usize,
    meanwhile: impl FnOnce(&mut NatsServer, &[Member]),
) {
    let address = server.address();
    let mut members: Vec<_> = (0..3)
        .map(|_| Member::start("processes::one_of_several_processes", &address))
        .collect();
    for member in &mut members {
        member.tell(&clients.to_string()).await;
        member.said("ready").await;
    }
    for (member, name) in members.iter_mut().zip(["one", "two", "three"]) {
        member.tell(name).await;
    }
    meanwhile(server, &members);
    for member in &mut members {
        member.said("received").await;
    }
    for member in &mut members {
        member.tell("end").await;
    }
    for member in members {
        member.ended().await;
    }
}

#[tokio::test]
async fn nine_hundred_clients_of_three_processes_get_each_event_once_and_in_order() {
    let Some(mut server) = NatsServer::start("the broadcast of three processes") else {
        return;
    };
    let done = tokio::time::timeout(LIMIT, broadcast(&mut server, 300, |_, _| {})).await;
    done.expect("it took too long");
}

#[tokio::test]
async fn no_event_is_lost_or_repeated_when_the_server_restarts() {
    let Some(mut server) = NatsServer::start("the restart of the server") else {
        return;
    };
    let restart = |server: &mut NatsServer, _: &[Member]| {
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(300));
            server.restart(Duration::from_millis(500));
        }
    };
    let done = tokio::time::timeout(LIMIT, broadcast(&mut server, 30, restart)).await;
    done.expect("it took too long");
}
