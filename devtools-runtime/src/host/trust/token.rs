//! A token that the program gives out, and who it is for.

use std::fmt;

use subtle::ConstantTimeEq as _;

/// A token for [`Gate::token`](crate::Gate::token), with the name of who it is for, and the roles that its sessions have.
///
/// ```
/// use devtools_runtime::trust::Token;
/// use devtools_runtime::{Gate};
///
/// let gate = Gate::new()
///     .token(Token::new("9f2c6cd4e8b04c1d").name("deploy").roles(["admin"]))
///     .token("0b7d1c3f5a924e68"); // a text is a token without roles
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a token is good once a gate has it"]
pub struct Token {
    pub(crate) secret: String,
    pub(crate) identity: Identity,
}

/// Who brings a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: Option<String>,
    pub(crate) roles: Vec<String>,
}

impl Token {
    /// A token without a name and roles. It ought to be as hard to guess as those that the server makes, which are 16
    /// random bytes.
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            identity: Identity::default(),
        }
    }

    /// Names who it is for. Sessions say it: [`RpcSession::token_name`](crate::RpcSession::token_name).
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.identity.name = Some(name.into());
        self
    }

    /// Gives its sessions these roles: [`RpcSession::roles`](crate::RpcSession::roles).
    pub fn roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.identity.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Returns whether it is this one. How long that takes does not tell how much of it was right.
    pub(crate) fn is(&self, secret: &str) -> bool {
        self.secret.as_bytes().ct_eq(secret.as_bytes()).into()
    }
}

impl From<String> for Token {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for Token {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the secret, which would let whoever reads a log in.
        f.debug_struct("Token")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
