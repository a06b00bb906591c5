//! Calls through the client, as a program makes them.

use std::io;
use std::time::{Duration, Instant};

use devtools_runtime::{DevToolsRpcClient, rpc_function};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::load::process::ServerProcess;
use crate::load::{Tally, broken};

#[derive(Debug, Serialize, Deserialize)]
struct Pong {
    id: String,
    data: String,
}

/// Returns its argument.
#[rpc_function(name = "bench:ping")]
async fn ping(id: String) -> Pong;

/// Calls for this length of time, from one task per call in flight. A warm-up before is not counted.
pub async fn run(server: &ServerProcess, in_flight: usize, length: Duration) -> io::Result<Tally> {
    let url = server.target().mount();
    let client = DevToolsRpcClient::<()>::connect(&url).await;
    let client = client.map_err(|error| broken(error.to_string()))?;
    let warm_up = run_once(&client, in_flight, length / 5).await?;
    let mut tally = run_once(&client, in_flight, length).await?;
    tally.wrong += warm_up.wrong;
    Ok(tally)
}

async fn run_once(
    client: &DevToolsRpcClient<()>,
    in_flight: usize,
    length: Duration,
) -> io::Result<Tally> {
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..in_flight {
        callers.spawn(call(client.clone(), caller, begun + length));
    }
    let mut sum = Tally::default();
    while let Some(tally) = callers.join_next().await {
        sum.add(tally?);
    }
    sum.took = begun.elapsed();
    Ok(sum)
}

/// Makes one call after the other until `until`.
async fn call(client: DevToolsRpcClient<()>, caller: usize, until: Instant) -> Tally {
    let mut tally = Tally::default();
    let id = format!("{caller:016}");
    while Instant::now() < until {
        match Ping::call(&client, id.as_str()).await {
            Ok(pong) if pong.id == id && pong.data == "pong" => tally.done += 1,
            other => {
                tally.wrong(format!("{other:?}").as_bytes());
                return tally;
            }
        }
    }
    tally
}
