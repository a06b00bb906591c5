//! Spans of calls, for OpenTelemetry, and traces that go on from one program to the next.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use devtools_runtime::layers::{AlreadySet, Propagation, set_propagation};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing::level_filters::LevelFilter;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// The field of the W3C Trace Context that goes with a call.
const TRACEPARENT: &str = "traceparent";

/// A layer of `tracing` that exports the spans of calls, and those of this program.
///
/// Spans go to `exporter` as they end. A program with many of them takes `with_batch_exporter`.
pub fn layer<S>(exporter: impl SpanExporter + 'static) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    let targets = Targets::new()
        .with_target("devtools_runtime::call", LevelFilter::DEBUG)
        .with_target("observed", LevelFilter::INFO);
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("observed"))
        .with_filter(targets)
}

/// Has calls take the trace of their caller with them, and their spans become its children.
///
/// # Errors
///
/// If the propagation of traces is already set for this process.
pub fn propagate() -> Result<(), AlreadySet> {
    set_propagation(Propagation {
        current: || {
            let mut fields = HashMap::new();
            let context = Span::current().context();
            TraceContextPropagator::new().inject_context(&context, &mut fields);
            fields.remove(TRACEPARENT)
        },
        attach: |span, traceparent| {
            let fields = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
            // A span that is not exported has no parent, and a malformed text names none.
            let _ = span.set_parent(TraceContextPropagator::new().extract(&fields));
        },
    })
}

/// An exporter that hands each span to a function. A real program takes one of a crate, such as that of `opentelemetry-otlp`.
#[derive(Clone)]
pub struct ExportTo(Arc<dyn Fn(SpanData) + Send + Sync>);

impl ExportTo {
    /// Hands each span to `take`.
    pub fn new(take: impl Fn(SpanData) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }
}

impl SpanExporter for ExportTo {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        spans.into_iter().for_each(&*self.0);
        Ok(())
    }
}

impl fmt::Debug for ExportTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportTo")
    }
}
