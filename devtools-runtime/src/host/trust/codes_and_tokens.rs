//! The codes and tokens of a context, and the sessions that they make trusted.

use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::host::session::RpcSession;
use crate::host::trust::code::{Codes, Redeemed, Showing, Shown, is_code};
use crate::host::trust::elsewhere::CodesElsewhere;
use crate::host::trust::gate::{Auth, AuthCode, Show};
use crate::host::trust::guesses::Guesser;
use crate::host::trust::label;
use crate::host::trust::shared_tokens::SharedTokens;
use crate::host::trust::token::{ClientIdentity, Token};
use crate::host::trust::tokens::Tokens;
use crate::mutex::Mutex;
use crate::protocol::auth::{CodeNotShown, Exchanged, Offer};

/// The shortest time between two warnings that clients guess codes.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// The gate of a context, with its codes and tokens.
pub(crate) struct Trust {
    /// The lock is held while codes are compared or replaced, never across an await.
    codes: Mutex<Codes>,
    pub(super) tokens: Tokens,
    /// The tokens of the program, each with its identity.
    fixed: Vec<Token>,
    /// The identity of clients that have signed in with a code.
    by_code: Arc<ClientIdentity>,
    show: Show,
    say: Option<fn(&str)>,
    /// The time of the last warning that clients guess codes. The lock is held for a comparison.
    last_warning: Mutex<Option<Instant>>,
    /// The number of revocations. A look-up that sees it change may have seen a token that was revoked meanwhile.
    pub(super) revocations: AtomicU64,
    /// The codes of the other processes, once there are any.
    codes_elsewhere: OnceLock<Box<dyn CodesElsewhere>>,
    /// A function that is called with each code before the code is shown.
    #[cfg(feature = "recording")]
    secrets: std::sync::OnceLock<Arc<SecretListener>>,
}

/// A function that is called with secrets.
#[cfg(feature = "recording")]
pub(crate) type SecretListener = dyn Fn(&str) + Send + Sync;

impl Trust {
    /// Creates the state for a gate, or returns `None` for [`Auth::None`].
    pub(crate) fn new(auth: &Auth) -> Option<Self> {
        match auth {
            Auth::Gated(gate) => Some(Self {
                codes: Mutex::default(),
                tokens: gate.tokens(),
                fixed: gate.fixed.clone(),
                by_code: Arc::new(ClientIdentity {
                    name: None,
                    roles: gate.code_roles.clone(),
                }),
                show: gate.show.clone(),
                say: gate.say,
                last_warning: Mutex::default(),
                revocations: AtomicU64::new(0),
                codes_elsewhere: OnceLock::new(),
                #[cfg(feature = "recording")]
                secrets: std::sync::OnceLock::new(),
            }),
            Auth::None => None,
        }
    }

    /// Returns whether `token` is valid.
    ///
    /// # Errors
    ///
    /// If the token cannot be looked up now.
    pub(crate) async fn knows(&self, token: &str) -> io::Result<bool> {
        self.tokens.contains(token).await
    }

    /// Returns the identity that belongs to a valid token.
    pub(crate) fn identity(&self, token: &str) -> Arc<ClientIdentity> {
        match self.fixed.iter().find(|known| known.is(token)) {
            Some(known) => Arc::new(known.identity.clone()),
            None => Arc::clone(&self.by_code),
        }
    }

    /// Returns the tokens that the program itself has set.
    #[cfg(feature = "recording")]
    pub(crate) fn fixed_tokens(&self) -> impl Iterator<Item = &str> {
        self.fixed.iter().map(|token| token.secret.as_str())
    }

