//! Streams that functions start: chunks as progress, and all of them as one result.

use devtools_runtime::DevToolsRpcClient;
use devtools_runtime::streaming::StreamError;
use rmcp::model::{CallToolResult, ContentBlock, ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use serde_json::Value;

use crate::results;

/// The agent that receives the progress of a call, if it has asked for it.
pub(crate) struct Progress<'a> {
    pub(crate) agent: &'a Peer<RoleServer>,
    pub(crate) token: Option<ProgressToken>,
}

/// The chunks of a stream.
#[derive(Debug, Default)]
struct Chunks {
    values: Vec<Value>,
    bytes: usize,
    /// The number of chunks that were overwritten before they were read.
    missed: u64,
}

/// Returns the id of the stream in the result of a function.
pub(crate) fn id_in(result: &Value) -> Option<&str> {
    match result {
        Value::String(id) => Some(id),
        other => other.get("streamId")?.as_str(),
    }
}

/// Reads a stream to its end, or until its chunks take more than `limit` bytes, and returns the result of the tool.
pub(crate) async fn read(
    client: &DevToolsRpcClient,
    (channel, id): (&str, &str),
    limit: usize,
    tool: &str,
    progress: Progress<'_>,
) -> CallToolResult {
    let mut reader = client.streaming().subscribe::<Value>(channel, id);
    let mut chunks = Chunks::default();
    let mut notes = Vec::new();
    let mut failure = None;
    while let Some(chunk) = reader.next().await {
        match chunk {
            Ok(chunk) => {
                let text = results::text(&chunk);
                chunks.bytes += text.len();
                if chunks.bytes > limit {
                    notes.push(format!(
                        "The stream has more than {limit} bytes, and the rest is left out."
                    ));
                    break;
                }
                chunks.values.push(chunk);
                progress.report(chunks.values.len(), text).await;
            }
            Err(StreamError::Gap { missed }) => chunks.missed += missed,
            Err(error) => {
                failure = Some(results::with_causes(&error));
                break;
            }
        }
    }
    if chunks.missed > 0 {
        notes.push(format!(
            "{} chunks are missing: they came faster than they were read.",
            chunks.missed
        ));
    }
    let mut result = match failure {
        None => CallToolResult::success(vec![ContentBlock::text(chunks.text())]),
        Some(failure) => {
            let mut failed = results::failed(tool, &failure);
            if !chunks.values.is_empty() {
                failed.content.push(ContentBlock::text(chunks.text()));
            }
            failed
        }
    };
    result
        .content
        .extend(notes.into_iter().map(ContentBlock::text));
    result
}

impl Chunks {
    /// Returns the chunks as one text: texts one after the other, and other values as a JSON array.
    fn text(&self) -> String {
        let texts: Option<Vec<_>> = self.values.iter().map(Value::as_str).collect();
        match texts {
            Some(texts) => texts.concat(),
            None => results::text(&self.values.clone().into()),
        }
    }
}

impl Progress<'_> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a stream has fewer than 2^53 chunks"
    )]
    async fn report(&self, count: usize, text: String) {
        if let Some(token) = &self.token {
            let mut progress = ProgressNotificationParam::new(token.clone(), count as f64);
            progress.message = Some(text);
            // An agent that is gone ends the call.
            drop(self.agent.notify_progress(progress).await);
        }
    }
}
