//! Bearer tokens, which clients store to be trusted again ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)).

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;

use crate::blocking;
use crate::files;
use crate::host::trust::remembered::{Client, Remembered, any_equal};
use crate::host::trust::shared_tokens::SharedTokens;
use crate::host::trust::{file, revoked};
use crate::mutex::Mutex;

/// The number of revoked tokens that a process remembers in memory.
const REVOKED: usize = 1000;

/// The valid tokens. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Tokens(Arc<TokenStores>);

/// The storage of valid and revoked tokens.
#[derive(Debug)]
struct TokenStores {
    /// Tokens that the program has set. They are never revoked.
    fixed: Vec<String>,
    /// Tokens that were granted for a code while there was no file or it could not be written.
    memory: Mutex<Remembered>,
    /// The latest [records](revoked::record) of tokens that other processes have revoked, or whose revocation could not
    /// be stored in the file.
    revoked: Mutex<VecDeque<String>>,
    /// The file of tokens that were granted for a code. The lock serializes the changes of this process; it is held only on
    /// threads that may block.
    file: Option<Mutex<PathBuf>>,
    /// The tokens of all processes, once there are others.
    shared: OnceLock<SharedTokens>,
}

impl Tokens {
    pub(crate) fn new(fixed: Vec<String>, file: Option<PathBuf>) -> Self {
        if let Some(path) = &file {
            files::clear_drafts(path);
        }
        Self(Arc::new(TokenStores {
            fixed,
            memory: Mutex::default(),
            revoked: Mutex::default(),
            file: file.map(Mutex::new),
            shared: OnceLock::new(),
        }))
    }

    /// Shares the tokens with other processes from now on.
    pub(crate) fn share(&self, shared: SharedTokens) {
        let _ = self.0.shared.set(shared); // a context joins once
    }

    /// Returns the tokens of all processes, if there are others.
    fn shared(&self) -> Option<&SharedTokens> {
        self.0.shared.get().filter(|shared| !shared.is_alone())
    }

    /// Returns whether the tokens are in a file, which other processes may change.
    pub(crate) fn has_file(&self) -> bool {
        self.0.file.is_some()
    }

    /// Returns whether `token` is valid. The time that this takes does not depend on how much of the token is right.
    ///
    /// # Errors
    ///
    /// If the file cannot be read now, for instance because the process has no file descriptor left.
    pub(crate) async fn contains(&self, token: &str) -> io::Result<bool> {
        if token.is_empty() {
            return Ok(false);
        }
        let shared = self.0.shared.get().and_then(|it| it.is_valid(token));
        if shared == Some(false) && !any_equal(self.0.fixed.iter(), token) {
            return Ok(false);
        }
        let token = token.to_owned();
        let is_shared = shared.is_some();
        self.blocking(move |stores| stores.contain(&token, is_shared))
            .await?
    }

    /// Makes a new token for a client with the name `label`.
    pub(crate) async fn grant(&self, label: String, origin: String) -> io::Result<String> {
        let token = random_token()?;
        let client = Client {
            auth_token: token.clone(),
            ua: label,
            origin,
            timestamp: 0,
        };
        let (ua, origin) = (client.ua.clone(), client.origin.clone());
        self.blocking(move |stores| {
            let changed = stores.change_file(|remembered, _| {
                remembered.add(client.clone(), now());
                Ok(())
            });
            match changed {
                Some(Ok(())) => return,
                Some(Err(error)) => {
                    tracing::warn!(%error, "could not store a token: it is valid until the program ends");
                }
                None => {}
            }
            stores.memory.lock().add(client, now());
        })
        .await?;
        if let Some(shared) = self.shared() {
            if let Err(error) = shared.grant(&token, ua, origin, now()).await {
                tracing::warn!(%error, "could not share a token: only this process accepts it");
            }
        }
        Ok(token)
    }

    /// Revokes a token.
    ///
    /// # Errors
    ///
    /// If the revocation cannot be stored. The token is then revoked in this process, until it ends.
    pub(crate) async fn revoke(&self, token: &str) -> io::Result<()> {
        let here = self.revoke_here(token).await;
        match self.shared() {
            Some(shared) if !any_equal(self.0.fixed.iter(), token) => {
                here.and(shared.revoke(token, now()).await)
            }
            _ => here,
        }
    }

