//! A state that one client changes, and others see: never backwards, and in the end the last value.

use std::sync::Arc;

use devtools_runtime::DevToolsRpcClient;
use devtools_runtime::client::{ClientTransport, ConnectError};
use devtools_runtime::state::SharedState;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::since;
use crate::good::{Home, TRANSPORTS, pause};
use crate::server::{COUNTERS, Counter, Stamped};
use crate::tally::Tally;

pub(super) async fn start(
    index: usize,
    home: &Home,
    tally: &Arc<Tally>,
    clients: &mut JoinSet<()>,
) -> Result<(), ConnectError> {
    let (last, told) = watch::channel(None);
    for transport in TRANSPORTS {
        let rpc = home.connect(transport).await?;
        let (tally, told) = (Arc::clone(tally), told.clone());
        clients.spawn(async move {
            if let Some(state) = open(&rpc, index, &tally).await {
                watch(&state, told, &tally).await;
            }
        });
    }
    let rpc = home.connect(ClientTransport::WebSocket).await?;
    let (home, tally) = (home.clone(), Arc::clone(tally));
    clients.spawn(async move {
        if let Some(state) = open(&rpc, index, &tally).await {
            let number = change(&state, &home, &tally).await;
            last.send_replace(Some(number));
            settle(&rpc, index, number, &tally).await;
        }
    });
    Ok(())
}

async fn open(
    rpc: &DevToolsRpcClient,
    index: usize,
    tally: &Tally,
) -> Option<SharedState<Stamped>> {
    match rpc.shared_state(COUNTERS[index]).await {
        Ok(state) => Some(state),
        Err(error) => {
            tally.begin().got_lost(|| error.to_string());
            None
        }
    }
}

/// Changes the state again and again, and gives the last number.
async fn change(state: &SharedState<Stamped>, home: &Home, tally: &Tally) -> u64 {
    let mut number = 0;
    loop {
        let next = Stamped::new(number + 1);
        match state.set(next) {
            Ok(()) => number += 1,
            Err(error) => tally.begin().got_lost(|| error.to_string()),
        }
        if home.is_over() {
            return number;
        }
        pause(20).await;
    }
}

/// Sees what others change, until it has seen the last of it. Whoever is slow sees the latest value, not each.
async fn watch(
    state: &SharedState<Stamped>,
    mut last: watch::Receiver<Option<u64>>,
    tally: &Tally,
) {
    let (mut values, mut seen) = (state.subscribe(), 0);
    let final_value = tally.begin();
    loop {
        let value = Arc::clone(&values.borrow_and_update());
        if value.number < seen {
            return final_value.went_wrong(|| format!("{} after {seen}", value.number));
        }
        if value.number > seen {
            seen = value.number;
            tally.begin().came_after(since(value.at));
        }
        if *last.borrow_and_update() == Some(seen) {
            return final_value.came_after(since(value.at));
        }
        tokio::select! {
            changed = values.changed() => if changed.is_err() {
                return final_value.got_lost(|| format!("the state ended at {seen}"));
            },
            // It may fail once the last has been told: then the value is waited for.
            Ok(()) = last.changed() => {}
        }
    }
}

/// The server itself has the last value too.
async fn settle(rpc: &DevToolsRpcClient, index: usize, number: u64, tally: &Tally) {
    let begun = tally.begin();
    loop {
        match Counter::call(rpc, index).await {
            Ok(Some(value)) if value.number == number => return begun.came_after(since(value.at)),
            Ok(Some(value)) if value.number < number => pause(5).await,
            Ok(other) => return begun.went_wrong(|| format!("{other:?} in place of {number}")),
            Err(error) => return begun.got_lost(|| error.to_string()),
        }
    }
}
