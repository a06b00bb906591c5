//! The options that decide which clients are trusted.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use crate::host::trust::file;
use crate::host::trust::token::Token;
use crate::host::trust::tokens::Tokens;

/// The rule that decides which clients are trusted. Only trusted clients may call functions and receive broadcasts.
///
/// Every program, and every page of an allowed origin, that can reach the server may connect. Trust is a second step
/// ([protocol 4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#4-trust)).
///
/// ```
/// use devtools_runtime::{Auth, DevTools, Gate};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let gated = DevTools::builder().auth(Gate::new().memory()).build().await?;
/// assert!(gated.auth_code().is_some());
///
/// // Every client that can reach the server may call functions.
/// let open = DevTools::builder().auth(Auth::None).build().await?;
/// assert!(open.auth_code().is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Auth {
    /// Trusts clients that send a one-time code or a token. This is the default, with `Gate::new()`.
    Gated(Gate),
    /// Trusts every client that can reach the server: every program and every user of this machine. The server still refuses
    /// pages of foreign origins. It also refuses to bind an address that other machines can reach, unless
    /// [`expose_without_auth`](crate::DevToolsBuilder::expose_without_auth) allows it.
    None,
}

impl Default for Auth {
    fn default() -> Self {
        Self::Gated(Gate::new())
    }
}

impl From<Gate> for Auth {
    fn from(gate: Gate) -> Self {
        Self::Gated(gate)
    }
}

/// The sign-in of clients: a one-time code that the terminal shows, and then a token.
///
/// A code consists of six digits and a link. The link signs in too and cannot be guessed. A code is valid for five minutes
/// and for one client. That client receives a token, which it stores, and which is valid until it is revoked. The server
/// remembers the 100 latest tokens.
///
/// After five wrong codes from one connection, or from one address of another machine, the server compares no codes from
/// there for a minute, and for twice as long each further time, up to 16 minutes. All clients of this machine together have
/// ten wrong codes a minute, and all others fifteen. A connection for which a code was shown has five guesses of its own at
/// that code. The client and the terminal are told how long to wait. Links work during that time.
///
/// The runtime writes no code and no token to the log. The WebSocket library tungstenite writes whole frames to
/// the `log` crate at TRACE, and the frames of the sign-in contain tokens. A subscriber that collects
/// such records should leave them out: with `EnvFilter`, `trace,tungstenite=debug`.
///
/// Several processes may share the file of the tokens. If one of them revokes a token, the others
/// notice it within about a second: their sessions with this token become untrusted.
///
/// ```
/// use devtools_runtime::{DevTools, Gate};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut gate = Gate::new();
/// if let Ok(token) = std::env::var("DEVTOOLS_TOKEN") {
///     gate = gate.token(token); // for CI, where no user can read a code from a terminal
/// }
/// let devtools = DevTools::builder().auth(gate).build().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Gate {
    pub(crate) fixed: Vec<Token>,
    /// The roles of clients that have signed in with a code.
    pub(crate) code_roles: Vec<String>,
    storage: Storage,
    pub(crate) show: Show,
    /// Prints messages for the user other than codes. `None` if the program shows the codes itself.
    pub(crate) say: Option<fn(&str)>,
}

/// A function that shows a code to the user.
pub(crate) type Show = Arc<dyn Fn(&AuthCode) + Send + Sync>;

#[derive(Debug, Clone)]
enum Storage {
    OfThisUser,
    File(PathBuf),
    Memory,
}

