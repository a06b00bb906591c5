//! Workers: processes that run functions for the clients of others.

mod call;
mod cancellable;
mod cancellations;
mod directory;
mod discovery;
mod fleet_worker;
mod forward;
mod offer;
mod proxy;
mod run;
mod working;

pub(crate) use self::directory::Directory;
pub(crate) use self::discovery::discover;
pub(crate) use self::working::Working;

pub use self::fleet_worker::FleetWorker;

pub(super) use self::call::{CallNumber, WorkCall};
pub(super) use self::cancellable::Cancellable;
pub(super) use self::offer::{OfferedFunction, Offers};
pub(super) use self::run::run;
