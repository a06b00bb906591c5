//! Those who come while others are at it: with a token, and with a code.

use devtools_runtime::DevToolsRpcClient;

use crate::good::{Home, TRANSPORTS, pause};
use crate::server::{Add, Code};
use crate::tally::Tally;

/// Connects, calls and leaves, again and again.
pub(super) async fn come(home: &Home, tally: &Tally) {
    let mut number = 0;
    loop {
        for transport in TRANSPORTS {
            number += 1;
            let begun = tally.begin();
            match home.connect(transport).await {
                Ok(rpc) => begun.answered(Add::call(&rpc, number, 1).await, &(number + 1)),
                Err(error) => begun.got_lost(|| error.to_string()),
            }
        }
        if home.is_over() {
            return;
        }
        pause(200).await;
    }
}

/// Signs in by the code that `rpc` sees, as somebody at the terminal would.
pub(super) async fn sign_in(rpc: &DevToolsRpcClient, home: &Home, tally: &Tally) {
    loop {
        let begun = tally.begin();
        match Code::call(rpc).await {
            Ok(Some(code)) => {
                let builder = home.builder().code(code);
                match builder.connect().await {
                    Ok(rpc) => begun.answered(Add::call(&rpc, 1, 2).await, &3),
                    Err(error) => begun.got_lost(|| error.to_string()),
                }
            }
            Ok(None) => begun.got_lost(|| "there is no code".to_owned()),
            Err(error) => begun.got_lost(|| error.to_string()),
        }
        if home.is_over() {
            return;
        }
        pause(2_000).await;
    }
}
