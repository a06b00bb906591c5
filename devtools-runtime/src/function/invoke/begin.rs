//! The beginning of a call: its span, its layers, and then the function.

use std::sync::Arc;

use crate::function::invoke::ended::Ended;
use crate::function::invoke::guarded::Bound;
use crate::function::invoke::invocation::Invocation;
use crate::function::invoke::layers::layers_of;
use crate::function::invoke::seen::Seen;
use crate::function::invoke::time_limit::TimeLimit;
use crate::function::invoke::waiting::Waiting;
use crate::function::invoke::watch::Watch;
use crate::function::reply::{Call, Observed, ReplyTo};
use crate::function::started::Started;

impl Invocation<'_> {
    /// Begins the call, and ends it too if it can do without waiting.
    pub(crate) fn begin(self, call: Call<'_>) -> Started<Ended, Waiting> {
        match Seen::begin(self.function, &call, self.parent) {
            None => self.begin_unseen(call),
            Some(seen) => self.begin_seen(call, seen),
        }
    }

    /// Begins the call within its span.
    fn begin_seen(self, mut call: Call<'_>, seen: Seen) -> Started<Ended, Waiting> {
        let observed = Arc::new(Observed::new(call.reply));
        call.reply = ReplyTo::Observed(Arc::clone(&observed));
        let watch = Watch { seen, observed };
        match watch.seen.enter(|| self.begin_unseen(call)) {
            Started::Done(ended) => {
                watch.end(&ended);
                Started::Done(ended)
            }
            Started::Running(waiting) | Started::Waiting(waiting) => Started::Waiting(Waiting {
                watch: Some(Box::new(watch)),
                ..waiting
            }),
        }
    }

    fn begin_unseen(self, call: Call<'_>) -> Started<Ended, Waiting> {
        let layers = layers_of(self.function, call.scope);
        if layers.is_empty() {
            let limit = TimeLimit::of(self.function, self.limits.handler_timeout);
            self.begin_function(call, Bound::Fixed(limit))
        } else {
            self.begin_layers(call, layers)
        }
    }
}
