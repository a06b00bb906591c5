//! The limits for wrong codes, which keep clients from guessing them.
//!
//! A client that may try often enough guesses six digits sooner or later, so the number of compared guesses is limited. After
//! too many wrong guesses, the codes of a client are not compared for a while. This must not lock other clients out: a
//! connection for which a code was shown has guesses of its own at that code, clients of other machines do not use up the
//! guesses of clients of this machine, and links, which cannot be guessed, are not counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// The period over which wrong guesses are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// The longest pause for a client that keeps guessing.
const LONGEST: Duration = Duration::from_secs(16 * 60);

/// How long after the last guess or pause a counter is deleted.
const EXPIRY: Duration = Duration::from_secs(60 * 60);

/// A client that offers a code, or that asks for one to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Guesser {
    /// The number of the session.
    pub(crate) session: u64,
    /// The address of the client, if it is known.
    pub(crate) address: Option<IpAddr>,
}

/// A group of clients whose wrong guesses are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Group {
    Session(u64),
    /// One IPv4 address of another machine, or one IPv6 network of 2^64 addresses.
    Address(IpAddr),
    /// All clients on this machine, and those whose address is unknown.
    Local,
    /// All clients on other machines.
    Remote,
}

impl Group {
    /// Returns the number of wrong guesses that are compared in a [`WINDOW`].
    fn limit(self) -> u32 {
        match self {
            Self::Session(_) | Self::Address(_) => 5,
            Self::Local => 10,
            Self::Remote => 15,
        }
    }

    /// Returns the pause after the limit was reached for the `times`-th time.
    fn pause(self, times: u32) -> Duration {
        match self {
            Self::Session(_) | Self::Address(_) => {
                let longer = WINDOW.saturating_mul(2_u32.saturating_pow(times.saturating_sub(1)));
                longer.min(LONGEST)
            }
            // Many clients share these groups, so the pause does not grow.
            Self::Local | Self::Remote => WINDOW,
        }
    }
}

impl Guesser {
    fn own(self) -> Group {
        Group::Session(self.session)
    }

    /// Returns the address of a client on another machine.
    fn remote_address(self) -> Option<IpAddr> {
        let address = self.address?.to_canonical();
        (!address.is_loopback()).then_some(address)
    }

    /// Returns whether the client is on another machine. A client whose address is unknown is on this one.
    pub(crate) fn is_remote(self) -> bool {
        self.remote_address().is_some()
    }

    /// All groups that a guess of this client counts for.
    fn all(self) -> impl Iterator<Item = Group> {
        let (address, shared) = match self.remote_address() {
            None => (None, Group::Local),
            Some(IpAddr::V6(address)) => {
                let mut network = address.octets();
                network[8..].fill(0);
                (Some(IpAddr::from(network)), Group::Remote)
            }
            Some(address) => (Some(address), Group::Remote),
        };
        [Some(self.own()), address.map(Group::Address), Some(shared)]
            .into_iter()
            .flatten()
    }
}

/// The recent wrong guesses. The map stays small, because few guesses are compared.
#[derive(Debug, Default)]
pub(crate) struct Guesses(HashMap<Group, GuessCount>);

#[derive(Debug)]
struct GuessCount {
    wrong: u32,
    since: Instant,
    /// How many times the limit was reached.
    times: u32,
    paused_until: Instant,
}

impl Guesses {
    /// Returns how long guesses of this client are not compared, or `None` if they are compared now.
    pub(crate) fn pause(&self, guesser: Guesser, now: Instant) -> Option<Duration> {
        guesser
            .all()
            .filter_map(|group| self.pause_of(group, now))
            .max()
    }

    /// Returns the [`pause`](Self::pause) for guesses at the code that was shown for this client.
    pub(crate) fn own_pause(&self, guesser: Guesser, now: Instant) -> Option<Duration> {
        self.pause_of(guesser.own(), now)
    }

    fn pause_of(&self, group: Group, now: Instant) -> Option<Duration> {
        let left = self
            .0
            .get(&group)?
            .paused_until
            .saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Counts a wrong guess.
    pub(crate) fn wrong(&mut self, guesser: Guesser, now: Instant) {
        for group in guesser.all() {
            self.count(group, now);
        }
    }

    /// Counts a wrong guess at the code that was shown for this client.
    pub(crate) fn own_wrong(&mut self, guesser: Guesser, now: Instant) {
        self.count(guesser.own(), now);
    }

    fn count(&mut self, group: Group, now: Instant) {
        self.0
            .retain(|_, it| now.saturating_duration_since(it.since.max(it.paused_until)) < EXPIRY);
        let count = self.0.entry(group).or_insert(GuessCount {
            wrong: 0,
            since: now,
            times: 0,
            paused_until: now,
        });
        if now.duration_since(count.since) >= WINDOW {
            count.wrong = 0;
            count.since = now;
        }
        count.wrong += 1;
        if count.wrong >= group.limit() {
            count.wrong = 0;
            count.times += 1;
            count.paused_until = now + group.pause(count.times);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{Guesser, Guesses};

    fn from(session: u64, address: &str) -> Guesser {
        Guesser {
            session,
            address: Some(address.parse().unwrap()),
        }
    }

    /// Guesses until no guess is compared any more, and returns the number of guesses.
    fn guess_on(guesses: &mut Guesses, client: Guesser) -> u32 {
        let mut compared = 0;
        while guesses.pause(client, Instant::now()).is_none() {
            guesses.wrong(client, Instant::now());
            compared += 1;
        }
        compared
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_on_guessing_waits_longer_and_longer() {
        let mut guesses = Guesses::default();
        let client = from(1, "192.0.2.1");
        for minutes in [1, 2, 4, 8, 16, 16] {
            assert_eq!(guess_on(&mut guesses, client), 5);
            let pause = guesses.pause(client, Instant::now()).unwrap();
            assert_eq!(pause, Duration::from_secs(60 * minutes));
            advance(pause).await;
        }
        advance(Duration::from_secs(3600)).await;
        assert_eq!(guess_on(&mut guesses, client), 5);
        let pause = guesses.pause(client, Instant::now()).unwrap();
        assert_eq!(pause, Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn another_address_and_another_machine_go_on() {
        let mut guesses = Guesses::default();
        assert_eq!(guess_on(&mut guesses, from(1, "192.0.2.1")), 5);
        assert_eq!(guess_on(&mut guesses, from(2, "192.0.2.1")), 0);
        assert_eq!(guess_on(&mut guesses, from(3, "::ffff:192.0.2.1")), 0);
        assert_eq!(guess_on(&mut guesses, from(4, "2001:db8::1")), 5);
        assert_eq!(
            guess_on(&mut guesses, from(5, "2001:db8::2")),
            0,
            "one network"
        );
        // All other machines together have 15 guesses.
        assert_eq!(guess_on(&mut guesses, from(6, "192.0.2.6")), 5);
        assert_eq!(guess_on(&mut guesses, from(7, "192.0.2.7")), 0);
        // Each connection has guesses of its own.
        assert_eq!(guess_on(&mut guesses, from(8, "127.0.0.1")), 5);
        assert_eq!(guess_on(&mut guesses, from(9, "::1")), 5);
        assert_eq!(guess_on(&mut guesses, from(10, "127.0.0.1")), 0);
        // A client for which a code was shown can still use that code.
        let own = from(11, "127.0.0.1");
        for _ in 0..5 {
            assert_eq!(guesses.own_pause(own, Instant::now()), None);
            guesses.own_wrong(own, Instant::now());
        }
        assert!(guesses.own_pause(own, Instant::now()).is_some());
    }
}
