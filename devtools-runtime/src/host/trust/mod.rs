//! Trust: one-time codes, tokens, and the built-in functions through which clients sign in
//! ([protocol 4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#4-trust)).

mod code;
mod codes_and_tokens;
mod elsewhere;
mod file;
mod functions;
mod gate;
mod guesses;
mod label;
mod remembered;
mod revoked;
mod shared_tokens;
mod showings;
mod token;
mod tokens;
mod watch;

pub(crate) use self::codes_and_tokens::Trust;
pub(crate) use self::elsewhere::CodesElsewhere;
pub(crate) use self::functions::{distrust_by_key, register, revoke};
#[cfg(feature = "server")]
pub(crate) use self::gate::fragment;
pub use self::gate::{Auth, AuthCode, Gate};
pub(crate) use self::shared_tokens::{SharedTokens, TOKENS, key_of};
pub(crate) use self::token::ClientIdentity;
pub use self::token::Token;
pub(crate) use self::watch::watch;
