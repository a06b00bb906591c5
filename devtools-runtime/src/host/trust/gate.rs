//! Who may call, as the author of a program says it.

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use crate::host::trust::Token;
use crate::host::trust::file;
use crate::host::trust::tokens::Tokens;

/// Who may call the functions of a program, and be told what it broadcasts.
///
/// Anybody may connect who can reach the server and comes from an allowed page; trust is a second step
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
/// // Whoever can reach the server may call.
/// let open = DevTools::builder().auth(Auth::None).build().await?;
/// assert!(open.auth_code().is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Auth {
    /// Clients that have shown a one-time code or bring a token. The default, as `Gate::new()`.
    Gated(Gate),
    /// Everybody who can reach the server: every program and every user of this machine. Pages of foreign
    /// origins are still refused, and so is binding an address that others can reach, unless
    /// [`expose_without_auth`](crate::DevToolsBuilder::expose_without_auth) insists.
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

/// How clients earn trust: with a one-time code that the terminal shows, and from then on with a token.
///
/// A code has six digits, and a link that is as good and cannot be guessed. It is good for five minutes and for one client.
/// That client gets a token, which it keeps, and which stays good until it is revoked. The 100 latest tokens are remembered.
///
/// After five wrong codes of one connection, or of one address of another machine, no further one from there is looked at
/// for a minute, and then for twice as long each time, up to 16 minutes. All clients of this machine together have ten wrong
/// codes a minute, and all others fifteen; a connection that had a code shown has five guesses of its own at that one. The client
/// is told how long to wait, and so is the terminal. Links work meanwhile.
///
/// The runtime writes no code and no token to the log. The library beneath a WebSocket, tungstenite, writes whole frames to
/// the `log` crate at TRACE, and in the frames of a handshake or an exchange there are tokens. A subscriber that takes
/// these records in should keep them out: with `EnvFilter`, `trace,tungstenite=debug`.
///
/// The file of the tokens may be shared by several processes. A token that one of them revokes is
/// noticed by the others within about a second: the sessions that had it lose their trust.
///
/// ```
/// use devtools_runtime::{DevTools, Gate};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut gate = Gate::new();
/// if let Ok(token) = std::env::var("DEVTOOLS_TOKEN") {
///     gate = gate.token(token); // for CI, where nobody reads a code off a terminal
/// }
/// let devtools = DevTools::builder().auth(gate).build().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Gate {
    pub(crate) fixed: Vec<Token>,
    /// The roles of whoever has signed in with a code.
    pub(crate) code_roles: Vec<String>,
    storage: Storage,
    pub(crate) show: Show,
    /// Writes for people what is not a code; `None` where the program shows the codes itself.
    pub(crate) say: Option<fn(&str)>,
}

/// Shows a code to whoever runs the program.
pub(crate) type Show = Arc<dyn Fn(&AuthCode) + Send + Sync>;

#[derive(Debug, Clone)]
enum Storage {
    OfThisUser,
    File(PathBuf),
    Memory,
}

impl Gate {
    /// The default gate: codes are written to standard error, and tokens are kept in the user's home, in
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

    /// Adds a token that is good from the start and cannot be revoked. Whoever knows it is trusted, so it
    /// ought to be as hard to guess as the ones the server makes, which are 16 random bytes.
    ///
    /// A [`Token`] has a name and roles as well, which functions and [layers](crate::layers) can ask for.
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

    /// Keeps the tokens in this file, which is written with mode 0600. Its format is that of the JavaScript
    /// server ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)).
    #[must_use]
    pub fn storage(self, file: impl Into<PathBuf>) -> Self {
        Self {
            storage: Storage::File(file.into()),
            ..self
        }
    }

    /// Keeps the tokens in memory: they end with the program.
    #[must_use]
    pub fn memory(self) -> Self {
        Self {
            storage: Storage::Memory,
            ..self
        }
    }

    /// Has `show` called with each code that a client asks for, in place of writing it to standard error.
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

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("tokens", &self.fixed.len())
            .field("storage", &self.storage)
            .finish_non_exhaustive()
    }
}

/// A one-time code that a client asks for, and what the client says of itself.
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
    /// The address of a page that uses the code.
    pub(crate) page: Option<String>,
}

impl AuthCode {
    /// The code: six digits.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the client says it is, such as `Chrome 120.0.0.0 | Linux x86_64`: printable, and not to be relied on.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// A link that signs the client's page in when it is opened: to that page, if its browser said where it is, or else to the
    /// page of the mount that it connects to, which lists the views.
    ///
    /// Pages of one origin share their tokens, so the page that asked signs in with whichever of them the link opens.
    /// `None` if the client is a program, or a page of which only the origin is known in an application that
    /// has mounted the service below a path; [`DevToolsService::mounted_at`](crate::server::DevToolsService::mounted_at) says which.
    pub fn link(&self) -> Option<String> {
        let page = self.page.as_ref()?;
        Some(format!("{page}{}", fragment(&self.link)))
    }
}

/// The fragment of an address that signs its page in ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)): clients offer it as they do a code of digits.
pub(crate) fn fragment(link: &str) -> String {
    format!("#devframe_otp={link}")
}

/// Writes to standard error and not to the log, because a log may be off and this has to be seen.
fn print(code: &AuthCode) {
    say(&instructions(code));
}

/// Writes lines to standard error. An error is ignored: standard error may be closed, and a client that waits for its
/// reply has nothing to do with that. `eprintln!` would panic.
pub(crate) fn say(lines: &str) {
    // One write, so that other writers do not come in between.
    let _ = io::stderr().write_all(format!("{lines}\n").as_bytes());
}

/// What to do with the code. It stands before the label, which might speak of another one.
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
