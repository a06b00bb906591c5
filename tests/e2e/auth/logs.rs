//! No log has a token.

use std::sync::Mutex;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::{DevToolsRpcClient, Gate};
use tracing_subscriber::filter::LevelFilter;

use crate::functions::Add;
use crate::gated::Gated;
use crate::log::Log;

/// A token that only the next test uses, so that the log of the others does not matter.
const LOGGED: &str = "e0d3c5a4-a token that must not be seen";

/// Notes who writes the token to the `log` crate.
struct Leaks(Mutex<Vec<String>>);

static LEAKS: Leaks = Leaks(Mutex::new(Vec::new()));

impl log::Log for Leaks {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        // In an address the spaces are written differently.
        if record.args().to_string().contains("e0d3c5a4-a") {
            self.0.lock().unwrap().push(record.target().to_owned());
        }
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_log_has_a_token() {
    log::set_logger(&LEAKS).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let (events, _logged) = Log::of_this_thread(LevelFilter::TRACE);

    let gated = Gated::start(Gate::new().memory().token(LOGGED)).await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let rpc = DevToolsRpcClient::builder(&gated.server.url())
            .transport(transport)
            .token(LOGGED)
            .connect()
            .await
            .unwrap();
        assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
        assert_eq!(rpc.auth_token().as_deref(), Some(LOGGED));
    }
    let leaks = LEAKS.0.lock().unwrap().clone();
    assert_eq!(leaks, Vec::<String>::new());

    // The text of others' handshakes is in the records of one library, which the docs of `Gate` tell to keep out.
    let mut client = gated.connect(None).await;
    assert!(client.shake_hands(LOGGED).await);
    let leaks = LEAKS.0.lock().unwrap().clone();
    assert!(!leaks.is_empty(), "this test sees what is logged");
    assert!(
        leaks
            .iter()
            .all(|target| target.starts_with("tungstenite::")),
        "{leaks:?}"
    );
    let events = events.text();
    assert!(
        events.contains("connected"),
        "this test sees what is traced"
    );
    assert!(!events.contains("e0d3c5a4-a"), "{events}");
}
