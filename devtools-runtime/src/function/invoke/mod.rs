//! How a call of a function runs, whoever makes it: a client, the program itself, or a dump.
//!
//! An [`Invocation`] makes a call whose arguments and reply are text. A [`LocalCall`] moves values. Either passes the
//! layers; a panic becomes the error of the call, and so does a timeout.

mod begin;
mod call_outcome;
mod clock;
mod ended;
mod guarded;
mod invocation;
mod layer;
mod layered;
mod layers;
mod local;
#[cfg(feature = "metrics")]
mod metrics;
mod origin;
mod role;
mod time_limit;
mod trace;
mod traced_call;
mod waiting;

pub(crate) use self::ended::EndedCall;
pub(crate) use self::invocation::{CallLimits, Invocation};
pub(crate) use self::layer::LayerFn;
pub use self::layer::{
    CallFailure, CallSuccess, FailureReason, LayerCall, LayerFuture, LayerResult, Next,
};
pub(crate) use self::layers::Layers;
pub(crate) use self::local::{LocalCall, run_local};
#[cfg(feature = "metrics")]
pub(crate) use self::metrics::CallMetrics;
pub use self::origin::CallOrigin;
pub(crate) use self::role::missing_role;
pub(crate) use self::time_limit::TimeLimit;
pub(crate) use self::waiting::WaitingCall;
