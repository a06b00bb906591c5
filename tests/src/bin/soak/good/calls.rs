//! Calls of every size, one after the other and at once.

use devtools_runtime::DevToolsRpcClient;

use crate::good::{Home, pause};
use crate::server::{Add, Repeat};
use crate::tally::Tally;

pub(super) async fn call(client: i64, rpc: &DevToolsRpcClient, home: &Home, tally: &Tally) {
    let mut number = 0;
    loop {
        number += 1;
        tokio::join!(
            add(rpc, client, number, tally),
            add(rpc, number, -client, tally),
            repeat(rpc, number, tally),
        );
        if home.is_over() {
            return;
        }
        pause(5).await;
    }
}

async fn add(rpc: &DevToolsRpcClient, a: i64, b: i64, tally: &Tally) {
    let begun = tally.begin();
    begun.answered(Add::call(rpc, a, b).await, &(a + b));
}

async fn repeat(rpc: &DevToolsRpcClient, number: i64, tally: &Tally) {
    let text = format!("{number} é \u{2028} \"\\");
    let times = 1 << (number % 12);
    let begun = tally.begin();
    let answer = Repeat::call(rpc, &text, times, 0).await;
    begun.answered(answer, &text.repeat(times));
}
