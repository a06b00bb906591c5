//! POSTs of which the rest does not come.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::wire::{BoxError, Target};

const POSTS: usize = 8;

const BYTES: usize = 1 << 20;

pub(super) async fn half_open(target: Target) -> Result<u64, BoxError> {
    let host = target.address;
    let mut events = BufReader::new(target.connect().await?);
    let open = format!("GET /__devtools/__sse HTTP/1.1\r\nhost: {host}\r\n\r\n");
    events.write_all(open.as_bytes()).await?;
    let id = tokio::time::timeout(Duration::from_secs(30), session(&mut events)).await??;
    let head = format!(
        "POST /__devtools/__sse HTTP/1.1\r\nhost: {host}\r\nx-birpc-session: {id}\r\ncontent-length: {BYTES}\r\n\r\n"
    );
    let mut posts = Vec::new();
    for _ in 0..POSTS {
        let mut post = target.connect().await?;
        post.write_all(head.as_bytes()).await?;
        post.write_all(&vec![b' '; BYTES / 2]).await?;
        posts.push(post);
    }
    target.hold().await;
    Ok(posts.len() as u64)
}

/// The id in the first event.
async fn session(events: &mut BufReader<tokio::net::TcpStream>) -> Result<String, BoxError> {
    let mut line = String::new();
    while events.read_line(&mut line).await? > 0 {
        if let Some(id) = line.strip_prefix("data:") {
            return Ok(id.trim().to_owned());
        }
        line.clear();
    }
    Err("no session".into())
}
