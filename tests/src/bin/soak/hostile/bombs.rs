//! Small frames that stand for much: records that hold another one twice, each.

use std::fmt::Write as _;

use crate::wire::{BoxError, Target};

/// How many frames are sent at once.
const FRAMES: usize = 20;

/// A request whose id is an array of two arrays of two arrays, and so on: 585 bytes.
fn id() -> String {
    let mut frame = r#"s:[[2,[[1,2],[3,4],[5,6],[7,8]]],[0,"m"],[0,"anonymous:nope"],[0,"a"],[1,[]],[0,"t"],[0,"q"],[0,"i"]"#.to_owned();
    doubled(&mut frame, 8);
    frame
}

/// A request whose name is such an array.
fn name() -> String {
    let mut frame = r#"s:[[2,[[1,8],[2,3],[4,5],[6,7]]],[0,"m"],[0,"a"],[1,[]],[0,"t"],[0,"q"],[0,"i"],[0,"x"]"#.to_owned();
    doubled(&mut frame, 8);
    frame
}

/// Records that begin at `first`: each holds the next one twice.
fn doubled(frame: &mut String, first: usize) {
    const LEVELS: usize = 40;
    for next in first + 1..=first + LEVELS {
        let _ = write!(frame, ",[1,[{next},{next}]]");
    }
    frame.push_str(",[0,1]]");
}

/// A request whose name is an array that holds a text of 10 KB a thousand times: 20 KB in all.
fn long_name() -> String {
    let text = "a".repeat(10_000);
    let texts = vec!["8"; 1_000].join(",");
    format!(
        r#"s:[[2,[[1,9],[2,3],[4,5],[6,7]]],[0,"m"],[0,"a"],[1,[]],[0,"t"],[0,"q"],[0,"i"],[0,"x"],[0,"{text}"],[1,[{texts}]]]"#
    )
}

pub(super) async fn as_ids(target: Target) -> Result<u64, BoxError> {
    send(&target, vec![id(); FRAMES]).await
}

pub(super) async fn as_names(target: Target) -> Result<u64, BoxError> {
    send(&target, vec![name(), long_name()]).await
}

async fn send(target: &Target, frames: Vec<String>) -> Result<u64, BoxError> {
    let mut wire = target.stranger().await?;
    let count = frames.len();
    for frame in frames {
        wire.send(frame).await?;
    }
    // Whatever becomes of them: behind them is a call that is answered.
    let introduction = serde_json::json!([{"authToken": "", "ua": "", "origin": ""}]);
    let last = crate::wire::request("anonymous:devframe:auth", &introduction, Some("last"));
    wire.send(last).await?;
    let answered = async {
        while !wire.next().await?.contains("\"last\"") {}
        Ok::<_, BoxError>(())
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), answered).await??;
    Ok(count as u64)
}
