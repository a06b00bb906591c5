//! Three processes whose clients change one shared state, while the server restarts and processes are killed.

use std::collections::BTreeMap;
use std::env;
use std::time::Duration;

use devtools_nats::Nats;
use devtools_runtime::state::SharedState;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::clients::program;
use crate::processes::{ADDRESS, Member};
use crate::server::NatsServer;

/// The number of clients of each process.
const CLIENTS: usize = 50;

/// How often each client changes the state: 10,050 times together.
const CHANGES: u32 = 67;

/// How often each program changes a state that only programs change.
const OWN_CHANGES: u32 = 500;

/// How long everything may take, on a machine that does other things too.
const LIMIT: Duration = Duration::from_secs(240);

type Counts = BTreeMap<String, u32>;

/// Is run as a process of the tests below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_with_states() {
    let Ok(address) = env::var(ADDRESS) else {
        return; // No process of those tests.
    };
    let devtools = program(Nats::connect(address).await.unwrap()).await;
    let rpc = devtools.context().rpc();
    let of_clients = rpc.shared_state("fleet:of-clients", Counts::new()).unwrap();
    let of_programs = rpc
        .shared_state("fleet:of-programs", Counts::new())
        .unwrap();
    let clients: Vec<_> = (0..CLIENTS).map(|_| devtools.client()).collect();
    let mut states: Vec<SharedState<Counts>> = Vec::new();
    for client in &clients {
        states.push(client.shared_state("fleet:of-clients").await.unwrap());
    }
    println!("ready");
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = input.next_line().await.unwrap() {
        let mut words = line.split(' ');
        match (words.next(), words.next()) {
            (Some("change"), Some(name)) => {
                for round in 0..CHANGES.max(OWN_CHANGES) {
                    if round < CHANGES {
                        for (number, state) in states.iter().enumerate() {
                            let count = |counts: &mut Counts| {
                                *counts.entry(format!("{name}-{number}")).or_default() += 1;
                            };
                            state.mutate(count).unwrap();
                        }
                    }
                    if round < OWN_CHANGES {
                        let count = |counts: &mut Counts| {
                            *counts.entry(name.to_owned()).or_default() += 1;
                        };
                        of_programs.mutate(count).unwrap();
                    }
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                rpc.shared_states().stored().await.unwrap();
                println!("changed");
            }
            (Some("report"), _) => {
                let value = of_clients.value();
                let is_same = states.iter().all(|it| it.value() == value);
                let value = serde_json::to_string(&(&*value, &*of_programs.value())).unwrap();
                println!("value {is_same} {value}");
            }
            (Some("set"), Some(value)) => {
                // A client knows that its change is stored when it has the reply.
                let client = &states[0];
                let value = value.parse().unwrap();
                client
                    .mutate(|it| it.insert("acknowledged".to_owned(), value))
                    .unwrap();
                while of_clients.value().get("acknowledged") != Some(&value) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                rpc.shared_states().stored().await.unwrap();
                println!("stored");
            }
            _ => break,
        }
    }
    devtools.shutdown().await;
}

async fn start(count: usize, address: &str) -> Vec<Member> {
    let mut members = Vec::new();
    for _ in 0..count {
        let mut member = Member::start("mutated::a_process_with_states", address);
        member.said("ready").await;
        members.push(member);
    }
    members
}

/// Waits until all processes and all of their clients have the same values, and returns them.
async fn agreed(members: &mut [Member]) -> (Counts, Counts) {
    loop {
        let mut reports = Vec::new();
        for member in &mut *members {
            member.tell("report").await;
            reports.push(member.line_after("value ").await);
        }
        let value = reports[0].strip_prefix("true ");
        if let Some(value) = value.filter(|_| reports.iter().all(|it| *it == reports[0])) {
            return serde_json::from_str(value).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Lets the clients and the programs of three processes change states.
async fn change(server: &mut NatsServer, meanwhile: impl FnOnce(&mut NatsServer)) {
    let mut members = start(3, &server.address()).await;
    for (member, name) in members.iter_mut().zip(["one", "two", "three"]) {
        member.tell(&format!("change {name}")).await;
    }
    meanwhile(server);
    for member in &mut members {
        member.said("changed").await;
    }
    let (of_clients, of_programs) = agreed(&mut members).await;
    // A client sends whole values, so the last one of each process counts.
    assert!(!of_clients.is_empty());
    // No change of a program was lost, and none was made twice.
    let expected = ["one", "two", "three"].map(|name| (name.to_owned(), OWN_CHANGES));
    assert_eq!(of_programs, Counts::from(expected));
}

#[tokio::test]
async fn ten_thousand_changes_end_in_one_value_although_the_server_restarts() {
    let Some(mut server) = NatsServer::start("the restart among changes") else {
        return;
    };
    let restart = |server: &mut NatsServer| {
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(300));
            server.restart(Duration::from_millis(300));
        }
    };
    let done = tokio::time::timeout(LIMIT, change(&mut server, restart)).await;
    done.expect("it took too long");
}

#[tokio::test]
async fn a_stored_change_outlives_every_process() {
    let Some(server) = NatsServer::start("the death of every process") else {
        return;
    };
    let outlive = async {
        let address = server.address();
        for value in 1..=3 {
            let mut members = start(2, &address).await;
            members[0].tell(&format!("set {value}")).await;
            members[0].said("stored").await;
            members.remove(0).kill().await;
            let (of_clients, _) = agreed(&mut members).await;
            assert_eq!(of_clients.get("acknowledged"), Some(&value));
            members.remove(0).kill().await;
            let mut members = start(1, &address).await;
            let (of_clients, _) = agreed(&mut members).await;
            assert_eq!(of_clients.get("acknowledged"), Some(&value));
        }
    };
    let done = tokio::time::timeout(LIMIT, outlive).await;
    done.expect("it took too long");
}
