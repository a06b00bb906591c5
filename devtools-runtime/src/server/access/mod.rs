//! The access rules of a server. The hosts that are answered, the origins whose pages may connect, the printed addresses and
//! the texts of refusals all follow from the same names and addresses ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).

mod addresses;
mod host;
mod pages;
mod refusal;
mod rules;

pub(crate) use self::addresses::Addresses;
pub(crate) use self::rules::{AccessRules, Visit};
