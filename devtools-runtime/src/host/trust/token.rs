//! A token that the program defines, with a name and roles.

use subtle::ConstantTimeEq as _;

/// A token for [`Gate::token`](crate::Gate::token), with the name of its holder and the roles of its sessions.
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
#[must_use = "a token is valid once a gate has it"]
pub struct Token {
    pub(crate) secret: String,
    pub(crate) identity: ClientIdentity,
}

/// The identity of the client that sends a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClientIdentity {
    pub(crate) name: Option<String>,
    pub(crate) roles: Vec<String>,
}

impl Token {
    /// Creates a token without a name and roles. It should be as hard to guess as the server's own tokens, which are 16
    /// random bytes.
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            identity: ClientIdentity::default(),
        }
    }

    /// Sets the name of the token's holder. [`RpcSession::token_name`](crate::RpcSession::token_name) returns it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.identity.name = Some(name.into());
        self
    }

    /// Sets the roles of the token's sessions. [`RpcSession::roles`](crate::RpcSession::roles) returns them.
    pub fn roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.identity.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Returns whether the token is equal to this one. The duration does not reveal how much of it is right.
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

// The secret is left out: a reader of the log could sign in with it.
crate::debug_impl! { Token { identity, .. } }
