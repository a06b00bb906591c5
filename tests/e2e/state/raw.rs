//! A connection without a client, which says what a test tells it to say.

use std::time::Duration;

use devtools_runtime::Server;
use tests::wait::in_time;
use tests::wire::Wire;

/// A connection that says what it likes.
pub struct Raw {
    wire: Wire,
    calls: u32,
}

impl Raw {
    pub async fn connect(server: &Server) -> Self {
        let wire = Wire::open(server).await;
        Self { wire, calls: 0 }
    }

    pub async fn event(&mut self, method: &str, arguments: serde_json::Value) {
        let frame = serde_json::json!({"m": method, "a": arguments, "t": "q"});
        self.wire.send(&frame.to_string()).await;
    }

    /// The frames up to the reply of a call, and the reply.
    pub async fn call(
        &mut self,
        method: &str,
        arguments: serde_json::Value,
    ) -> (Vec<String>, String) {
        self.calls += 1;
        let id = format!("call-{}", self.calls);
        let frame = serde_json::json!({"m": method, "a": arguments, "t": "q", "i": id});
        self.wire.send(&frame.to_string()).await;
        let mut before = Vec::new();
        loop {
            let text = self.wire.text().await;
            if text.contains(&id) {
                return (before, text);
            }
            before.push(text);
        }
    }

    /// Repeats a call until its reply is as wanted.
    pub async fn call_until(
        &mut self,
        method: &str,
        arguments: serde_json::Value,
        is_wanted: impl Fn(&str) -> bool,
    ) {
        in_time(async {
            while !is_wanted(&self.call(method, arguments.clone()).await.1) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

pub const SUBSCRIBE: &str = "devframe:rpc:server-state:subscribe";
pub const GET: &str = "devframe:rpc:server-state:get";
pub const SET: &str = "devframe:rpc:server-state:set";
pub const PATCH: &str = "devframe:rpc:server-state:patch";