    async fn revoke_here(&self, token: &str) -> io::Result<()> {
        let token = token.to_owned();
        self.blocking(move |stores| {
            stores.memory.lock().forget(&token);
            let changed = stores.change_file(|remembered, lock| {
                // The record is added first, so that no other program can make the token valid again.
                lock.add(&token)?;
                remembered.forget(&token);
                Ok(())
            });
            let changed = changed.unwrap_or(Ok(()));
            if changed.is_err() {
                let mut latest = stores.revoked.lock();
                latest.truncate(REVOKED - 1);
                latest.push_front(revoked::record(&token));
            }
            changed
        })
        .await?
    }

    /// Forgets a token that another process has revoked, by its [key](crate::host::trust::key_of). The other processes
    /// may forget that it was revoked when there are many newer ones.
    pub(crate) fn forget_by_key(&self, key: &str) {
        self.0.memory.lock().forget_by_key(key);
        let mut latest = self.0.revoked.lock();
        if !latest.iter().any(|record| record.trim_end() == key) {
            latest.truncate(REVOKED - 1);
            latest.push_front(format!("{key}\n"));
        }
    }

    /// Returns a value that changes whenever the content of the files changes. Returns `None` if it cannot be determined
    /// now.
    pub(crate) async fn stamp(&self) -> Option<[files::Stamp; 2]> {
        let stamp = self.blocking(|places| {
            let path = places.file.as_ref()?.lock().clone();
            let tokens = files::stamp(&path).ok()?;
            Some([tokens, files::stamp(&revoked::beside(&path)).ok()?])
        });
        stamp.await.ok().flatten()
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TokenStores) -> T + Send + 'static,
    ) -> io::Result<T> {
        let stores = Arc::clone(&self.0);
        Ok(blocking::store(move || work(&stores)).await?)
    }
}

impl TokenStores {
    /// Returns whether a token is valid. `is_shared` says whether it is valid in the other processes.
    fn contain(&self, token: &str, is_shared: bool) -> io::Result<bool> {
        if any_equal(self.fixed.iter(), token) | self.memory.lock().contains(token) {
            return Ok(true);
        }
        let Some(path) = &self.file else {
            return Ok(is_shared);
        };
        if self.revoked.lock().contains(&revoked::record(token)) {
            return Ok(false);
        }
        // The lock is not held while the file is read, because files are replaced atomically.
        let path = path.lock().clone();
        let known = file::read(&path)
            .map(|remembered| remembered.contains(token) || is_shared)
            .and_then(|known| Ok(known && !revoked::contains(&revoked::beside(&path), token)?));
        match known {
            Err(error) if is_lasting(&error) => {
                tracing::warn!(%error, path = %path.display(), "could not read the stored tokens: they are not accepted");
                Ok(is_shared)
            }
            known => known,
        }
    }

    /// Reads the file, applies `change` and writes it back, under a lock that other processes take too. Returns `None` if
    /// there is no file. A file that cannot be read is not changed.
    fn change_file(
        &self,
        change: impl FnOnce(&mut Remembered, &mut revoked::RevocationLock) -> io::Result<()>,
    ) -> Option<io::Result<()>> {
        let path = self.file.as_ref()?.lock();
        let changed = || {
            files::create_folder(path.parent().unwrap_or(Path::new(".")))?;
            let mut lock = revoked::RevocationLock::wait(&revoked::beside(&path))?;
            let mut remembered = file::read_to_change(&path)?;
            change(&mut remembered, &mut lock)?;
            file::write(&path, &remembered)
        };
        Some(changed())
    }
}

/// Returns whether an error will happen again the next time, so that the client should not be asked to try again.
fn is_lasting(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, IsADirectory, NotADirectory, PermissionDenied};

    matches!(
        error.kind(),
        PermissionDenied | NotADirectory | IsADirectory | InvalidInput
    )
}

