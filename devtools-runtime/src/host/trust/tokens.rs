//! Bearer tokens: what a client keeps of having been trusted once (`protocol.md` 4.3).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq as _};

use crate::host::trust::file;

/// How many clients are remembered. A further one takes the place of the oldest.
const REMEMBERED: usize = 100;

/// The tokens that are good. Cloning gives the same.
#[derive(Debug, Clone)]
pub(crate) struct Tokens(Arc<Places>);

/// Where they are.
#[derive(Debug)]
struct Places {
    /// Given by the program, and never revoked.
    fixed: Vec<String>,
    /// Given for a code, where there is no file or it could not be written.
    memory: Mutex<Remembered>,
    /// Given for a code. The lock keeps two changes of one process apart; it is only held on threads that
    /// may block.
    file: Option<Mutex<PathBuf>>,
}

/// The clients that are remembered, as the JavaScript server stores them.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    trusted: BTreeMap<String, Client>,
}

/// A client that was trusted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    auth_token: String,
    ua: String,
    origin: String,
    /// Milliseconds since 1970.
    timestamp: u64,
}

impl Tokens {
    pub(crate) fn new(fixed: Vec<String>, file: Option<PathBuf>) -> Self {
        Self(Arc::new(Places {
            fixed,
            memory: Mutex::default(),
            file: file.map(Mutex::new),
        }))
    }

    /// Whether `token` is one of them. How long this takes does not tell how much of it was right.
    pub(crate) async fn contains(&self, token: &str) -> bool {
        if token.is_empty() {
            return false;
        }
        let token = token.to_owned();
        self.blocking(move |places| {
            any_equal(places.fixed.iter(), &token)
                | lock(&places.memory).contains(&token)
                | places.read_file().contains(&token)
        })
        .await
        // A runtime that shuts down trusts nobody new.
        .unwrap_or(false)
    }

    /// A new token, for a client that calls itself `label`.
    pub(crate) async fn grant(&self, label: String, origin: String) -> io::Result<String> {
        let token = random_token()?;
        let client = Client {
            auth_token: token.clone(),
            ua: label,
            origin,
            timestamp: now(),
        };
        self.blocking(move |places| {
            let changed = places.change_file(|remembered| remembered.add(client.clone()));
            match changed {
                Some(Ok(())) => return,
                Some(Err(error)) => {
                    tracing::warn!(%error, "a token could not be stored, and ends with the program");
                }
                None => {}
            }
            lock(&places.memory).add(client);
        })
        .await?;
        Ok(token)
    }

    /// Forgets a token.
    pub(crate) async fn revoke(&self, token: &str) -> io::Result<()> {
        let token = token.to_owned();
        self.blocking(move |places| {
            lock(&places.memory).forget(&token);
            let changed = places.change_file(|remembered| remembered.forget(&token));
            changed.unwrap_or(Ok(()))
        })
        .await?
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Places) -> T + Send + 'static,
    ) -> io::Result<T> {
        let places = Arc::clone(&self.0);
        Ok(tokio::task::spawn_blocking(move || work(&places)).await?)
    }
}

impl Places {
    fn read_file(&self) -> Remembered {
        let path = self.file.as_ref();
        path.map(|path| file::read(&lock(path))).unwrap_or_default()
    }

    /// Every change starts from what is in the file: another process may have changed it.
    fn change_file(&self, change: impl FnOnce(&mut Remembered)) -> Option<io::Result<()>> {
        let path = lock(self.file.as_ref()?);
        let mut remembered = file::read(&path);
        change(&mut remembered);
        Some(file::write(&path, &remembered))
    }
}

impl Remembered {
    fn contains(&self, token: &str) -> bool {
        any_equal(self.trusted.keys(), token)
    }

    fn add(&mut self, client: Client) {
        while self.trusted.len() >= REMEMBERED {
            let by_age = self.trusted.values().min_by_key(|client| client.timestamp);
            let Some(oldest) = by_age.map(|client| client.auth_token.clone()) else {
                break;
            };
            // By its key, or a file in which the two differ would never get shorter.
            if self.trusted.remove(&oldest).is_none() {
                self.trusted.pop_first();
            }
        }
        self.trusted.insert(client.auth_token.clone(), client);
    }

    fn forget(&mut self, token: &str) {
        self.trusted.remove(token);
    }
}

/// Compares with all of them, and all of each.
fn any_equal<'t>(tokens: impl Iterator<Item = &'t String>, token: &str) -> bool {
    let equal = |known: &String| known.as_bytes().ct_eq(token.as_bytes());
    tokens
        .map(equal)
        .fold(Choice::from(0), |any, this| any | this)
        .into()
}

/// 16 random bytes as 32 lower-case hex digits.
fn random_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let mut token = String::with_capacity(32);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No critical section can leave the value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Client, REMEMBERED, Remembered, Tokens};

    #[tokio::test]
    async fn a_token_is_good_until_it_is_revoked() {
        let tokens = Tokens::new(vec!["given by the program".to_owned()], None);
        let token = tokens
            .grant("Chrome".into(), "http://h".into())
            .await
            .unwrap();
        assert_eq!(token.len(), 32);
        assert!(tokens.contains(&token).await);
        assert!(!tokens.contains(&token[..31]).await);
        assert!(!tokens.contains("").await);
        tokens.revoke(&token).await.unwrap();
        assert!(!tokens.contains(&token).await);

        tokens.revoke("given by the program").await.unwrap();
        assert!(tokens.contains("given by the program").await);
    }

    #[tokio::test]
    async fn tokens_survive_the_process_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/auth.json");
        let first = Tokens::new(Vec::new(), Some(path.clone()));
        let token = first
            .grant("Chrome".into(), "http://h".into())
            .await
            .unwrap();
        // Another process meanwhile.
        let second = Tokens::new(Vec::new(), Some(path.clone()));
        assert!(second.contains(&token).await);
        let other = second.grant("curl".into(), String::new()).await.unwrap();
        assert!(first.contains(&other).await);
        first.revoke(&token).await.unwrap();
        assert!(!second.contains(&token).await && second.contains(&other).await);
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_stored_is_good_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let tokens = Tokens::new(Vec::new(), Some(file.join("auth.json")));
        let token = tokens.grant("curl".into(), String::new()).await.unwrap();
        assert!(tokens.contains(&token).await);
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut remembered = Remembered::default();
        let client = |number: usize| Client {
            auth_token: format!("token {number}"),
            ua: String::new(),
            origin: String::new(),
            timestamp: u64::MAX - number as u64,
        };
        for number in 0..=REMEMBERED {
            remembered.add(client(number));
        }
        assert_eq!(remembered.trusted.len(), REMEMBERED);
        let oldest = format!("token {}", REMEMBERED - 1);
        assert!(!remembered.contains(&oldest));
        assert!(remembered.contains(&format!("token {REMEMBERED}")));
    }
}
