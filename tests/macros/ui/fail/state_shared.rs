//! State is shared by calls that run on many threads.

use std::cell::Cell;

use devtools_runtime::PluginState;

#[derive(PluginState)]
struct Hits(Cell<u64>);

fn main() {
    drop(Hits(Cell::new(1)));
}
