//! How long things took, in little space.

use std::time::Duration;

/// How many bits of a figure are kept: it is known to 3 %.
const BITS: u32 = 5;

/// A histogram of durations, in microseconds, whose buckets grow with what is in them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies {
    buckets: Vec<u64>,
    count: u64,
    longest: Duration,
}

impl Latencies {
    pub(crate) fn add(&mut self, latency: Duration) {
        let bucket = bucket(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.count += 1;
        self.longest = self.longest.max(latency);
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// Returns the latency that `share` of 1,000 do not exceed.
    pub(crate) fn quantile(&self, share: u64) -> Duration {
        let mut left = (self.count * share).div_ceil(1_000).max(1);
        for (bucket, count) in self.buckets.iter().enumerate() {
            if *count >= left {
                return self.longest.min(Duration::from_micros(last_of(bucket)));
            }
            left -= count;
        }
        self.longest
    }
}

fn bucket(micros: u64) -> usize {
    let step = (u64::BITS - micros.leading_zeros()).saturating_sub(BITS + 1);
    let bucket = (u64::from(step) << BITS) + (micros >> step);
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// The largest figure of a bucket.
fn last_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let step = (bucket >> BITS).saturating_sub(1);
    let first = (bucket - (step << BITS)) << step;
    first + ((1 << step) - 1)
}
