//! One worker is addressed.

use std::time::Duration;

use devtools_runtime::backplane::Backplane;
use devtools_runtime::{
    CallError, DevTools, Limits, RemoteError, define_rpc_function, rpc_function,
};

use crate::workers::{gateway, start, worker};
use tests::wait::in_time;

for_each_backplane!(
    three:
    workers_are_listed_and_called_one_by_one,
    a_worker_that_has_ended_is_not_replaced,
);

/// Returns the name of a worker with a number. Each worker implements it.
#[rpc_function(name = "addressed:get-name")]
async fn get_name(number: u32) -> String;

/// Fails.
#[rpc_function(name = "addressed:fail", kind = "action")]
async fn fail() -> Result<(), RemoteError>;

fn named(name: &'static str) -> Vec<devtools_runtime::FunctionDefinition> {
    let get_name = define_rpc_function("addressed:get-name");
    let fail = define_rpc_function("addressed:fail").action();
    vec![
        get_name.handler(move |number: u32| format!("{name} {number}")),
        fail.try_handler(|| Err::<(), _>(RemoteError::coded("disk-full", "the disk is full"))),
    ]
}

async fn workers_are_listed_and_called_one_by_one(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let processes = [one.process().to_owned(), two.process().to_owned()];
    let builder = || DevTools::builder().without_collected();
    let first = start(builder().process_name("builder-1"), one, named("one")).await;
    let second = start(builder(), two, named("two")).await;
    let (gateway, _client) = gateway(three, "addressed:get-name").await;
    let workers = gateway.context().rpc().workers();
    for (process, name, answer) in [
        (&processes[0], Some("builder-1"), "one 7"),
        (&processes[1], None, "two 7"),
    ] {
        let worker = workers.iter().find(|it| it.process() == process).unwrap();
        assert_eq!(worker.name(), name);
        assert_eq!(worker.calls_in_flight(), 0);
        let functions = worker.functions();
        let names: Vec<_> = functions.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["addressed:fail", "addressed:get-name"]);
        assert_eq!(functions[1].parameters.len(), 1);
        for _ in 0..10 {
            let called = in_time(worker.call::<GetName>((7,))).await.unwrap();
            assert_eq!(called, answer);
            let called = worker.call_dynamic::<String>("addressed:get-name", (7,));
            assert_eq!(in_time(called).await.unwrap(), answer);
        }
        let failed = in_time(worker.call::<Fail>(())).await;
        match failed {
            Err(CallError::Remote(error)) => assert_eq!(error.code.as_deref(), Some("disk-full")),
            other => panic!("{other:?}"),
        }
        let unknown = in_time(worker.call_dynamic::<()>("addressed:nothing", ())).await;
        assert!(
            matches!(unknown, Err(CallError::UnknownFunction(_))),
            "{unknown:?}"
        );
    }
    assert_eq!(workers.len(), 2);
    first.stop().await;
    second.stop().await;
}

async fn a_worker_that_has_ended_is_not_replaced(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let process = one.process().to_owned();
    let first = worker(one, Limits::new(), named("one")).await;
    let second = worker(two, Limits::new(), named("two")).await;
    let (gateway, _client) = gateway(three, "addressed:get-name").await;
    let workers = gateway.context().rpc().workers();
    let of_first = workers.iter().find(|it| it.process() == process).unwrap();
    first.stop().await;
    let ended = in_time(of_first.call::<GetName>((7,))).await;
    match ended {
        Err(CallError::Remote(error)) => assert_eq!(error.code.as_deref(), Some("no-worker")),
        other => panic!("{other:?}"),
    }
    in_time(async {
        while gateway.context().rpc().workers().len() > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    second.stop().await;
}
