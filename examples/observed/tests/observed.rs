//! The metrics and spans that the calls of a real client produce.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::{Auth, CallError, DevTools, DevToolsRpcClient};
use observed::spans::{self, ExportTo};
use observed::{Analyze, GetSize, application, install_recorder};
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Reads `/metrics`.
async fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    response
}

/// Returns the value of the one series of this name that has all these labels.
fn value(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let is_meant = |line: &&str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('{'))
            && labels.iter().all(|label| line.contains(label))
    };
    let mut lines = text.lines().filter(is_meant);
    let found = lines.next()?.rsplit_once(' ')?.1.parse().unwrap();
    assert_eq!(lines.next(), None, "{name} {labels:?}: {text}");
    Some(found)
}

/// Reads `/metrics` until a series has a value.
async fn wait_for(address: SocketAddr, name: &str, labels: &[&str], wanted: f64) -> String {
    for _ in 0..1000 {
        let text = scrape(address).await;
        if value(&text, name, labels) == Some(wanted) {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!(
        "{name} {labels:?} is not {wanted}: {}",
        scrape(address).await
    );
}

#[tokio::test]
async fn calls_are_counted_timed_and_traced() {
    let exported: Arc<Mutex<Vec<SpanData>>> = Arc::default();
    let taken = Arc::clone(&exported);
    spans::propagate().unwrap();
    tracing_subscriber::registry()
        .with(spans::layer(ExportTo::new(move |span| {
            taken.lock().unwrap().push(span);
        })))
        .init();
    let metrics = install_recorder().unwrap();
    let devtools = DevTools::builder().auth(Auth::None).metrics();
    let devtools = devtools.build().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, application(&devtools, metrics)).into_future());
    let url = format!("http://{address}/__devtools/");
    let rpc = DevToolsRpcClient::connect(&url).await.unwrap();

    // Calls that succeed and that fail, all in one span of the caller.
    let page = tracing::info_span!(target: "observed", "page");
    async {
        for _ in 0..3 {
            let size = GetSize::call(&rpc, "/src/main.ts").await.unwrap();
            assert_eq!(size, 1024);
        }
        let unknown = GetSize::call(&rpc, "/src/none.ts").await;
        assert!(
            matches!(unknown, Err(CallError::Function(_))),
            "{unknown:?}"
        );
    }
    .instrument(page)
    .await;
    let size = r#"rpc_method="modules:get-size",rpc_kind="query",origin="session""#;
    let (ok, error) = (r#"outcome="ok""#, r#"outcome="error""#);
    let text = scrape(address).await;
    let count = |name: &str, outcome: &str| value(&text, name, &[size, outcome]);
    assert_eq!(count("rpc_server_calls_total", ok), Some(3.0), "{text}");
    assert_eq!(count("rpc_server_calls_total", error), Some(1.0), "{text}");
    let duration = "rpc_server_call_duration_seconds";
    assert_eq!(count(&format!("{duration}_count"), ok), Some(3.0), "{text}");
    let labels = [size, ok, r#"le="+Inf""#];
    assert_eq!(
        value(&text, &format!("{duration}_bucket"), &labels),
        Some(3.0)
    );
    assert!(
        count(&format!("{duration}_sum"), ok).unwrap() > 0.0,
        "{text}"
    );
    assert_eq!(value(&text, "rpc_server_active_calls", &[size]), Some(0.0));
    assert!(
        text.contains("# TYPE rpc_server_call_duration_seconds histogram"),
        "{text}"
    );
    assert!(text.contains("# HELP rpc_server_calls_total "), "{text}");

    // The span of each call is a child of the caller's.
    let spans = std::mem::take(&mut *exported.lock().unwrap());
    let [page] = &*spans_named(&spans, "page") else {
        panic!("{spans:?}")
    };
    let calls = spans_named(&spans, "modules:get-size");
    assert_eq!(calls.len(), 4, "{spans:?}");
    for call in calls {
        assert_eq!(call.span_kind, SpanKind::Server);
        assert_eq!(call.parent_span_id, page.span_context.span_id());
        assert_eq!(call.span_context.trace_id(), page.span_context.trace_id());
        assert!(call.parent_span_is_remote);
    }

    // A call that runs, and ends when its caller goes away.
    let analyze = [r#"rpc_method="modules:analyze""#];
    let caller = rpc.clone();
    let call = tokio::spawn(async move { Analyze::call(&caller, 3_600_000).await });
    wait_for(address, "rpc_server_active_calls", &analyze, 1.0).await;
    call.abort();
    let text = wait_for(address, "rpc_server_active_calls", &analyze, 0.0).await;
    let cancelled = [analyze[0], r#"outcome="cancelled""#];
    assert_eq!(
        value(&text, "rpc_server_calls_total", &cancelled),
        Some(1.0),
        "{text}"
    );

    // A name that no function has makes no series.
    rpc.call_dynamic::<u64>("modules:made-up", ())
        .await
        .unwrap_err();
    assert!(!scrape(address).await.contains("made-up"));
    server.abort();
}

fn spans_named<'a>(spans: &'a [SpanData], name: &str) -> Vec<&'a SpanData> {
    spans.iter().filter(|span| span.name == name).collect()
}
