//! The clients that are remembered, as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq as _};

/// How many clients are remembered. A further one takes the place of the oldest.
pub(super) const REMEMBERED: usize = 100;

/// How far the clocks of those who share a file may differ, in milliseconds.
const CLOCKS_DIFFER: u64 = 60 * 60 * 1000;

/// The clients that are remembered, as the JavaScript server stores them.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(super) trusted: BTreeMap<String, Client>,
}

/// A client that was trusted once.
// Another program may leave out what is not needed to know it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Client {
    pub(super) auth_token: String,
    pub(super) ua: String,
    pub(super) origin: String,
    /// Milliseconds since 1970.
    pub(super) timestamp: u64,
}

impl Remembered {
    pub(super) fn contains(&self, token: &str) -> bool {
        any_equal(self.trusted.keys(), token)
    }

    /// Adds a client, as the newest one there is.
    pub(super) fn add(&mut self, mut client: Client, now: u64) {
        // A time far in the future comes of a clock that was wrong. It does not say how old an entry is.
        let age_of = |client: &Client| match client.timestamp {
            wrong if wrong > now.saturating_add(CLOCKS_DIFFER) => 0,
            right => right,
        };
        while self.trusted.len() >= REMEMBERED {
            let oldest = self.trusted.iter().min_by_key(|(_, it)| age_of(it));
            // By its key, or a file in which key and token differ would never get shorter.
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            self.trusted.remove(&oldest);
        }
        let newest = self.trusted.values().map(age_of).max().unwrap_or(0);
        client.timestamp = now.max(newest.saturating_add(1));
        self.trusted.insert(client.auth_token.clone(), client);
    }

    pub(super) fn forget(&mut self, token: &str) {
        self.trusted.remove(token);
    }
}

/// Compares with all of them, and all of each.
pub(super) fn any_equal<'t>(tokens: impl Iterator<Item = &'t String>, token: &str) -> bool {
    let equal = |known: &String| known.as_bytes().ct_eq(token.as_bytes());
    tokens
        .map(equal)
        .fold(Choice::from(0), |any, this| any | this)
        .into()
}
