//! Who may call: one-time codes, tokens, and the functions through which clients use them
//! ([protocol 4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#4-trust)).

mod code;
mod file;
mod functions;
mod gate;
mod guesses;
mod label;
mod remembered;
mod revoked;
mod token;
mod tokens;
mod watch;

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::host::RpcSession;
use crate::protocol::auth::{Exchanged, Offer};

use self::code::{Codes, Redeemed, Shown};
use self::gate::Show;
use self::guesses::Guesser;
use self::tokens::Tokens;

pub(crate) use self::functions::{distrust, register, revoke};
#[cfg(feature = "server")]
pub(crate) use self::gate::fragment;
pub use self::gate::{Auth, AuthCode, Gate};
pub(crate) use self::token::Identity;
pub use self::token::Token;
pub(crate) use self::watch::watch;

/// How often it is said that somebody guesses codes.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The gate of a context: what is to be shown before a session is trusted.
pub(crate) struct Trust {
    /// Every critical section is a comparison or an exchange of the code; none of them awaits.
    codes: Mutex<Codes>,
    tokens: Tokens,
    /// The tokens of the program, with who they are for.
    fixed: Vec<Token>,
    /// Who has signed in with a code.
    by_code: Arc<Identity>,
    show: Show,
    say: Option<fn(&str)>,
    /// When it was last said that somebody guesses; the lock is held for a comparison.
    told: Mutex<Option<Instant>>,
    /// How often a token was revoked. Whoever has looked a token up compares it before and after.
    revocations: AtomicU64,
}

impl Trust {
    /// The gate that the author wants; `None` if there is none.
    pub(crate) fn new(auth: &Auth) -> Option<Self> {
        match auth {
            Auth::Gated(gate) => Some(Self {
                codes: Mutex::default(),
                tokens: gate.tokens(),
                fixed: gate.fixed.clone(),
                by_code: Arc::new(Identity {
                    name: None,
                    roles: gate.code_roles.clone(),
                }),
                show: gate.show.clone(),
                say: gate.say,
                told: Mutex::default(),
                revocations: AtomicU64::new(0),
            }),
            Auth::None => None,
        }
    }

    /// Returns whether whoever brings this token is to be trusted.
    ///
    /// # Errors
    ///
    /// If that cannot be found out now.
    pub(crate) async fn knows(&self, token: &str) -> io::Result<bool> {
        self.tokens.contains(token).await
    }

    /// Returns who brings this token, which is a good one.
    pub(crate) fn identity(&self, token: &str) -> Arc<Identity> {
        match self.fixed.iter().find(|known| known.is(token)) {
            Some(known) => Arc::new(known.identity.clone()),
            None => Arc::clone(&self.by_code),
        }
    }

    /// Returns how often a token was revoked so far.
    pub(crate) fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::SeqCst)
    }

    /// Trusts `session` if it brings a good token, and returns whether it does.
    ///
    /// # Errors
    ///
    /// As [`knows`](Self::knows).
    pub(crate) async fn admit(&self, session: &RpcSession, token: &str) -> io::Result<bool> {
        loop {
            let revocations = self.revocations();
            let known = self.knows(token).await?;
            if known {
                session.trust(token, self.identity(token));
            }
            if revocations == self.revocations() {
                return Ok(known);
            }
            // Revoked meanwhile, perhaps, and then this session was not seen to have it.
            session.distrust();
        }
    }

    /// Returns the code that is good now, for the program to show.
    pub(crate) fn code(&self) -> io::Result<String> {
        Ok(self.codes().peek()?)
    }

    /// Returns what a link has to hold that signs in.
    #[cfg(feature = "server")]
    pub(crate) fn link(&self) -> io::Result<String> {
        Ok(self.codes().link()?)
    }

    /// Gives a token in exchange for a code that `session` offers.
    async fn redeem(&self, session: &RpcSession, offer: &Offer) -> io::Result<Exchanged> {
        let redeemed = self.codes().redeem(&offer.code, guesser(session));
        match redeemed {
            Redeemed::Right => {
                let (label, origin) = (
                    label::of_user_agent(&offer.ua),
                    label::printable(&offer.origin),
                );
                let token = self.tokens.grant(label, origin).await?;
                Ok(Exchanged::with(token))
            }
            Redeemed::Wrong => Ok(Exchanged::default()),
            Redeemed::Paused(pause) => {
                self.tell_of_guessing(session, offer, pause);
                Ok(Exchanged::too_many(pause))
            }
        }
    }

    /// Says that somebody guesses, once in a while.
    fn tell_of_guessing(&self, session: &RpcSession, offer: &Offer, pause: Duration) {
        let now = Instant::now();
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let lately = |told: Instant| now.duration_since(told) < TOLD_EVERY;
            if told.is_some_and(lately) {
                return;
            }
            *told = Some(now);
        }
        let label = label::of_user_agent(&offer.ua);
        let address = match session.address() {
            Some(address) => address.to_string(),
            None => "an unknown address".to_owned(),
        };
        let seconds = pause.as_secs().max(1);
        tracing::warn!(%address, label, "too many wrong codes: none from there is looked at for {seconds} s");
        if let Some(say) = self.say {
            say(&format!(
                "DevTools: too many wrong codes from {address}, the last one from {label}: no code from there is looked at for {seconds} s.\n\
                 DevTools: links go on working; a page that asks anew has one shown"
            ));
        }
    }

    /// Shows the code, unless it was shown before. `ua` is what `session` calls itself.
    fn show(&self, session: &RpcSession, ua: &str, reissue: bool) -> io::Result<()> {
        let code = self.codes().show(session.id(), reissue)?;
        if let Some(Shown { digits, link }) = code {
            let code = AuthCode {
                code: digits,
                link,
                label: label::of_user_agent(ua),
                page: session.sign_in_page().map(str::to_owned),
            };
            // The author's function may print, and printing panics where nobody reads. The client is answered all the same.
            let shown = catch_unwind(AssertUnwindSafe(|| (self.show)(&code)));
            if shown.is_err() {
                tracing::warn!("showing a code panicked");
            }
        }
        Ok(())
    }

    fn codes(&self) -> MutexGuard<'_, Codes> {
        // No critical section can leave the code half changed.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn guesser(session: &RpcSession) -> Guesser {
    Guesser {
        session: session.id(),
        address: session.address(),
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").finish_non_exhaustive()
    }
}