impl Gate {
    /// Creates the default gate. It writes codes to standard error and stores tokens in the user's home directory, in
    /// `.devtools-runtime/<program>/auth.json`, which only the user can read.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fixed: Vec::new(),
            code_roles: Vec::new(),
            storage: Storage::OfThisUser,
            show: Arc::new(print),
            say: Some(say),
        }
    }

    /// Adds a token that is valid from the start and cannot be revoked. Every client that sends it is trusted, so it
    /// should be as hard to guess as the server's own tokens, which are 16 random bytes.
    #[must_use]
    pub fn token(mut self, token: impl Into<Token>) -> Self {
        self.fixed.push(token.into());
        self
    }

    /// Gives these roles to the clients that sign in with a code. Default: none.
    #[must_use]
    pub fn code_roles<R: Into<String>>(self, roles: impl IntoIterator<Item = R>) -> Self {
        Self {
            code_roles: roles.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    crate::setters! {
        /// Keeps the tokens in this file, which is written with mode 0600. Its format is that of the JavaScript
        /// server ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)).
        #[must_use]
        pub fn storage(file: impl Into<PathBuf>) { storage = Storage::File(file.into()) }

        /// Keeps the tokens in memory only. They are lost when the program ends.
        #[must_use]
        pub fn memory() { storage = Storage::Memory }
    }

    /// Calls `show` with each code that a client asks for, instead of writing the code to standard error.
    #[must_use]
    pub fn on_code(self, show: impl Fn(&AuthCode) + Send + Sync + 'static) -> Self {
        Self {
            show: Arc::new(show),
            say: None,
            ..self
        }
    }

    pub(crate) fn tokens(&self) -> Tokens {
        let file = match &self.storage {
            Storage::OfThisUser => file::of_this_user(),
            Storage::File(path) => Some(path.clone()),
            Storage::Memory => None,
        };
        let fixed = self.fixed.iter().map(|token| token.secret.clone());
        Tokens::new(fixed.collect(), file)
    }
}

crate::default_is_new!(Gate);

crate::debug_impl! { Gate as it { tokens: it.fixed.len(), storage, .. } }

/// A one-time code that a client asks for, with the name that the client gives itself.
///
/// ```
/// use devtools_runtime::trust::AuthCode;
/// use devtools_runtime::{DevTools, Gate};
///
/// /// Shows a code in a window of the program.
/// fn show(code: &AuthCode) {
///     println!("{} wants to connect: its code is {}", code.label(), code.code());
///     if let Some(link) = code.link() {
///         println!("or open {link}");
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().auth(Gate::new().on_code(show)).build().await?;
/// # let _ = devtools;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AuthCode {
    pub(crate) code: String,
    pub(crate) link: String,
    pub(crate) label: String,
    /// The address of a page that can use the code.
    pub(crate) page: Option<String>,
}

impl AuthCode {
    /// Returns the six digits of the code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the name that the client gives itself, such as `Chrome 120.0.0.0 | Linux x86_64`. It is safe to print. Do
    /// not rely on it: a client can send any name.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns a link that signs the client's page in when the user opens it. It leads to that page if its browser sent the
    /// address, and otherwise to the start page of the mount, which lists the views.
    ///
    /// Pages of one origin share their tokens, so the link signs in the page that asked, whichever page it opens.
    /// `None` if the client is a program. Also `None` if only the origin of the page is known and the application has mounted
    /// the service below a path that it has not told to [`DevToolsBuilder::root_path`](crate::DevToolsBuilder::root_path).
    pub fn link(&self) -> Option<String> {
        let page = self.page.as_ref()?;
        Some(format!("{page}{}", fragment(&self.link)))
    }
}

/// Returns the fragment of an address that signs its page in ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)). Clients send it as they send six digits.
pub(crate) fn fragment(link: &str) -> String {
    format!("#devframe_otp={link}")
}

/// Prints a code to standard error. The log is not used, because it may be off and the user has to see the code.
fn print(code: &AuthCode) {
    say(&instructions(code));
}

/// Writes lines to standard error. An error is ignored, because standard error may be closed and the client still needs its
/// reply. `eprintln!` would panic.
pub(crate) fn say(lines: &str) {
    // One write keeps the lines together.
    let _ = io::stderr().write_all(format!("{lines}\n").as_bytes());
}

/// Returns the instructions for the user. The code comes before the label, because a label may contain a false code.
fn instructions(code: &AuthCode) -> String {
    let (digits, label) = (code.code(), code.label());
    let enter = format!("DevTools: enter the code {digits} in {label}, which asks to connect");
    match code.link() {
        Some(link) => format!("{enter}\nDevTools: or open {link}"),
        None => enter,
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthCode, instructions};

    #[test]
    fn the_terminal_says_what_to_do() {
        let mut code = AuthCode {
            code: "012345".to_owned(),
            link: "b08f4c35e1bea8b614792c8e51f9d449".to_owned(),
            label: "Chrome 120.0.0.0 | Linux x86_64".to_owned(),
            page: Some("http://localhost:7812/__panel/".to_owned()),
        };
        assert_eq!(
            instructions(&code),
            "DevTools: enter the code 012345 in Chrome 120.0.0.0 | Linux x86_64, which asks to connect\n\
             DevTools: or open http://localhost:7812/__panel/#devframe_otp=b08f4c35e1bea8b614792c8e51f9d449"
        );
        code.page = None;
        assert_eq!(instructions(&code).lines().count(), 1);
    }
}
