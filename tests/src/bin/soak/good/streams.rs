//! Readers of streams, one after the other: every chunk comes, once and in order.

use devtools_runtime::DevToolsRpcClient;

use crate::clock::since;
use crate::good::{Home, pause};
use crate::server::{Stamped, TICKS, TICKS_OF_STREAM, Tick};
use crate::tally::Tally;

pub(super) async fn read(rpc: &DevToolsRpcClient, home: &Home, tally: &Tally) {
    loop {
        match Tick::call(rpc).await {
            Ok(id) => read_one(rpc, &id, tally).await,
            Err(error) => tally.begin().got_lost(|| error.to_string()),
        }
        if home.is_over() {
            return;
        }
        pause(5).await;
    }
}

async fn read_one(rpc: &DevToolsRpcClient, id: &str, tally: &Tally) {
    let mut chunks = rpc.streaming().subscribe::<Stamped>(TICKS, id);
    for number in 1..=TICKS_OF_STREAM {
        let begun = tally.begin();
        match chunks.next().await {
            Some(Ok(chunk)) if chunk.number == number => begun.came_after(since(chunk.at)),
            Some(Ok(chunk)) => {
                return begun.went_wrong(|| format!("chunk {} in place of {number}", chunk.number));
            }
            Some(Err(error)) => return begun.got_lost(|| format!("chunk {number}: {error}")),
            None => return begun.got_lost(|| format!("the stream ended before chunk {number}")),
        }
    }
    if let Some(more) = chunks.next().await {
        let begun = tally.begin();
        begun.went_wrong(|| format!("{more:?} in place of the end"));
    }
}
