//! The time that a call may take.

use std::time::Duration;

use crate::function::definition::FunctionDefinition;

/// The time that the handler of a call may take, and the option that limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeLimit {
    pub(super) after: Duration,
    pub(super) option: TimeOption,
}

/// The options that limit the time of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeOption {
    /// [`Limits::handler_timeout`](crate::Limits::handler_timeout).
    HandlerTimeout,
    /// The function's own `timeout`.
    Timeout,
    /// [`LayerCall::set_timeout`](crate::layers::LayerCall::set_timeout).
    Layer,
}

impl TimeLimit {
    /// Returns the shorter one of the function's own timeout and `handler_timeout`. A function of another process has none here: it is
    /// forwarded with a deadline.
    pub(crate) fn of(
        function: &FunctionDefinition,
        handler_timeout: Option<Duration>,
    ) -> Option<Self> {
        if function.forwards() {
            return None;
        }
        let own = function.timeout().map(|after| Self {
            after,
            option: TimeOption::Timeout,
        });
        let general = handler_timeout.map(|after| Self {
            after,
            option: TimeOption::HandlerTimeout,
        });
        own.into_iter().chain(general).min_by_key(|it| it.after)
    }

    /// Logs that a handler took longer than this limit.
    pub(super) fn log(self, function: &str) {
        let limit = self.after;
        match self.option {
            TimeOption::HandlerTimeout => tracing::warn!(
                rpc.method = function,
                ?limit,
                "a handler took longer than `handler_timeout`"
            ),
            TimeOption::Timeout => tracing::warn!(
                rpc.method = function,
                ?limit,
                "a handler took longer than its `timeout`"
            ),
            TimeOption::Layer => tracing::warn!(
                rpc.method = function,
                ?limit,
                "a call took longer than a layer allows"
            ),
        }
    }

    /// Returns the message for a caller whose call took longer than this limit.
    pub(super) fn message(self, function: &str) -> String {
        match self.option {
            TimeOption::HandlerTimeout => format!(
                "\"{function}\" did not end within {} ms, the limit `handler_timeout`",
                self.after.as_millis()
            ),
            TimeOption::Timeout | TimeOption::Layer => {
                format!("\"{function}\" did not end within {:?}", self.after)
            }
        }
    }
}
