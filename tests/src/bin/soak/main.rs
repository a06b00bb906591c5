//! Good and hostile clients on one server, for as many seconds as the argument says (default: 10).
//!
//! It prints what good clients got and how long that took, what hostile ones did, and what the server took of memory
//! and descriptors before and after. It fails if a good client lost a reply or got a wrong value, or if the
//! server did not end well; never because something took long. All of it is on the loopback interface.

mod child;
mod clock;
mod good;
mod hostile;
mod latencies;
mod report;
mod server;
mod tally;
mod wire;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use self::child::{Server, Usage};
use self::good::Tallies;
use self::tally::Tally;
use self::wire::Target;

/// How long good clients may take for what they have begun when the time is over. What has not come by then is lost.
const LAST: Duration = Duration::from_secs(120);

/// How long the server may take to notice that clients have gone.
const SETTLING: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some(server::ARGUMENT) {
        return server::run();
    }
    let Ok(seconds) = argument.map_or(Ok(10), |seconds| seconds.parse()) else {
        eprintln!("usage: soak [SECONDS]");
        return ExitCode::from(2);
    };
    // Apart, so that the load of the hostile clients is not also on the good ones' threads.
    let [good, hostile] = [(); 2].map(|()| Runtime::new());
    let ended = good.and_then(|good| Ok((good, hostile?)));
    let ended = ended.map_err(Into::into).and_then(|(good, hostile)| {
        let ended = good.block_on(soak(Duration::from_secs(seconds), &hostile));
        hostile.shutdown_background();
        ended
    });
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well.
async fn soak(duration: Duration, runtime: &Runtime) -> Result<bool, Box<dyn Error>> {
    let server = Server::start().await?;
    let before = server.usage();
    let address = server.url.strip_prefix("http://").ok_or("no address")?;
    let address = address.split('/').next().unwrap_or_default().parse()?;
    let beside_streams = Arc::new(Tally::new("calls beside 16 busy streams"));
    let until = Instant::now() + duration;
    let target = Target {
        address,
        beside_streams: Arc::clone(&beside_streams),
        until,
    };
    let tallies = Tallies::new();
    let mut good = good::start(&server.url, until, &tallies).await?;
    let (mut hostile, deeds) = {
        let _entered = runtime.enter();
        hostile::start(&target)
    };
    let came = all_end(&mut good).await;
    all_end(&mut hostile).await;
    hostile.shutdown().await;
    let after = settled(&server, before).await;

    let all = tallies.all().into_iter().chain([&beside_streams]);
    report::good(all.clone());
    report::hostile(&deeds);
    report::server(before, after);
    let ended = server.stop().await?;
    if !came {
        println!("\ngood clients still wait for something");
    }
    if !ended.success() {
        println!("\nthe server ended with {ended}");
    }
    let is_fine = |tally: &Arc<Tally>| {
        let counts = tally.counts();
        counts.right == counts.begun && counts.right > 0
    };
    Ok(came && ended.success() && all.into_iter().all(is_fine))
}

/// Whether clients end in time, with what they have begun.
async fn all_end(clients: &mut JoinSet<()>) -> bool {
    let ended = async {
        let mut all = true;
        while let Some(client) = clients.join_next().await {
            all &= client.is_ok();
        }
        all
    };
    tokio::time::timeout(LAST, ended).await.unwrap_or(false)
}

/// Returns the resources that the server uses when it has noticed that all have gone.
async fn settled(server: &Server, before: Usage) -> Usage {
    let limit = Instant::now() + SETTLING;
    loop {
        let usage = server.usage();
        if usage.descriptors <= before.descriptors || Instant::now() >= limit {
            return usage;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
