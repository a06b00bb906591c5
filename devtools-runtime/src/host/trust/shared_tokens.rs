//! The tokens that all processes of a program accept: a client that comes back to another process needs no new sign-in.
//!
//! The backplane has the SHA-256 of each token and not the token itself.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::host::backplane::{Backplane, BackplaneError, Message, Replaced, StoreReader};
use crate::host::trust::revoked;
use crate::mutex::Mutex;

/// The store of the tokens.
pub(crate) const TOKENS: &str = "tokens";

/// The number of tokens that are valid or revoked. The oldest makes room for a new one.
const REMEMBERED: usize = 1000;

/// The number of attempts to change a token that other processes change too.
const ATTEMPTS: usize = 5;

/// The tokens of all processes. Clones share them.
#[derive(Clone)]
pub(crate) struct SharedTokens(Arc<TokenTable>);

/// A function that is called with the key of a token that was revoked.
type OnRevoked = Box<dyn Fn(&str) + Send + Sync>;

struct TokenTable {
    backplane: Arc<dyn Backplane>,
    /// The tokens by their records.
    known: Mutex<HashMap<String, Known>>,
    on_revoked: OnRevoked,
}

/// A token, and its revision in the store. `None` if the store has lost it.
struct Known {
    revision: Option<u64>,
    token: StoredToken,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredToken {
    /// The name of the client.
    ua: String,
    origin: String,
    /// Milliseconds since 1970.
    timestamp: u64,
    is_revoked: bool,
}

impl SharedTokens {
    /// `on_revoked` is called with the [key](key_of) of each token that is revoked.
    pub(crate) fn new(backplane: &Arc<dyn Backplane>, on_revoked: OnRevoked) -> Self {
        Self(Arc::new(TokenTable {
            backplane: Arc::clone(backplane),
            known: Mutex::default(),
            on_revoked,
        }))
    }

    pub(super) fn is_alone(&self) -> bool {
        self.0.backplane.is_alone()
    }

    /// Returns `true` if a token is valid, `false` if it was revoked, and `None` if it is not known.
    pub(super) fn is_valid(&self, token: &str) -> Option<bool> {
        let known = self.0.known.lock();
        let known = known.get(&key_of(token))?;
        Some(!known.token.is_revoked)
    }

    /// Makes a new token known to all processes.
    pub(super) async fn grant(
        &self,
        token: &str,
        ua: String,
        origin: String,
        timestamp: u64,
    ) -> io::Result<()> {
        let token = (
            key_of(token),
            StoredToken {
                ua,
                origin,
                timestamp,
                is_revoked: false,
            },
        );
        self.set(token).await.map_err(io::Error::other)?;
        self.make_room().await;
        Ok(())
    }

    /// Revokes a token in all processes.
    pub(super) async fn revoke(&self, token: &str, timestamp: u64) -> io::Result<()> {
        let key = key_of(token);
        let (ua, origin) = match self.0.known.lock().get(&key) {
            Some(known) => (known.token.ua.clone(), known.token.origin.clone()),
            None => (String::new(), String::new()),
        };
        let revoked = StoredToken {
            ua,
            origin,
            timestamp,
            is_revoked: true,
        };
        self.set((key, revoked)).await.map_err(io::Error::other)
    }

    async fn set(&self, (key, token): (String, StoredToken)) -> Result<(), BackplaneError> {
        // Strings and numbers can always be written.
        let value = Message::of_head(serde_json::to_vec(&token).unwrap_or_default());
        for _ in 0..ATTEMPTS {
            let expected = self.revision(&key);
            let value = Some(value.clone());
            let replaced = self.0.backplane.replace(TOKENS, &key, expected, value);
            match replaced.await? {
                Replaced::Done(revision) => {
                    self.know(&key, token, Some(revision));
                    return Ok(());
                }
                Replaced::Conflict => self.ask(&key).await?,
            }
        }
        let reason = "other processes change it all the time";
        Err(BackplaneError::engine("store a token", reason))
    }

