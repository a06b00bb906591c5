//! Those who come while others are at it: with a token, and with a code.

use std::time::{Duration, Instant};

use devtools_runtime::DevToolsRpcClient;
use devtools_runtime::client::DevToolsRpcClientBuilder;

use crate::good::{Home, TRANSPORTS, pause};
use crate::server::{Add, Code, Link};
use crate::tally::{Begun, Tally};

/// A server shows ten codes a minute at most.
const BETWEEN_CODES: Duration = Duration::from_secs(7);

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

/// Signs in as somebody does who sees what `rpc` sees of the terminal: with the link, and with a code that was shown.
///
/// Not at once, as a link and the code that belongs to it are good for one of the two.
pub(super) async fn sign_in(rpc: DevToolsRpcClient, home: &Home, links: &Tally, codes: &Tally) {
    let mut show_next = Instant::now();
    loop {
        let begun = links.begin();
        match Link::call(&rpc).await {
            Ok(Some(link)) => arrive(home.builder().code(link), begun).await,
            Ok(None) => begun.got_lost(|| "there is no link".to_owned()),
            Err(error) => begun.got_lost(|| error.to_string()),
        }
        if Instant::now() >= show_next {
            show_next = Instant::now() + BETWEEN_CODES;
            let terminal = rpc.clone();
            let enter = move |wrong| {
                let terminal = terminal.clone();
                async move {
                    let code = Code::call(&terminal).await.ok().flatten();
                    code.filter(|_| wrong == 0)
                }
            };
            arrive(home.builder().ask_for_code(enter), codes.begin()).await;
        }
        if home.is_over() {
            return;
        }
        pause(1_000).await;
    }
}

async fn arrive(builder: DevToolsRpcClientBuilder, begun: Begun<'_>) {
    match builder.connect().await {
        Ok(rpc) => begun.answered(Add::call(&rpc, 1, 2).await, &3),
        Err(error) => begun.got_lost(|| error.to_string()),
    }
}
