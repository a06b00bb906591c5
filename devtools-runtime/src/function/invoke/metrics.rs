//! Metrics of calls, through the facade of the crate `metrics`: names and labels in the manner of OpenTelemetry's RPC metrics.
//!
//! The recorder is looked up anew for each call, so that one that is installed later, or that forgets series which were idle, gets
//! all values. No label holds text that a caller chose: a call that is measured has found its function, and the other labels
//! have a few words each.

use std::time::Duration;

use metrics::{Key, Label, Level, Metadata, SharedString, Unit, with_recorder};

use crate::function::definition::FunctionDefinition;
use crate::function::invoke::origin::CallOrigin;

/// Calls that have ended.
const CALLS: &str = "rpc_server_calls_total";

/// How long calls took; OpenTelemetry calls it `rpc.server.call.duration`.
const DURATION: &str = "rpc_server_call_duration_seconds";

/// Calls that run now.
const ACTIVE: &str = "rpc_server_active_calls";

const METADATA: Metadata<'static> =
    Metadata::new("devtools_runtime::call", Level::INFO, Some(module_path!()));

/// A call that runs, and is counted and timed.
pub(super) struct Measured {
    /// The labels of the function and of who calls it.
    labels: Vec<Label>,
}

impl Measured {
    /// Counts a call that begins. Every one must [end](Self::end).
    pub(super) fn begin(function: &FunctionDefinition, origin: CallOrigin) -> Self {
        let name = SharedString::from(function.owned_name());
        let labels = vec![
            Label::from_static_parts("rpc_system", "devtools"),
            Label::new("rpc_method", name),
            Label::from_static_parts("rpc_kind", function.kind().as_str()),
            Label::from_static_parts("origin", origin.as_str()),
        ];
        let active = Key::from_parts(ACTIVE, labels.clone());
        with_recorder(|recorder| recorder.register_gauge(&active, &METADATA).increment(1.0));
        Self { labels }
    }

    /// Counts the end of the call, which took so long.
    pub(super) fn end(self, outcome: &'static str, took: Duration) {
        let Self { mut labels } = self;
        let active = Key::from_parts(ACTIVE, labels.clone());
        labels.push(Label::from_static_parts("outcome", outcome));
        let calls = Key::from_parts(CALLS, labels.clone());
        let duration = Key::from_parts(DURATION, labels);
        with_recorder(|recorder| {
            recorder.register_gauge(&active, &METADATA).decrement(1.0);
            recorder.register_counter(&calls, &METADATA).increment(1);
            recorder
                .register_histogram(&duration, &METADATA)
                .record(took.as_secs_f64());
        });
    }
}

/// Tells the recorder what the metrics mean.
pub(crate) fn describe() {
    with_recorder(|recorder| {
        recorder.describe_counter(
            CALLS.into(),
            Some(Unit::Count),
            "Calls that have ended, by function and outcome.".into(),
        );
        recorder.describe_histogram(
            DURATION.into(),
            Some(Unit::Seconds),
            "How long calls took, from their first layer to their end.".into(),
        );
        recorder.describe_gauge(
            ACTIVE.into(),
            Some(Unit::Count),
            "Calls that run now.".into(),
        );
    });
}
