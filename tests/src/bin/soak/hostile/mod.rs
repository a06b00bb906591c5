//! Hostile clients: kinds of what a client may do to a server. Each goes on in rounds, which are bounded in number and time.

mod bombs;
mod busy_streams;
mod codes;
mod garbage;
mod patches;
mod posts;
mod resets;
mod silent;
mod slow;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::wire::{BoxError, Target};

/// How many rounds a kind goes on for at most.
const ROUNDS: u64 = 100_000;

/// How long one round may take.
const ROUND: Duration = Duration::from_secs(120);

/// A round gives how many times it did what it does.
type Round = Pin<Box<dyn Future<Output = Result<u64, BoxError>> + Send>>;

struct Kind {
    name: &'static str,
    round: fn(Target) -> Round,
    /// Between the rounds, in milliseconds.
    pause: u64,
}

macro_rules! kinds {
    ($($name:literal: $round:path, $pause:literal ms;)*) => {
        &[$(Kind { name: $name, round: |target| Box::pin($round(target)), pause: $pause }),*]
    };
}

const KINDS: &[Kind] = kinds! {
    "bombs as ids, before trust": bombs::as_ids, 1_000 ms;
    "bombs as names, before trust": bombs::as_names, 1_000 ms;
    "16 busy streams on a connection": busy_streams::read, 3_000 ms;
    "patches of an array's length": patches::lengths, 1_000 ms;
    "silent sockets": silent::sockets, 100 ms;
    "silent WebSockets": silent::websockets, 100 ms;
    "POSTs that stop half-way": posts::half_open, 500 ms;
    "wrong codes": codes::wrong, 1_000 ms;
    "strangers who do not read": slow::strangers, 500 ms;
    "friends who do not read": slow::friends, 500 ms;
    "resets within a frame": resets::in_frames, 50 ms;
    "callers who vanish": resets::in_calls, 50 ms;
    "garbage in place of HTTP": garbage::bytes, 50 ms;
    "garbage in place of frames": garbage::frames, 50 ms;
};

/// The deeds of one kind.
#[derive(Debug)]
pub(crate) struct Deeds {
    pub(crate) name: &'static str,
    pub(crate) rounds: AtomicU64,
    pub(crate) done: AtomicU64,
    /// The rounds that the server put an end to, or refused.
    pub(crate) refused: AtomicU64,
    /// The rounds in which something was waited for too long.
    pub(crate) unanswered: AtomicU64,
    refusal: std::sync::OnceLock<String>,
}

impl Deeds {
    /// Why the first round was refused.
    pub(crate) fn refusal(&self) -> &str {
        self.refusal.get().map_or("", String::as_str)
    }

    fn ended(&self, round: Result<u64, BoxError>) {
        self.rounds.fetch_add(1, Ordering::Relaxed);
        match round {
            Ok(done) => drop(self.done.fetch_add(done, Ordering::Relaxed)),
            Err(error) if error.is::<tokio::time::error::Elapsed>() => {
                self.unanswered.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let _ = self.refusal.set(error.to_string());
            }
        }
    }
}

/// Begins all kinds. They end when all is over, once their rounds have ended, or when they are dropped.
pub(crate) fn start(target: &Target) -> (JoinSet<()>, Vec<Arc<Deeds>>) {
    let (mut running, mut all) = (JoinSet::new(), Vec::new());
    for kind in KINDS {
        let deeds = Arc::new(Deeds {
            name: kind.name,
            rounds: AtomicU64::new(0),
            done: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
            refusal: std::sync::OnceLock::new(),
        });
        all.push(Arc::clone(&deeds));
        let target = target.clone();
        running.spawn(async move {
            for _ in 0..ROUNDS {
                if Instant::now() >= target.until {
                    return;
                }
                let round = tokio::time::timeout(ROUND, (kind.round)(target.clone())).await;
                deeds.ended(round.unwrap_or_else(|elapsed| Err(elapsed.into())));
                tokio::time::sleep(Duration::from_millis(kind.pause)).await;
            }
        });
    }
    (running, all)
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn new() -> Self {
        static SEED: AtomicU64 = AtomicU64::new(0x5eed);
        Self(SEED.fetch_add(0x9e37_79b9, Ordering::Relaxed))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap_or(0)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count)
            .map(|_| self.below(256).to_le_bytes()[0])
            .collect()
    }
}