/// Returns 16 random bytes as 32 lower-case hex digits.
pub(crate) fn random_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::{Client, Remembered, Tokens};
    use crate::host::trust::remembered::REMEMBERED;
    use crate::host::trust::shared_tokens::key_of;

    #[tokio::test]
    async fn a_token_is_good_until_it_is_revoked() {
        let tokens = Tokens::new(vec!["given by the program".to_owned()], None);
        let token = tokens
            .grant("Chrome".into(), "http://h".into())
            .await
            .unwrap();
        assert_eq!(token.len(), 32);
        assert!(tokens.contains(&token).await.unwrap());
        assert!(!tokens.contains(&token[..31]).await.unwrap());
        assert!(!tokens.contains("").await.unwrap());
        tokens.revoke(&token).await.unwrap();
        assert!(!tokens.contains(&token).await.unwrap());

        tokens.revoke("given by the program").await.unwrap();
        assert!(tokens.contains("given by the program").await.unwrap());
    }

    #[tokio::test]
    async fn a_token_that_another_process_has_revoked_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        for file in [None, Some(folder.path().join("auth.json"))] {
            let tokens = Tokens::new(Vec::new(), file);
            let granting = tokens.grant("Chrome".into(), String::new());
            let token = granting.await.unwrap();
            for _ in 0..2 {
                tokens.forget_by_key(&key_of(&token));
                assert!(!tokens.contains(&token).await.unwrap());
            }
            assert_eq!(tokens.0.revoked.lock().len(), 1);
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_fifo_in_place_of_a_file_is_not_waited_for() {
        let limit = std::time::Duration::from_secs(10);
        for name in ["auth.json", "auth.json.revoked"] {
            let folder = tempfile::tempdir().unwrap();
            let fifo = folder.path().join(name);
            let made = std::process::Command::new("mkfifo").arg(fifo).status();
            assert!(made.unwrap().success());
            let tokens = Tokens::new(Vec::new(), Some(folder.path().join("auth.json")));
            let granting = tokens.grant("Chrome".into(), "http://h".into());
            let token = tokio::time::timeout(limit, granting).await.unwrap();
            for (token, is_good) in [(&*token.unwrap(), true), ("another", false)] {
                let asked = tokio::time::timeout(limit, tokens.contains(token)).await;
                assert_eq!(asked.unwrap().unwrap(), is_good, "{name}");
            }
        }
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
        // Another process stores a token meanwhile.
        let second = Tokens::new(Vec::new(), Some(path.clone()));
        assert!(second.contains(&token).await.unwrap());
        let other = second.grant("curl".into(), String::new()).await.unwrap();
        assert!(first.contains(&other).await.unwrap());
        first.revoke(&token).await.unwrap();
        assert!(!second.contains(&token).await.unwrap() && second.contains(&other).await.unwrap());
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_stored_is_good_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let tokens = Tokens::new(Vec::new(), Some(file.join("auth.json")));
        let token = tokens.grant("curl".into(), String::new()).await.unwrap();
        assert!(tokens.contains(&token).await.unwrap());
    }

    fn client(number: usize, timestamp: u64) -> (String, Client) {
        let auth_token = format!("token {number}");
        let client = Client {
            auth_token: auth_token.clone(),
            timestamp,
            ..Client::default()
        };
        (auth_token, client)
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut remembered = Remembered::default();
        for number in 0..=REMEMBERED {
            remembered.add(client(number, 0).1, 1_000_000 + number as u64);
        }
        assert_eq!(remembered.trusted.len(), REMEMBERED);
        assert!(!remembered.contains("token 0"));
        assert!(remembered.contains(&format!("token {REMEMBERED}")));
    }

    #[test]
    fn a_clock_that_was_wrong_costs_no_newer_client_its_place() {
        let now = 1_760_000_000_000;
        for wrong in [now + 1, now + 1_000_000, now + 100_000_000, u64::MAX] {
            let trusted = (0..REMEMBERED)
                .map(|number| client(number, wrong))
                .collect();
            let mut remembered = Remembered { trusted };
            for number in 1000..1000 + REMEMBERED {
                remembered.add(client(number, 0).1, now);
            }
            let kept = (1000..1000 + REMEMBERED)
                .filter(|number| remembered.contains(&format!("token {number}")));
            assert_eq!(kept.count(), REMEMBERED, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_program_that_stores_what_it_had_in_mind_brings_no_revoked_token_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        let tokens = Tokens::new(Vec::new(), Some(path.clone()));
        let token = tokens.grant("curl".into(), String::new()).await.unwrap();
        let before = std::fs::read(&path).unwrap();
        tokens.revoke(&token).await.unwrap();
        std::fs::write(&path, before).unwrap();
        assert!(!tokens.contains(&token).await.unwrap());
        let later = Tokens::new(Vec::new(), Some(path));
        assert!(!later.contains(&token).await.unwrap());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_left_as_it_is() {
        use std::os::unix::fs::symlink;

        // No user, not even root, can read a file through a link that leads to itself.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        let tokens = Tokens::new(Vec::new(), Some(path.clone()));
        let stored = tokens.grant("curl".into(), String::new()).await.unwrap();
        std::fs::rename(&path, folder.path().join("moved")).unwrap();
        symlink("auth.json", &path).unwrap();

        let unknown = tokens.contains(&stored).await;
        assert!(unknown.is_err(), "{unknown:?}");
        let granted = tokens.grant("curl".into(), String::new()).await.unwrap();
        assert!(
            tokens.contains(&granted).await.unwrap(),
            "until the program ends"
        );
        assert!(tokens.revoke(&stored).await.is_err());
        assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());

        std::fs::rename(folder.path().join("moved"), &path).unwrap();
        assert!(
            !tokens.contains(&stored).await.unwrap(),
            "revoked, if only here"
        );
        let later = Tokens::new(Vec::new(), Some(path));
        assert!(later.contains(&stored).await.unwrap());
    }

    /// The file that the processes of the next test share.
    const SHARED: &str = "DEVTOOLS_RUNTIME_TEST_TOKENS";

    /// The work of each of those processes: it grants 25 tokens at once, prints them, and revokes the tokens that it is
    /// sent.
    #[tokio::test]
    async fn one_of_several_processes() {
        let Some(path) = std::env::var_os(SHARED) else {
            return; // No process of that test.
        };
        let tokens = Tokens::new(Vec::new(), Some(path.into()));
        let all: Vec<_> = (0..25)
            .map(|_| {
                let tokens = tokens.clone();
                tokio::spawn(async move { tokens.grant("curl".into(), String::new()).await })
            })
            .collect();
        for granted in all {
            println!("granted {}", granted.await.unwrap().unwrap());
        }
        println!("granted all");
        let mut revoking = Vec::new();
        for line in std::io::stdin().lines() {
            let (tokens, token) = (tokens.clone(), line.unwrap());
            revoking.push(tokio::spawn(async move { tokens.revoke(&token).await }));
        }
        for revoked in revoking {
            revoked.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn processes_that_share_a_file_lose_no_token_and_bring_none_back() {
        use std::io::{BufRead as _, BufReader, Write as _};
        use std::process::{Command, Stdio};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        let mut processes: Vec<_> = (0..3)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "--nocapture", "--test-threads=1"])
                    .arg("host::trust::tokens::tests::one_of_several_processes")
                    .env(SHARED, &path)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let mut granted = Vec::new();
        let mut outputs = Vec::new();
        for process in &mut processes {
            let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
            for line in &mut output {
                let line = line.unwrap();
                // The harness writes the name of the test before the first line.
                match line.split_once("granted ") {
                    Some((_, "all")) => break,
                    Some((_, token)) => granted.push(token.to_owned()),
                    None => {}
                }
            }
            outputs.push(output);
        }
        let tokens = Tokens::new(Vec::new(), Some(path.clone()));
        let mut known = 0;
        for token in &granted {
            known += usize::from(tokens.contains(token).await.unwrap());
        }
        assert_eq!((granted.len(), known), (75, 75));

        let (revoked, kept) = granted.split_at(25);
        for (number, token) in revoked.iter().enumerate() {
            let input = processes[number % 3].stdin.as_mut().unwrap();
            writeln!(input, "{token}").unwrap();
        }
        for (process, output) in processes.iter_mut().zip(outputs) {
            drop(process.stdin.take());
            output.for_each(drop);
            assert!(process.wait().unwrap().success());
        }
        for token in revoked {
            assert!(!tokens.contains(token).await.unwrap(), "it is good again");
        }
        for token in kept {
            assert!(tokens.contains(token).await.unwrap(), "it was lost");
        }
        println!("75 tokens of 3 processes, 25 revoked: {} good", kept.len());
    }
}