    /// Returns the number of revocations so far.
    pub(crate) fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::SeqCst)
    }

    /// Makes `session` trusted if `token` is valid, and returns whether it is.
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
            // A token was revoked during the look-up. If it was this one, the revocation did not find this session, so the
            // look-up is repeated.
            session.distrust();
        }
    }

    /// Returns the digits of the current code, for a program that shows them itself.
    pub(crate) fn code(&self) -> io::Result<String> {
        let code = self.codes.lock().peek()?;
        self.told(&code);
        Ok(code)
    }

    /// Returns the secret of a link that signs in.
    #[cfg(feature = "server")]
    pub(crate) fn link(&self) -> io::Result<String> {
        let link = self.codes.lock().link()?;
        self.told(&link);
        Ok(link)
    }

    /// Exchanges a code that `session` offers for a token.
    pub(super) async fn redeem(
        &self,
        session: &RpcSession,
        offer: &Offer,
    ) -> io::Result<Exchanged> {
        let mut redeemed = self.codes.lock().redeem(&offer.code, guesser(session));
        if redeemed == Redeemed::Wrong && is_code(&offer.code) {
            if let Some(elsewhere) = self.codes_elsewhere.get() {
                let asked = elsewhere.redeem(&offer.code, session.id(), session.address());
                if asked.await {
                    redeemed = Redeemed::Right;
                }
            }
        }
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
                self.warn_of_guessing(session, offer, pause);
                Ok(Exchanged::too_many(pause))
            }
        }
    }

    /// Uses up the code that a session of another process offers. Returns whether there was one.
    pub(crate) fn redeem_here(&self, code: &str, session: u64, address: Option<IpAddr>) -> bool {
        let guesser = Guesser { session, address };
        self.codes.lock().redeem(code, guesser) == Redeemed::Right
    }

    /// Forgets a token that another process has revoked.
    pub(crate) fn forget_by_key(&self, key: &str) {
        self.tokens.forget_by_key(key);
    }

    /// Shares tokens and codes with the other processes from now on.
    pub(crate) fn share(&self, tokens: SharedTokens, codes: Box<dyn CodesElsewhere>) {
        self.tokens.share(tokens);
        let _ = self.codes_elsewhere.set(codes); // a context joins once
    }

    /// Warns that a client guesses codes, at most once in [`WARN_EVERY`].
    fn warn_of_guessing(&self, session: &RpcSession, offer: &Offer, pause: Duration) {
        let now = Instant::now();
        {
            let mut last = self.last_warning.lock();
            let is_recent = |time: Instant| now.duration_since(time) < WARN_EVERY;
            if last.is_some_and(is_recent) {
                return;
            }
            *last = Some(now);
        }
        let label = label::of_user_agent(&offer.ua);
        let address = match session.address() {
            Some(address) => address.to_string(),
            None => "an unknown address".to_owned(),
        };
        let seconds = pause.as_secs().max(1);
        tracing::warn!(%address, label, "a client sent too many wrong codes: codes from there are refused for {seconds} s");
        if let Some(say) = self.say {
            say(&format!(
                "DevTools: too many wrong codes from {address}, the last one from {label}: codes from there are refused for {seconds} s.\n\
                 DevTools: links still work: ask for a new code in the page, and its link is shown here"
            ));
        }
    }

    /// Shows the code, unless it was shown before. `ua` is the user agent that `session` sends. Returns the answer to a
    /// client for which no code is shown now.
    pub(super) fn show(
        &self,
        session: &RpcSession,
        ua: &str,
        reissue: bool,
    ) -> io::Result<Option<CodeNotShown>> {
        let showing = self.codes.lock().show(guesser(session), reissue)?;
        match showing {
            Showing::Now(code) => self.show_code(code, session, ua),
            Showing::Before => {}
            Showing::Paused(pause) => {
                tracing::warn!(
                    "clients ask for codes too often: none is shown for this one for {} s",
                    pause.as_secs().max(1)
                );
                return Ok(Some(CodeNotShown::for_now(pause)));
            }
        }
        Ok(None)
    }

    /// Sets the function that is called with each code before anybody sees it.
    #[cfg(feature = "recording")]
    pub(crate) fn on_secret(&self, told: Arc<SecretListener>) {
        // A context has one recorder.
        let _ = self.secrets.set(told);
    }

    #[cfg_attr(
        not(feature = "recording"),
        expect(unused_variables, clippy::unused_self, reason = "nothing is recorded")
    )]
    fn told(&self, secret: &str) {
        #[cfg(feature = "recording")]
        if let Some(told) = self.secrets.get() {
            told(secret);
        }
    }

    fn show_code(&self, code: Shown, session: &RpcSession, ua: &str) {
        self.told(&code.digits);
        self.told(&code.link);
        let code = AuthCode {
            code: code.digits,
            link: code.link,
            label: label::of_user_agent(ua),
            page: session.sign_in_page().map(str::to_owned),
        };
        // The program's function may print, which panics if standard output is closed. The client is answered anyway.
        let shown = catch_unwind(AssertUnwindSafe(|| (self.show)(&code)));
        if shown.is_err() {
            tracing::warn!(
                "the function of `Gate::on_code` panicked, so a code may not have been shown"
            );
        }
    }
}

fn guesser(session: &RpcSession) -> Guesser {
    Guesser {
        session: session.id(),
        address: session.address(),
    }
}

crate::debug_impl! { Trust { .. } }
