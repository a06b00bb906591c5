//! The limits for codes that are shown because clients ask for them, which keep the terminal readable.
//!
//! A client that keeps asking must not keep others from being shown a code: one connection has only a few of the codes, and
//! clients of other machines leave some of them to clients of this machine.

use std::time::Duration;

use tokio::time::Instant;

use crate::host::trust::guesses::Guesser;

/// The period over which shown codes are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// How many codes are shown in a [`WINDOW`].
const LIMIT: usize = 10;

/// How many of them one connection can have.
const OF_ONE_SESSION: usize = 3;

/// How many of them clients of other machines can have together.
const OF_REMOTE: usize = 7;

/// The codes that were shown in the current window.
#[derive(Debug, Default)]
pub(crate) struct Showings {
    since: Option<Instant>,
    /// The clients that they were shown for, at most [`LIMIT`].
    shown_for: Vec<Guesser>,
}

impl Showings {
    /// Returns how long no code is shown for this client, or `None` if one may be shown now.
    pub(crate) fn pause(&mut self, client: Guesser, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let age = now.duration_since(since);
        if age >= WINDOW {
            self.since = Some(now);
            self.shown_for.clear();
            return None;
        }
        let of = |counts: &dyn Fn(&Guesser) -> bool| {
            let counted = self.shown_for.iter().filter(|other| counts(other));
            counted.count()
        };
        let is_used_up = self.shown_for.len() >= LIMIT
            || of(&|other| other.session == client.session) >= OF_ONE_SESSION
            || (client.is_remote() && of(&|other| other.is_remote()) >= OF_REMOTE);
        is_used_up.then(|| WINDOW.saturating_sub(age))
    }

    /// Counts a code that is shown.
    pub(crate) fn count(&mut self, client: Guesser) {
        self.shown_for.push(client);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{Guesser, Showings};

    fn from(session: u64, address: &str) -> Guesser {
        Guesser {
            session,
            address: Some(address.parse().unwrap()),
        }
    }

    /// Shows codes until none is shown any more, and returns how many.
    fn show_on(showings: &mut Showings, client: Guesser) -> u32 {
        let mut shown = 0;
        while showings.pause(client, Instant::now()).is_none() {
            showings.count(client);
            shown += 1;
        }
        shown
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_leaves_codes_to_others() {
        let mut showings = Showings::default();
        assert_eq!(show_on(&mut showings, from(1, "127.0.0.1")), 3);
        assert_eq!(show_on(&mut showings, from(1, "127.0.0.1")), 0);
        assert_eq!(show_on(&mut showings, from(2, "127.0.0.1")), 3);
        advance(Duration::from_secs(20)).await;
        let pause = showings.pause(from(1, "127.0.0.1"), Instant::now());
        assert_eq!(pause, Some(Duration::from_secs(40)));
        advance(Duration::from_secs(40)).await;
        assert_eq!(show_on(&mut showings, from(1, "127.0.0.1")), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn other_machines_leave_codes_to_this_one() {
        let mut showings = Showings::default();
        let remote = (1..100).map(|number| from(number, "192.0.2.1"));
        let shown: u32 = remote.map(|it| show_on(&mut showings, it)).sum();
        assert_eq!(shown, 7);
        assert_eq!(show_on(&mut showings, from(200, "::1")), 3);
        assert_eq!(show_on(&mut showings, from(201, "::1")), 0, "ten in all");
    }
}
