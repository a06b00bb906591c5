//! The server of the tests, which shares two boards, and clients of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use devtools_runtime::client::Backoff;
use devtools_runtime::state::{MutateError, SharedState, StateOptions};
use devtools_runtime::{
    DevToolsBuilder, DevToolsContext, DevToolsPlugin, DevToolsRpcClient, PluginState, Server,
    SetupError, rpc_function,
};
use serde::{Deserialize, Serialize};
use tests::fixture;
use tests::wait::in_time;
use tokio::sync::watch;

pub const SOON: Backoff = Backoff::new()
    .first(Duration::from_millis(5))
    .longest(Duration::from_millis(20));

/// The value that the server shares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    pub count: i64,
    #[serde(default)]
    pub items: Vec<String>,
    #[serde(default)]
    pub by: BTreeMap<String, u32>,
}

#[derive(PluginState)]
pub struct Boards {
    pub whole: SharedState<Board>,
    pub patched: SharedState<Board>,
    /// Whether the Rust clients have made their changes.
    pub done: watch::Sender<bool>,
}

pub struct Sharing;

impl DevToolsPlugin for Sharing {
    fn name(&self) -> &'static str {
        "state"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let states = ctx.rpc().shared_states();
        let patches = StateOptions::new().patches();
        ctx.insert_state(Boards {
            whole: ctx.rpc().shared_state("state:board", Board::default())?,
            patched: states.create("state:patched", Board::default(), patches)?,
            done: watch::Sender::new(false),
        })?;
        Ok(())
    }
}

/// Changes both boards.
#[rpc_function(name = "state:add", kind = "action")]
pub fn add(boards: &Boards, item: String) -> Result<(), MutateError> {
    for board in [&boards.whole, &boards.patched] {
        board.mutate(|board| {
            board.count += 1;
            board.items.push(item.clone());
        })?;
    }
    Ok(())
}

/// Takes the first item off the second board.
#[rpc_function(name = "state:shift", kind = "action")]
fn shift(boards: &Boards) -> Result<(), MutateError> {
    boards.patched.mutate(|board| drop(board.items.remove(0)))
}

/// The value as the program itself has it.
#[rpc_function(name = "state:board", as = GetBoard)]
pub fn board(boards: &Boards) -> Board {
    Board::clone(&boards.whole.value())
}

/// Waits until the Rust clients have made their changes.
#[rpc_function(name = "state:wait", kind = "action")]
async fn wait(boards: &Boards) {
    let mut done = boards.done.subscribe();
    done.wait_for(|done| *done).await.unwrap();
}

pub fn devtools() -> DevToolsBuilder {
    fixture::devtools().plugin(Sharing)
}

pub async fn serve() -> Server {
    devtools().bind("127.0.0.1:0").await.unwrap()
}

pub async fn connect(server: &Server) -> DevToolsRpcClient {
    let builder = DevToolsRpcClient::builder(&server.url()).reconnect(SOON);
    builder.connect().await.unwrap()
}

/// Waits until the value is as wanted, and returns it.
#[track_caller]
pub fn until<T: 'static>(
    state: &SharedState<T>,
    wanted: impl Fn(&T) -> bool,
) -> impl Future<Output = Arc<T>> {
    let mut values = state.subscribe();
    in_time(async move {
        let found = values.wait_for(|value| wanted(value)).await;
        Arc::clone(&found.unwrap())
    })
}

pub fn board_of(server: &Server) -> SharedState<Board> {
    let states = server.devtools().context().rpc().shared_states();
    states.get("state:board").unwrap().unwrap()
}
