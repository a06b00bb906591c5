//! `cargo run -p observed`, and then `curl http://127.0.0.1:7816/metrics`
//!
//! Spans are printed as they end.

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use devtools_runtime::{Auth, DevTools};
use observed::spans::{self, ExportTo};
use observed::{Analyze, GetSize, application, install_recorder};
use opentelemetry_sdk::trace::SpanData;
use tokio::net::TcpListener;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    spans::propagate()?;
    tracing_subscriber::registry()
        .with(spans::layer(ExportTo::new(|span| print(&span))))
        .init();
    let metrics = install_recorder()?;
    // Anybody on this machine may call these functions: they do no harm.
    let devtools = DevTools::builder()
        .auth(Auth::None)
        .metrics()
        .build()
        .await?;

    let listener = TcpListener::bind("127.0.0.1:7816").await?;
    let application = application(&devtools, metrics.clone());
    let mut serving = tokio::spawn(axum::serve(listener, application).into_future());

    // Two calls, to have something to see: their spans are children of this one.
    let rpc = devtools.client();
    async {
        GetSize::call(&rpc, "/src/main.ts").await?;
        Analyze::call(&rpc, 20).await?;
        Ok::<_, Box<dyn Error>>(())
    }
    .instrument(tracing::info_span!("first calls"))
    .await?;

    // Histograms keep each value until somebody reads them, or this does.
    let mut upkeep = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            ended = &mut serving => return Ok(ended??),
            _ = upkeep.tick() => metrics.run_upkeep(),
        }
    }
}

/// Prints a span on a line.
fn print(span: &SpanData) {
    let took = span.end_time.duration_since(span.start_time);
    // A closed standard output is not an error.
    let _ = writeln!(
        std::io::stdout(),
        "{} in trace {}, child of {}: {:?}",
        span.name,
        span.span_context.trace_id(),
        span.parent_span_id,
        took.unwrap_or_default()
    );
}
