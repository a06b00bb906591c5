//! The stored clients that were trusted before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq as _};

use crate::host::trust::shared_tokens::key_of;

/// The number of stored clients. A further one replaces the oldest.
pub(super) const REMEMBERED: usize = 100;

/// The largest difference between the clocks of programs that share a file, in milliseconds.
const CLOCKS_DIFFER: u64 = 60 * 60 * 1000;

/// The stored clients, in the format of the JavaScript server.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(super) trusted: BTreeMap<String, Client>,
}

/// A client that was trusted before.
// Another program may leave out properties that are not needed to recognize the client.
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

    /// Adds a client as the newest one.
    pub(super) fn add(&mut self, mut client: Client, now: u64) {
        // A time far in the future comes from a wrong clock, so it does not tell the age of the entry.
        let age_of = |client: &Client| match client.timestamp {
            wrong if wrong > now.saturating_add(CLOCKS_DIFFER) => 0,
            right => right,
        };
        while self.trusted.len() >= REMEMBERED {
            let oldest = self.trusted.iter().min_by_key(|(_, it)| age_of(it));
            // Removed by key: if key and token differed, removing by token would leave the entry in the file.
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

    /// Forgets the token with this [key](key_of).
    pub(super) fn forget_by_key(&mut self, key: &str) {
        self.trusted.retain(|token, _| key_of(token) != key);
    }
}

/// Compares with all clients and with the whole token, so that the duration reveals nothing.
pub(super) fn any_equal<'t>(tokens: impl Iterator<Item = &'t String>, token: &str) -> bool {
    let equal = |known: &String| known.as_bytes().ct_eq(token.as_bytes());
    tokens
        .map(equal)
        .fold(Choice::from(0), |any, this| any | this)
        .into()
}
