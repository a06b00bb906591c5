//! Workers that are killed while they run calls.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use devtools_nats::Nats;
use devtools_runtime::{CallError, DevTools, Limits, define_rpc_function};

use crate::processes::{ADDRESS, Member};
use crate::server::NatsServer;
use tests::wait::{eventually, in_time};

/// The variable with the file in which a worker notes the actions that it runs.
const RUNS: &str = "DEVTOOLS_NATS_TEST_RUNS";

/// The number of calls, half of them actions.
const CALLS: u32 = 20_000;

/// The number of workers that are killed meanwhile.
const KILLS: usize = 12;

/// Is run as a process of the test below: a worker.
#[tokio::test]
async fn a_worker() {
    let (Ok(address), Ok(runs)) = (env::var(ADDRESS), env::var(RUNS)) else {
        return; // No process of that test.
    };
    let act = define_rpc_function("killed:act").action();
    let act = act.async_handler(move |number: u32| {
        let runs = runs.clone();
        async move {
            let mut file = OpenOptions::new().append(true).open(runs).unwrap();
            // One write of a few bytes is one line, whatever other processes write.
            file.write_all(format!("{number:08}\n").as_bytes()).unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
            number
        }
    });
    let ask = define_rpc_function("killed:ask").query();
    let ask = ask.async_handler(|number: u32| async move {
        tokio::time::sleep(Duration::from_millis(3)).await;
        number
    });
    let nats = Nats::connect(address).await.unwrap();
    let builder = DevTools::builder().without_collected().backplane(nats);
    let devtools = builder.function(act).function(ask).build().await.unwrap();
    println!("ready");
    devtools.work().await;
}

/// Starts three workers.
async fn three(start: impl Fn() -> Member) -> Vec<Member> {
    let mut workers = Vec::new();
    for _ in 0..3 {
        let mut worker = start();
        worker.said("ready").await;
        workers.push(worker);
    }
    workers
}

/// Returns a number below `limit`.
fn random(limit: usize) -> usize {
    usize::try_from(getrandom::u64().unwrap() % limit as u64).unwrap()
}

#[tokio::test]
async fn each_call_ends_and_no_action_runs_twice() {
    let Some(mut server) = NatsServer::start("workers that are killed") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    fs::write(&runs, "").unwrap();
    let address = server.address();
    let start = || Member::start_with("killed::a_worker", &address, RUNS, &runs);
    let mut workers = three(start).await;

    let deadline = Duration::from_secs(20);
    let nats = server.options().connect().await.unwrap();
    let builder = DevTools::builder().without_collected().use_workers();
    let builder = builder.limits(Limits::new().handler_timeout(deadline));
    let gateway = builder.backplane(nats).build().await.unwrap();
    eventually(|| gateway.context().rpc().has("killed:ask")).await;
    let client = gateway.client();
    let mut callers = Vec::new();
    for caller in 0..20 {
        let client = client.clone();
        callers.push(tokio::spawn(async move {
            let mut outcomes = Vec::new();
            for number in (caller..CALLS).step_by(20) {
                let function = if number % 2 == 0 {
                    "killed:act"
                } else {
                    "killed:ask"
                };
                let call = client.call_dynamic::<u32>(function, (number,));
                let outcome = tokio::time::timeout(deadline + Duration::from_secs(10), call).await;
                outcomes.push((number, outcome.expect("a call has not ended")));
            }
            outcomes
        }));
    }
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(50 + random(200) as u64)).await;
        if kill == KILLS / 2 {
            server.restart(Duration::from_millis(300));
        }
        workers.remove(random(3)).kill().await;
        let mut worker = start();
        worker.said("ready").await;
        workers.push(worker);
    }
    let mut outcomes = BTreeMap::new();
    for caller in callers {
        outcomes.extend(caller.await.unwrap());
    }
    assert_eq!(outcomes.len(), CALLS as usize);
    for worker in workers {
        worker.kill().await;
    }

    let runs = fs::read_to_string(&runs).unwrap();
    let all: Vec<u32> = runs.lines().map(|line| line.parse().unwrap()).collect();
    let once: BTreeSet<u32> = all.iter().copied().collect();
    assert_eq!(all.len(), once.len(), "an action ran twice");
    let mut lost = 0;
    for (number, outcome) in outcomes {
        match outcome {
            Ok(reply) => {
                assert_eq!(reply, number);
                assert!(
                    number % 2 == 1 || once.contains(&number),
                    "{number} did not run"
                );
            }
            Err(CallError::Remote(error)) => match error.code.as_deref() {
                Some("worker-lost" | "worker-failed" | "worker-timeout") => lost += 1,
                // Nothing ran.
                Some("no-worker" | "workers-busy" | "worker-unreachable") => {
                    assert!(!once.contains(&number), "{number} ran: {error}");
                }
                _ => panic!("{number}: {error:?}"),
            },
            Err(error) => panic!("{number}: {error}"),
        }
    }
    println!(
        "{} actions ran, {lost} calls were lost with their worker",
        once.len()
    );
}

#[tokio::test]
async fn a_rolling_restart_loses_no_call() {
    let Some(server) = NatsServer::start("the rolling restart") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    fs::write(&runs, "").unwrap();
    let address = server.address();
    let start = || Member::start_with("killed::a_worker", &address, RUNS, &runs);
    let mut workers = three(start).await;
    let nats = server.options().connect().await.unwrap();
    let builder = DevTools::builder().without_collected().use_workers();
    let gateway = builder.backplane(nats).build().await.unwrap();
    in_time(async {
        while gateway.context().rpc().workers().len() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let client = gateway.client();
    let restarted = Arc::new(AtomicBool::new(false));
    let number = Arc::new(AtomicU32::new(0));
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            let (restarted, number) = (Arc::clone(&restarted), Arc::clone(&number));
            tokio::spawn(async move {
                while !restarted.load(Ordering::SeqCst) {
                    let number = number.fetch_add(1, Ordering::SeqCst);
                    let function = ["killed:act", "killed:ask"][number as usize % 2];
                    let called = client.call_dynamic::<u32>(function, (number,));
                    assert_eq!(in_time(called).await.unwrap(), number);
                }
            })
        })
        .collect();
    for _ in 0..3 {
        let mut next = start();
        next.said("ready").await;
        let old = workers.remove(0);
        // As Kubernetes ends a container.
        old.terminate().await;
        workers.push(next);
    }
    restarted.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    let runs = fs::read_to_string(&runs).unwrap();
    let all: Vec<u32> = runs.lines().map(|line| line.parse().unwrap()).collect();
    let once: BTreeSet<u32> = all.iter().copied().collect();
    let actions = (0..number.load(Ordering::SeqCst)).step_by(2);
    assert_eq!(all.len(), once.len(), "an action ran twice");
    assert_eq!(once, actions.collect(), "each action ran");
    assert!(once.len() > 100, "{} actions ran", once.len());
    for worker in workers {
        worker.kill().await;
    }
}
