//! Workers: processes that run functions for the clients of others.

mod call;
mod directory;
mod discovery;
mod offer;
mod proxy;
mod run;
mod working;

pub(crate) use self::directory::Directory;
pub(crate) use self::discovery::discover;
pub(crate) use self::working::Working;

pub(super) use self::call::WorkCall;
pub(super) use self::offer::{Offer, Offered, Offers};
pub(super) use self::run::run;
