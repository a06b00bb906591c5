//! The server: a process of its own, so that what it takes of memory and descriptors is its alone.

use std::process::ExitCode;
use std::sync::{Arc, Weak};
use std::time::Duration;

use devtools_runtime::state::{SharedState, StateOptions};
use devtools_runtime::streaming::{Channel, ChannelOptions};
use devtools_runtime::{
    DevTools, DevToolsContext, DevToolsPlugin, Gate, PluginState, Server, SetupError, rpc_function,
};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;
use tokio::sync::watch;

use crate::clock::now;

/// The argument that makes the program the server.
pub(crate) const ARGUMENT: &str = "serve";

/// The token of those who are trusted.
pub(crate) const TOKEN: &str = "a-token-of-the-soak";

/// The channel of `Ticks`.
pub(crate) const TICKS: &str = "soak:ticks";

/// The channel of `Busy`.
pub(crate) const BUSY: &str = "soak:busy";

/// The states that good clients change: the first is told as a whole, the second as patches.
pub(crate) const COUNTERS: [&str; 2] = ["soak:whole", "soak:patched"];

/// The state that hostile clients change: a large array.
pub(crate) const ARRAY: &str = "soak:array";

/// How many elements [`ARRAY`] has.
pub(crate) const ELEMENTS: u32 = 200_000;

/// How many chunks a stream of [`TICKS`] has.
pub(crate) const TICKS_OF_STREAM: u64 = 200;

const BETWEEN_TICKS: Duration = Duration::from_millis(5);

/// How long a stream of [`BUSY`] goes on, whoever reads it.
pub(crate) const BUSY_FOR: Duration = Duration::from_secs(2);

/// Something that was made at a known time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stamped {
    /// Counted from 1.
    pub(crate) number: u64,
    /// See [`now`].
    pub(crate) at: u64,
    /// Text that makes the module as large as modules are.
    pub(crate) text: String,
}

impl Stamped {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            at: now(),
            text: format!("chunk {number} of a stream, with some text in it"),
        }
    }
}

/// The state of the functions.
#[derive(PluginState)]
pub(crate) struct Soak {
    ticks: Channel<Stamped>,
    busy: Channel<String>,
    counters: [SharedState<Stamped>; 2],
    /// Kept, and changed by hostile clients alone.
    _array: SharedState<Vec<u32>>,
    terminal: Terminal,
}

/// The figures that are shown to whoever runs the server.
#[derive(Debug, Clone)]
struct Terminal {
    /// The latest code that was shown.
    code: watch::Receiver<Option<String>>,
    /// Knows the link that signs in.
    server: watch::Receiver<Weak<Server>>,
}

/// Adds two numbers.
#[rpc_function(name = "soak:add")]
pub(crate) fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// Repeats a text, after a moment.
#[rpc_function(name = "soak:repeat", kind = "action")]
pub(crate) async fn repeat(text: String, times: usize, pause_ms: u64) -> String {
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    text.repeat(times.min(1 << 20))
}

/// Begins a stream of [`TICKS`], and gives its id.
#[rpc_function(name = "soak:tick", kind = "action")]
pub(crate) fn tick(soak: &Soak) -> String {
    let ticks = stream::unfold(1, |number| async move {
        tokio::time::sleep(BETWEEN_TICKS).await;
        (number <= TICKS_OF_STREAM).then(|| (Stamped::new(number), number + 1))
    });
    soak.ticks.pipe_from(ticks)
}

/// Begins streams that have a chunk whenever one is read, and gives their ids.
#[rpc_function(name = "soak:be-busy", kind = "action")]
pub(crate) fn be_busy(soak: &Soak, streams: usize) -> Vec<String> {
    let begin = |_| soak.busy.pipe_from(busy());
    (0..streams.min(64)).map(begin).collect()
}

fn busy() -> impl Stream<Item = String> + Send + 'static {
    let end = tokio::time::Instant::now() + BUSY_FOR;
    stream::unfold(0_u64, move |number| async move {
        if number % 64 == 0 {
            // Before there is a subscriber nothing makes a stream wait.
            tokio::task::yield_now().await;
        }
        let chunk = format!("chunk {number} of a stream that always has one more");
        (tokio::time::Instant::now() < end).then_some((chunk, number + 1))
    })
}

/// Returns the server's value of the counter.
#[rpc_function(name = "soak:counter")]
pub(crate) fn counter(soak: &Soak, index: usize) -> Option<Stamped> {
    let counter = soak.counters.get(index)?;
    Some(Stamped::clone(&counter.value()))
}

/// The latest code that was shown.
#[rpc_function(name = "soak:code", kind = "action")]
pub(crate) fn code(soak: &Soak) -> Option<String> {
    soak.terminal.code.borrow().clone()
}

/// Returns the secret of the link that signs in.
#[rpc_function(name = "soak:link", kind = "action")]
pub(crate) fn link(soak: &Soak) -> Option<String> {
    let url = soak.terminal.server.borrow().upgrade()?.sign_in_url("/");
    let (_, link) = url.split_once("#devframe_otp=")?;
    Some(link.to_owned())
}

struct Plugin(Terminal);

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "soak"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let (streaming, states) = (ctx.rpc().streaming(), ctx.rpc().shared_states());
        let patches = StateOptions::new().patches();
        let replayed = ChannelOptions::new().replay(512);
        ctx.insert_state(Soak {
            ticks: streaming.create(TICKS, replayed)?,
            busy: streaming.create(BUSY, ChannelOptions::new())?,
            counters: [
                ctx.rpc().shared_state(COUNTERS[0], Stamped::new(0))?,
                states.create(COUNTERS[1], Stamped::new(0), patches)?,
            ],
            _array: states.create(ARRAY, (0..ELEMENTS).collect(), patches)?,
            terminal: self.0.clone(),
        })?;
        Ok(())
    }
}

/// Serves until standard input ends, so that nothing is left when the soak itself is ended.
#[tokio::main]
pub(crate) async fn run() -> ExitCode {
    let (shows, code) = watch::channel(None);
    let (is_served_by, server) = watch::channel(Weak::new());
    let gate = Gate::new().memory().token(TOKEN);
    let gate = gate.on_code(move |code| drop(shows.send_replace(Some(code.code().to_owned()))));
    let server = DevTools::builder()
        .auth(gate)
        .plugin(Plugin(Terminal { code, server }))
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let server = Arc::new(server);
    is_served_by.send_replace(Arc::downgrade(&server));
    println!("{}", server.url());
    let mut nothing = [0];
    while matches!(tokio::io::stdin().read(&mut nothing).await, Ok(1..)) {}
    // Nobody else has it: all have gone.
    match Arc::into_inner(server) {
        Some(server) => server.shutdown().await,
        None => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}
