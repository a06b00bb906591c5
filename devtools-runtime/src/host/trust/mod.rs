//! Who may call: one-time codes, tokens, and the functions through which clients use them
//! (`protocol.md` 4).

mod code;
pub(crate) mod file;
mod functions;
mod gate;
mod label;
mod tokens;

use std::fmt;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::code::Codes;
use self::gate::Show;
use self::tokens::Tokens;

pub(crate) use self::functions::{register, revoke};
#[cfg(feature = "server")]
pub(crate) use self::gate::fragment;
pub use self::gate::{Auth, AuthCode, Gate};

/// The gate of a context: what is to be shown before a session is trusted.
pub(crate) struct Trust {
    /// Every critical section is a comparison or an exchange of the code; none of them awaits.
    codes: Mutex<Codes>,
    tokens: Tokens,
    show: Show,
}

impl Trust {
    /// The gate that the author wants; `None` if there is none.
    pub(crate) fn new(auth: &Auth) -> Option<Self> {
        match auth {
            Auth::Gated(gate) => Some(Self {
                codes: Mutex::default(),
                tokens: gate.tokens(),
                show: gate.show.clone(),
            }),
            Auth::None => None,
        }
    }

    /// Whether whoever brings this token is to be trusted.
    pub(crate) async fn knows(&self, token: &str) -> bool {
        self.tokens.contains(token).await
    }

    /// The code that is good now, for the program to show.
    pub(crate) fn code(&self) -> io::Result<String> {
        Ok(self.codes().peek()?)
    }

    /// A token in exchange for the code; `None` if `code` is not the code.
    async fn redeem(&self, code: &str, ua: &str, origin: &str) -> io::Result<Option<String>> {
        if !self.codes().redeem(code)? {
            return Ok(None);
        }
        let (label, origin) = (label::of_user_agent(ua), label::printable(origin));
        self.tokens.grant(label, origin).await.map(Some)
    }

    /// Shows the code, unless it was shown before. `origin` is that of the page that asks, if one does.
    fn show(&self, ua: &str, origin: Option<&str>, reissue: bool) -> io::Result<()> {
        let code = self.codes().show(reissue)?;
        if let Some(code) = code {
            (self.show)(&AuthCode {
                code,
                label: label::of_user_agent(ua),
                origin: origin.map(str::to_owned),
            });
        }
        Ok(())
    }

    fn codes(&self) -> MutexGuard<'_, Codes> {
        // No critical section can leave the code half changed.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").finish_non_exhaustive()
    }
}
