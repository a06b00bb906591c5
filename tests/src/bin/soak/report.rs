//! The printed report.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::child::{Shown, Usage};
use crate::hostile::Deeds;
use crate::tally::Tally;

/// Prints the results of good clients, a line for each sort.
pub(crate) fn good<'a>(tallies: impl IntoIterator<Item = &'a Arc<Tally>>) {
    println!(
        "{:<32} {:>9} {:>9} {:>6} {:>6} {:>10} {:>10} {:>10}",
        "good clients", "begun", "right", "lost", "wrong", "p50", "p99", "longest"
    );
    for tally in tallies {
        let (counts, latencies) = (tally.counts(), tally.latencies());
        println!(
            "{:<32} {:>9} {:>9} {:>6} {:>6} {:>10} {:>10} {:>10}",
            tally.name,
            counts.begun,
            counts.right,
            counts.lost,
            counts.wrong,
            milliseconds(latencies.quantile(500)),
            milliseconds(latencies.quantile(990)),
            milliseconds(latencies.longest()),
        );
        for problem in tally.problems() {
            println!("    {problem}");
        }
    }
}

/// Prints the deeds of hostile clients, a line for each kind.
pub(crate) fn hostile(all: &[Arc<Deeds>]) {
    println!(
        "\n{:<32} {:>9} {:>9} {:>9} {:>10}",
        "hostile clients", "rounds", "deeds", "refused", "unanswered"
    );
    for deeds in all {
        let [rounds, done, refused, unanswered] = [
            &deeds.rounds,
            &deeds.done,
            &deeds.refused,
            &deeds.unanswered,
        ]
        .map(|count| count.load(Ordering::Relaxed));
        println!(
            "{:<32} {rounds:>9} {done:>9} {refused:>9} {unanswered:>10}  {}",
            deeds.name,
            deeds.refusal()
        );
    }
}

/// Prints the resources that the server used.
pub(crate) fn server(before: Usage, after: Usage) {
    println!(
        "\n{:<32} {:>9} {:>9} {:>9}",
        "the server", "before", "after", "most"
    );
    let mebibytes = |kibibytes: Option<u64>| Shown(kibibytes.map(|kibibytes| kibibytes / 1024));
    println!(
        "{:<32} {:>9} {:>9} {:>9}",
        "memory (resident), in MiB",
        mebibytes(before.resident),
        mebibytes(after.resident),
        mebibytes(after.peak)
    );
    println!(
        "{:<32} {:>9} {:>9}",
        "descriptors",
        Shown(before.descriptors),
        Shown(after.descriptors)
    );
    println!(
        "{:<32} {:>9} {:>9}",
        "threads",
        Shown(before.threads),
        Shown(after.threads)
    );
}

#[expect(clippy::cast_precision_loss, reason = "it is shown to three digits")]
fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_micros() as f64 / 1_000.0)
}
