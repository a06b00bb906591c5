#![doc = include_str!("../docs/modules/layers.md")]

mod rate_limit;
mod role;

pub(crate) use self::rate_limit::{CountedClient, FleetRate};
pub use self::rate_limit::{RateLimit, rate_limit};
pub use self::role::require_role;
pub use crate::function::{
    AlreadySet, CallFailure, CallOrigin, CallSuccess, FailureReason, LayerCall, LayerFuture,
    LayerResult, Next, Propagation, set_propagation,
};
