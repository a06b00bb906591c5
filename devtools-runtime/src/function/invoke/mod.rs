//! The steps of a call, which are the same whether a client, the program itself or a dump makes it.
//!
//! An [`Invocation`] makes a call whose arguments and reply are text. A [`LocalCall`] moves values. Both pass the
//! layers, and in both a panic or a timeout becomes the error of the call.

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
