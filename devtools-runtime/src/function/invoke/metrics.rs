//! Metrics of calls, through the facade of the crate `metrics`: names and labels in the manner of OpenTelemetry's RPC metrics.
//!
//! The names and labels of a function's series are made once and stored. Handles of series are not stored: each call
//! looks up the recorder, and its series in the recorder. So all values reach a recorder that was installed later, or
//! that has removed idle series, whose old handles would record values that nobody reads. No label holds text that a
//! caller chose: a call that is measured has found its function, and each other label has a few possible values.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use hashbrown::HashMap;
use metrics::{Gauge, Key, Label, Level, Metadata, SharedString, Unit, with_recorder};

use crate::function::definition::FunctionDefinition;
use crate::function::inject::{SharedScope, inject};
use crate::function::invoke::call_outcome::CallOutcome;
use crate::function::invoke::origin::CallOrigin;
use crate::function::kind::FunctionKind;

/// Calls that have ended.
const CALLS: &str = "rpc_server_calls_total";

/// How long calls took; OpenTelemetry calls it `rpc.server.call.duration`.
const DURATION: &str = "rpc_server_call_duration_seconds";

/// Calls that run now.
const ACTIVE: &str = "rpc_server_active_calls";

const METADATA: Metadata<'static> =
    Metadata::new("devtools_runtime::call", Level::INFO, Some(module_path!()));

/// The keys of all series of a program's calls, by function. A function gets its keys with its first call.
#[derive(Debug, Default)]
pub(crate) struct CallMetrics {
    functions: RwLock<HashMap<Cow<'static, str>, Arc<FunctionKeys>>>,
}

/// The keys of one function's series.
#[derive(Debug)]
struct FunctionKeys {
    name: SharedString,
    kind: FunctionKind,
    session: OnceLock<OriginKeys>,
    program: OnceLock<OriginKeys>,
    dump: OnceLock<OriginKeys>,
}

/// The keys of the calls of one function that come from one origin.
#[derive(Debug)]
struct OriginKeys {
    active: Key,
    success: OnceLock<EndKeys>,
    error: OnceLock<EndKeys>,
    timeout: OnceLock<EndKeys>,
    cancelled: OnceLock<EndKeys>,
}

/// The keys of the calls of one function from one origin that ended with one outcome.
#[derive(Debug)]
struct EndKeys {
    calls: Key,
    duration: Key,
}

/// A call that runs, and is counted and timed.
pub(super) struct Measured {
    function: Arc<FunctionKeys>,
    origin: CallOrigin,
    /// The gauge that counts this call. It is the one to decrement, even if another recorder is installed meanwhile.
    active: Gauge,
}

impl CallMetrics {
    /// Describes the metrics to the recorder that is installed now.
    pub(crate) fn described() -> Self {
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
        Self::default()
    }
    /// Forgets the keys of a function that is removed. Calls of it that run still have them.
    pub(crate) fn forget(&self, name: &str) {
        let functions = self.functions.write();
        let mut functions = functions.unwrap_or_else(PoisonError::into_inner);
        functions.remove(name);
    }

    fn keys(&self, function: &FunctionDefinition) -> Arc<FunctionKeys> {
        // Neither lock is held while code of a recorder runs.
        let known = {
            let functions = self.functions.read();
            let functions = functions.unwrap_or_else(PoisonError::into_inner);
            functions.get(function.name()).map(Arc::clone)
        };
        // A function may have been replaced by one of another kind.
        if let Some(keys) = known.filter(|keys| keys.kind == function.kind()) {
            return keys;
        }
        let keys = Arc::new(FunctionKeys::of(function));
        let functions = self.functions.write();
        let mut functions = functions.unwrap_or_else(PoisonError::into_inner);
        functions.insert(function.owned_name(), Arc::clone(&keys));
        keys
    }
}

impl FunctionKeys {
    fn of(function: &FunctionDefinition) -> Self {
        Self {
            name: SharedString::from(function.owned_name()),
            kind: function.kind(),
            session: OnceLock::new(),
            program: OnceLock::new(),
            dump: OnceLock::new(),
        }
    }

    fn of_origin(&self, origin: CallOrigin) -> &OriginKeys {
        let keys = match origin {
            CallOrigin::Session => &self.session,
            CallOrigin::Program => &self.program,
            CallOrigin::Dump => &self.dump,
        };
        keys.get_or_init(|| {
            let labels = vec![
                Label::from_static_parts("rpc_system", "devtools"),
                Label::new("rpc_method", self.name.clone()),
                Label::from_static_parts("rpc_kind", self.kind.as_str()),
                Label::from_static_parts("origin", origin.as_str()),
            ];
            OriginKeys {
                active: Key::from_parts(ACTIVE, labels).to_retained(),
                success: OnceLock::new(),
                error: OnceLock::new(),
                timeout: OnceLock::new(),
                cancelled: OnceLock::new(),
            }
        })
    }
}

impl OriginKeys {
    fn of_outcome(&self, outcome: CallOutcome) -> &EndKeys {
        let keys = match outcome {
            CallOutcome::Success => &self.success,
            CallOutcome::Error => &self.error,
            CallOutcome::Timeout => &self.timeout,
            CallOutcome::Cancelled => &self.cancelled,
        };
        keys.get_or_init(|| {
            let mut labels: Vec<Label> = self.active.labels().cloned().collect();
            labels.push(Label::from_static_parts("outcome", outcome.as_str()));
            EndKeys {
                calls: Key::from_parts(CALLS, labels.clone()).to_retained(),
                duration: Key::from_parts(DURATION, labels).to_retained(),
            }
        })
    }
}

impl Measured {
    /// Counts a call that begins. Every one must [end](Self::end). `None` if the program has no metrics.
    pub(super) fn begin(
        function: &FunctionDefinition,
        scope: &SharedScope,
        origin: CallOrigin,
    ) -> Option<Self> {
        let function = inject::<CallMetrics>(scope).ok()?.keys(function);
        let key = &function.of_origin(origin).active;
        let active = with_recorder(|recorder| recorder.register_gauge(key, &METADATA));
        active.increment(1.0);
        Some(Self {
            function,
            origin,
            active,
        })
    }

    /// Counts the end of the call, which took so long.
    pub(super) fn end(self, outcome: CallOutcome, took: Duration) {
        self.active.decrement(1.0);
        let keys = self.function.of_origin(self.origin).of_outcome(outcome);
        with_recorder(|recorder| {
            recorder
                .register_counter(&keys.calls, &METADATA)
                .increment(1);
            recorder
                .register_histogram(&keys.duration, &METADATA)
                .record(took.as_secs_f64());
        });
    }
}
