//! The cost of each step of a call alone: one file each.
//!
//! `cargo bench -p devtools-runtime --bench micro`; a word after `--` chooses, as in `-- dispatch`. Times depend on the machine,
//! so they are compared with those of another commit, measured in turn. What a call costs altogether, beside a bare
//! WebSocket, is measured by `cargo bench -p bench-server`.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "criterion's macros make public functions without docs"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot run should say so"
)]

mod argument_hash;
mod broadcast;
mod dispatch;
mod envelope;
mod stream_chunk;
mod structured_clone;

use criterion::{criterion_group, criterion_main};
use tokio::runtime::Runtime;

/// A request as the JavaScript client writes it.
const REQUEST: &str =
    r#"{"m":"bench:ping","a":["A7TwOnz5JK"],"t":"q","i":"A7TwOnz5JK-gqrjnOf4WP"}"#;

/// The same in structured clone.
const REQUEST_CLONE: &str = r#"s:[[2,[[1,2],[3,4],[6,7],[8,9]]],[0,"m"],[0,"bench:ping"],[0,"a"],[1,[5]],[0,"A7TwOnz5JK"],[0,"t"],[0,"q"],[0,"i"],[0,"A7TwOnz5JK-gqrjnOf4WP"]]"#;

/// One thread, so that what is measured happens there.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

criterion_group!(
    benches,
    envelope::bench,
    dispatch::bench,
    structured_clone::bench,
    argument_hash::bench,
    broadcast::bench,
    stream_chunk::bench,
);
criterion_main!(benches);
