//! A tool whose calls can be watched: Prometheus reads its metrics at `/metrics`, and OpenTelemetry gets a span of each call.

pub mod spans;

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use devtools_runtime::{DevTools, RpcError, rpc_function};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// The upper bounds of the histogram's buckets in seconds: those that OpenTelemetry advises for calls, and one for quick ones.
const BUCKETS: [f64; 15] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The error of a call about a module that does not exist.
#[derive(Debug, thiserror::Error, RpcError)]
#[error("there is no module `{id}`")]
pub struct UnknownModule {
    id: String,
}

/// Returns the size of a module in bytes.
///
/// # Errors
///
/// If there is no such module.
#[rpc_function(name = "modules:get-size")]
pub fn get_size(id: String) -> Result<u64, UnknownModule> {
    match id.as_str() {
        "/src/main.ts" => Ok(1024),
        _ => Err(UnknownModule { id }),
    }
}

/// Analyzes all modules, which takes this many milliseconds.
#[rpc_function(name = "modules:analyze")]
pub async fn analyze(ms: u64) -> usize {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    1
}

/// Installs the recorder of the process, which keeps the metrics. Call it before the program is built.
///
/// # Errors
///
/// If the process has a recorder already.
pub fn install_recorder() -> Result<PrometheusHandle, BuildError> {
    let duration = Matcher::Full("rpc_server_call_duration_seconds".to_owned());
    PrometheusBuilder::new()
        .set_buckets_for_metric(duration, &BUCKETS)?
        .install_recorder()
}

/// Returns the application: the functions at `/__devtools/`, and the metrics at `/metrics`.
///
/// The metrics name the functions and how often they are called, and anybody who reaches the server can read them.
pub fn application(devtools: &DevTools, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(move || async move { metrics.render() }))
        .nest_service("/__devtools", devtools.service())
}