    /// Asks for the value of a key, which another process has changed or removed.
    async fn ask(&self, key: &str) -> Result<(), BackplaneError> {
        match self.0.backplane.get(TOKENS, key).await? {
            Some((value, revision)) => self.changed(key, Some(value), revision),
            None => drop(self.0.known.lock().remove(key)),
        }
        Ok(())
    }

    fn revision(&self, key: &str) -> Option<u64> {
        self.0.known.lock().get(key)?.revision
    }

    fn know(&self, key: &str, token: StoredToken, revision: Option<u64>) {
        let mut known = self.0.known.lock();
        let newer = known.get(key).filter(|it| it.revision > revision);
        if newer.is_none() {
            known.insert(key.to_owned(), Known { revision, token });
        }
    }

    /// Removes the oldest tokens, if there are too many.
    async fn make_room(&self) {
        loop {
            let oldest = {
                let known = self.0.known.lock();
                if known.len() <= REMEMBERED {
                    return;
                }
                let oldest = known.iter().min_by_key(|(_, it)| it.token.timestamp);
                oldest.map(|(key, it)| (key.clone(), it.revision))
            };
            let Some((key, revision)) = oldest else {
                return;
            };
            let removed = self.0.backplane.replace(TOKENS, &key, revision, None);
            let is_known = match removed.await {
                Ok(Replaced::Done(_)) => {
                    self.0.known.lock().remove(&key);
                    Ok(())
                }
                // It may have been revoked meanwhile.
                Ok(Replaced::Conflict) => self.ask(&key).await,
                Err(error) => Err(error),
            };
            if let Err(error) = is_known {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "an old token could not be removed now"
                );
                return;
            }
        }
    }
}

impl StoreReader for SharedTokens {
    fn changed(&self, key: &str, value: Option<Message>, revision: u64) {
        let token = value.map(|value| serde_json::from_slice::<StoredToken>(&value.head));
        match token {
            None => {
                self.0.known.lock().remove(key);
            }
            Some(Ok(token)) => {
                let is_revoked = token.is_revoked;
                self.know(key, token, Some(revision));
                if is_revoked {
                    (self.0.on_revoked)(key);
                }
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "a token of another process cannot be read: do all processes run the same version?");
            }
        }
    }

    /// Forgets the revisions, because the store has lost its values. The tokens stay valid in this process.
    fn reset(&self) {
        for known in self.0.known.lock().values_mut() {
            known.revision = None;
        }
    }
}

crate::debug_impl! { SharedTokens { .. } }

/// Returns the key of a token in the store.
pub(crate) fn key_of(token: &str) -> String {
    let mut key = revoked::record(token);
    key.truncate(key.trim_end().len());
    key
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{REMEMBERED, SharedTokens, TOKENS};
    use crate::host::backplane::{Backplane, InProcess, Replaced};

    #[tokio::test]
    async fn a_token_that_another_process_has_revoked_stays_so_when_room_is_made() {
        let bus = InProcess::new();
        let links: [Arc<dyn Backplane>; 2] = [Arc::new(bus.link()), Arc::new(bus)];
        // The two are independent: neither learns of the changes of the other one.
        let [one, two] = links
            .each_ref()
            .map(|it| SharedTokens::new(it, Box::new(|_| {})));
        let grant = async |token: &str, time| {
            let granted = one.grant(token, String::new(), String::new(), time);
            granted.await.unwrap();
        };
        grant("old", 1).await;
        two.revoke("old", 1_000_000).await.unwrap();
        for number in 0..=REMEMBERED as u64 {
            grant(&format!("new {number}"), 2 + number).await;
        }
        assert_eq!(one.is_valid("old"), Some(false));
        // A token that was removed without this process can be revoked as well.
        let link = &links[0];
        let key = super::key_of("new 500");
        let (_, revision) = link.get(TOKENS, &key).await.unwrap().unwrap();
        let removed = link.replace(TOKENS, &key, Some(revision), None).await;
        assert!(matches!(removed.unwrap(), Replaced::Done(_)));
        one.revoke("new 500", 1_000_001).await.unwrap();
        assert_eq!(one.is_valid("new 500"), Some(false));
    }
}
