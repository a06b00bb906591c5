//! Shared state between a server and its clients: the real JavaScript one, and those written in Rust.

mod in_step;
mod scripted;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::client::{Backoff, ClientTransport, ConnectionStatus};
use devtools_runtime::state::{MutateError, SharedState, SharedStateError, StateOptions};
use devtools_runtime::{
    CallError, DevToolsBuilder, DevToolsContext, DevToolsPlugin, DevToolsRpcClient, Limits,
    PluginState, Server, SetupError, js, rpc_function,
};
use serde::{Deserialize, Serialize};
use tests::wait::{eventually, in_time};
use tests::wire::Wire;
use tests::{fixture, node};
use tokio::sync::watch;

const SOON: Backoff = Backoff::new()
    .first(Duration::from_millis(5))
    .longest(Duration::from_millis(20));

/// The value that the server shares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Board {
    count: i64,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    by: BTreeMap<String, u32>,
}

#[derive(PluginState)]
struct Boards {
    whole: SharedState<Board>,
    patched: SharedState<Board>,
    /// Whether the Rust clients have made their changes.
    done: watch::Sender<bool>,
}

struct Sharing;

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
fn add(boards: &Boards, item: String) -> Result<(), MutateError> {
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
fn board(boards: &Boards) -> Board {
    Board::clone(&boards.whole.value())
}

/// Waits until the Rust clients have made their changes.
#[rpc_function(name = "state:wait", kind = "action")]
async fn wait(boards: &Boards) {
    let mut done = boards.done.subscribe();
    done.wait_for(|done| *done).await.unwrap();
}

fn devtools() -> DevToolsBuilder {
    fixture::devtools().plugin(Sharing)
}

async fn serve() -> Server {
    devtools().bind("127.0.0.1:0").await.unwrap()
}

async fn connect(server: &Server) -> DevToolsRpcClient {
    let builder = DevToolsRpcClient::builder(&server.url()).reconnect(SOON);
    builder.connect().await.unwrap()
}

/// Waits until the value is as wanted, and returns it.
#[track_caller]
fn until<T: 'static>(
    state: &SharedState<T>,
    wanted: impl Fn(&T) -> bool,
) -> impl Future<Output = Arc<T>> {
    let mut values = state.subscribe();
    in_time(async move {
        let found = values.wait_for(|value| wanted(value)).await;
        Arc::clone(&found.unwrap())
    })
}

fn board_of(server: &Server) -> SharedState<Board> {
    let states = server.devtools().context().rpc().shared_states();
    states.get("state:board").unwrap().unwrap()
}

// ---- JavaScript ---------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_shares_state_with_the_rust_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = devtools().storage(folder.path());
    let server = server.bind("127.0.0.1:0").await.unwrap();
    node::run("state-client.mjs", &[&server.url()]).await;
    // The client has created a key of its own, and has changed a setting.
    let states = server.devtools().context().rpc().shared_states();
    let made = states.get::<Board>("state:made").unwrap().unwrap();
    assert_eq!(made.value().count, 7);
    server.shutdown().await;
    drop(made);
    let stored = folder.path().join("project/settings/state.json");
    assert_eq!(
        std::fs::read_to_string(stored).unwrap(),
        "{\n  \"theme\": \"dark\"\n}\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_change_at_once_end_with_the_same() {
    let server = serve().await;
    let program = tokio::spawn({
        let url = server.url();
        async move { node::run("state-converge.mjs", &[&url]).await }
    });
    let clients = [connect(&server).await, connect(&server).await];
    let mut boards = Vec::new();
    for client in &clients {
        boards.push(client.shared_state::<Board>("state:board").await.unwrap());
    }
    // Until the program has begun, or has found no Node.
    let ours = board_of(&server);
    let mut values = ours.subscribe();
    let begun = values.wait_for(|board| board.by.contains_key("js"));
    let has_begun = in_time(async {
        let mut program = program;
        tokio::select! {
            begun = begun => { drop(begun); Some(program) }
            ended = &mut program => { ended.unwrap(); None }
        }
    })
    .await;
    for round in 0..100 {
        for (index, board) in boards.iter().enumerate() {
            let change = |board: &mut Board| {
                *board.by.entry(format!("rust-{index}")).or_default() += 1;
                board.items = vec![format!("rust-{index}-{round}")];
            };
            board.mutate(change).unwrap();
        }
        tokio::task::yield_now().await;
    }
    // A call of a client comes after the changes that the client sent before it.
    for client in &clients {
        GetBoard::call(client).await.unwrap();
    }
    server
        .devtools()
        .context()
        .state::<Boards>()
        .unwrap()
        .done
        .send_replace(true);
    if let Some(program) = has_begun {
        in_time(program).await.unwrap();
    }
    for board in &boards {
        // The last change is the same for all.
        eventually(|| *board.value() == *ours.value()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_shares_state_with_a_javascript_server() {
    let Some(server) = node::serve("devframe-server.mjs").await else {
        return;
    };
    let [one, other] = [
        DevToolsRpcClient::connect(&server.url).await.unwrap(),
        DevToolsRpcClient::connect(&server.url).await.unwrap(),
    ];
    let mine = one.shared_state::<Board>("e2e:state").await.unwrap();
    let theirs = other.shared_state::<Board>("e2e:state").await.unwrap();
    assert_eq!(mine.value().count, 1);
    mine.mutate(|board| board.count = 5).unwrap();
    until(&theirs, |board| board.count == 5).await;
    theirs.mutate(|board| board.items.push("x".into())).unwrap();
    until(&mine, |board| board.items == ["x"]).await;

    let patched = one.shared_state::<Board>("e2e:patched").await.unwrap();
    for wanted in [vec!["a"], vec!["a", "b"], vec!["b"]] {
        () = one.call_dynamic("e2e:patch", (&wanted,)).await.unwrap();
        until(&patched, |board| board.items == wanted).await;
    }
    let error = one.shared_state::<Board>("e2e:nothing").await.unwrap_err();
    assert!(matches!(error, SharedStateError::Missing(_)), "{error:?}");
}

// ---- the server's side --------------------------------------------------------------------------

#[tokio::test]
async fn a_key_has_one_type_and_one_value() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let first = rpc.shared_state("state:x", 1_u32).unwrap();
    let second = rpc.shared_state("state:x", 2_u32).unwrap();
    second.mutate(|value| *value += 10).unwrap();
    assert_eq!(*first.value(), 11);
    let error = rpc.shared_state("state:x", String::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the shared state `state:x` has the type `u32`, not `alloc::string::String`"
    );
    let keys = [
        "devframe:services",
        "state:board",
        "state:patched",
        "state:x",
    ];
    let states = rpc.shared_states();
    assert!(
        states
            .keys()
            .iter()
            .filter(|key| !key.starts_with("devframe:"))
            .eq(&keys[1..])
    );
    assert!(states.keys().contains(&keys[0].to_owned()));

    let added = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&added);
    states.on_key_added(move |key| hears.lock().unwrap().push(key.to_owned()));
    rpc.shared_state("state:y", ()).unwrap();
    rpc.shared_state("state:y", ()).unwrap();
    assert_eq!(*added.lock().unwrap(), ["state:y"]);
    assert!(states.delete("state:y") && !states.delete("state:y"));
    assert!(states.get::<()>("state:y").unwrap().is_none());
}

#[tokio::test]
async fn a_change_that_panics_or_cannot_be_written_changes_nothing() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let state = rpc.shared_state("state:x", vec![1]).unwrap();
    let panicked = std::thread::spawn({
        let state = state.clone();
        move || {
            let change = |value: &mut Vec<i32>| {
                value.push(2);
                panic!("in the middle of it");
            };
            state.mutate(change)
        }
    });
    assert!(panicked.join().is_err());
    assert_eq!(*state.value(), [1]);
    state.mutate(|value| value.push(3)).unwrap();
    assert_eq!(*state.value(), [1, 3]);

    let map = rpc
        .shared_state("state:map", BTreeMap::<Vec<u8>, u8>::new())
        .unwrap();
    let error = map.mutate(|map| map.insert(vec![1], 1)).unwrap_err();
    assert!(matches!(error, MutateError::Encode { .. }), "{error:?}");
    assert!(map.value().is_empty());
}

/// A connection that says what it likes.
struct Raw {
    wire: Wire,
    calls: u32,
}

impl Raw {
    async fn connect(server: &Server) -> Self {
        let wire = Wire::open(server).await;
        Self { wire, calls: 0 }
    }

    async fn event(&mut self, method: &str, arguments: serde_json::Value) {
        let frame = serde_json::json!({"m": method, "a": arguments, "t": "q"});
        self.wire.send(&frame.to_string()).await;
    }

    /// The frames up to the reply of a call, and the reply.
    async fn call(&mut self, method: &str, arguments: serde_json::Value) -> (Vec<String>, String) {
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
}

const SUBSCRIBE: &str = "devframe:rpc:server-state:subscribe";
const GET: &str = "devframe:rpc:server-state:get";
const SET: &str = "devframe:rpc:server-state:set";
const PATCH: &str = "devframe:rpc:server-state:patch";

#[tokio::test]
async fn echoes_are_ignored_and_every_change_is_told_once() {
    let server = serve().await;
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    let value = serde_json::json!({"count": 3});
    for syncs in [["a", "a"], ["a", "b"]] {
        for sync in syncs {
            raw.event(SET, serde_json::json!(["state:board", value, sync]))
                .await;
        }
    }
    let (told, _) = raw.call("state:board", serde_json::json!([])).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains(r#""a"]"#) && told[1].contains(r#""b"]"#),
        "{told:?}"
    );

    // The same value again, by the program: nobody is told.
    let board = board_of(&server);
    board.mutate(|board| board.count = 3).unwrap();
    board.mutate(|board| board.count = 4).unwrap();
    let (told, _) = raw.call("state:board", serde_json::json!([])).await;
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_set_right() {
    let server = serve().await;
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    let wrong = serde_json::json!(["state:board", {"count": "three"}, "x"]);
    let (told, reply) = raw.call(SET, wrong.clone()).await;
    assert!(
        reply.contains("argument 2 (`value`)") && reply.contains("expected i64"),
        "{reply}"
    );
    assert!(
        told[0].contains("client-state:updated") && !told[0].contains("three"),
        "{told:?}"
    );
    raw.event(SET, wrong).await;
    let wrong = serde_json::json!(["state:board", [{"op": "add", "path": ["count", "x"], "value": 1}], "y"]);
    let (told, reply) = raw.call(PATCH, wrong).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        reply.contains("the patches cannot be applied: at /count/x"),
        "{reply}"
    );
    let wrong = serde_json::json!(["state:board", [{"op": "remove", "path": ["count"]}], "z"]);
    let (_, reply) = raw.call(PATCH, wrong).await;
    assert!(reply.contains("missing field `count`"), "{reply}");
    assert_eq!(*board_of(&server).value(), Board::default());

    // The Rust client takes its own change back.
    let rpc = connect(&server).await;
    let any = rpc.shared_state::<js::Value>("state:board").await.unwrap();
    any.set(js::Value::Null).unwrap();
    until(&any, |value| value.get("count") == Some(&0.into())).await;
}

#[tokio::test]
async fn clients_stay_within_the_limits() {
    let limits = Limits::new()
        .states(10)
        .state_bytes(1_000)
        .state_subscriptions(3);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let mut raw = Raw::connect(&server).await;
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let states = server.devtools().context().rpc().shared_states();
    let there = states.keys().len();
    for number in 0..10 {
        let (_, reply) = raw
            .call(
                SET,
                json(&format!(r#"["made:{number}", {number}, "{number}"]"#)),
            )
            .await;
        assert!(!reply.contains("Error"), "{reply}");
    }
    let (_, reply) = raw.call(SET, json(r#"["made:more", 1, "x"]"#)).await;
    assert!(
        reply.contains("clients already have 10 shared states of this kind, which is the limit"),
        "{reply}"
    );

    let long = "x".repeat(2_000);
    let large = serde_json::json!(["made:9", long, "y"]);
    let (_, reply) = raw.call(SET, large).await;
    assert!(
        reply.contains("over the limit `state_bytes` of 1000"),
        "{reply}"
    );
    for arguments in [
        serde_json::json!([long, 1, "z"]),
        serde_json::json!(["made:9", 1, long]),
    ] {
        let (_, reply) = raw.call(SET, arguments).await;
        assert!(reply.contains("is longer than"), "{reply}");
    }
    assert_eq!(states.keys().len(), there + 10);
    for key in ["a", "b", "c", "a"] {
        let (_, reply) = raw.call(SUBSCRIBE, json(&format!(r#"["{key}"]"#))).await;
        assert!(!reply.contains("Error"), "{key}: {reply}");
    }
    let (_, reply) = raw.call(SUBSCRIBE, json(r#"["d"]"#)).await;
    assert!(
        reply.contains("already subscribed to 3 shared states"),
        "{reply}"
    );
}

#[tokio::test]
async fn the_states_of_one_session_leave_room_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::new().states(4).settings(2).session_states(3);
    let devtools = devtools().limits(limits).storage(folder.path());
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let rpc = server.devtools().context().rpc();
    let named = |key: &str| serde_json::json!([key, {"of": key}, key]);
    let setting = |name: &str| format!("devframe:settings:project:{name}");
    let there = |key: &str| rpc.shared_states().keys().contains(&key.to_owned());

    // One session has its share, and no more.
    let mut greedy = Raw::connect(&server).await;
    for key in ["made:a", "made:b", &setting("a")] {
        let (_, reply) = greedy.call(SET, named(key)).await;
        assert!(!reply.contains("Error"), "{reply}");
    }
    for key in ["made:c", &setting("b")] {
        let (_, reply) = greedy.call(SET, named(key)).await;
        let refused =
            "the session has already created or opened 3 shared states, the limit `session_states`";
        assert!(reply.contains(refused), "{reply}");
    }
    let interface = serde_json::json!(["devframe:user-settings"]);
    let (_, reply) = greedy.call(GET, interface).await;
    assert!(reply.contains("docksHidden"), "{reply}");

    // Others have theirs, until all places are taken by those who are connected.
    let mut other = Raw::connect(&server).await;
    for key in ["made:c", "made:d", &setting("b")] {
        let (_, reply) = other.call(SET, named(key)).await;
        assert!(!reply.contains("Error"), "{reply}");
    }
    let mut third = Raw::connect(&server).await;
    let (_, reply) = third.call(SET, named("made:e")).await;
    assert!(
        reply.contains("clients already have 4 shared states"),
        "{reply}"
    );
    // The program is bounded by nothing.
    assert_eq!(*rpc.shared_state("state:own", 7).unwrap().value(), 7);

    // A setting to which nobody subscribes is stored, and gives way.
    let get = |name: &str| serde_json::json!([setting(name)]);
    third.call(SUBSCRIBE, get("b")).await;
    let (_, reply) = third.call(GET, get("c")).await;
    assert!(reply.contains("[2,[]]"), "{reply}");
    assert!(!there(&setting("a")) && there(&setting("b")));
    third.call(SUBSCRIBE, get("c")).await;
    let (_, reply) = third.call(GET, get("a")).await;
    assert!(
        reply.contains("clients already have 2 shared states"),
        "{reply}"
    );
    drop(third);
    let mut last = Raw::connect(&server).await;
    in_time(async {
        loop {
            let (_, reply) = last.call(GET, get("a")).await;
            if reply.contains("devframe:settings:project:a") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;

    // So does a state whose client has left, the oldest first.
    drop(greedy);
    let mut fourth = Raw::connect(&server).await;
    in_time(async {
        while fourth.call(SET, named("made:e")).await.1.contains("Error") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let made = ["made:a", "made:b", "made:c", "made:d", "made:e"];
    assert_eq!(made.map(there), [false, true, true, true, true]);
}

#[tokio::test]
async fn clients_only_read_what_is_read_only() {
    let server = serve().await;
    let context = server.devtools().context();
    let states = context.rpc().shared_states();
    let read_only = StateOptions::new().read_only();
    let state = states.create("state:read", 1, read_only).unwrap();
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:read"]))
        .await;
    let root = serde_json::json!([{"op": "replace", "path": [], "value": 2}]);
    for (method, change) in [(SET, 2.into()), (PATCH, root)] {
        let arguments = serde_json::json!(["state:read", change, method]);
        let (told, reply) = raw.call(method, arguments).await;
        let refused = "the shared state `state:read` is read-only for clients";
        assert!(reply.contains(refused), "{reply}");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("client-state:updated"), "{told:?}");
        assert!(told[0].contains("[0,1]"), "{told:?}");
    }
    // A client may say what is the case.
    let same = serde_json::json!(["state:read", 1, "same"]);
    let (told, reply) = raw.call(SET, same).await;
    assert!(told.is_empty() && !reply.contains("Error"), "{reply}");
    let rpc = connect(&server).await;
    let theirs = rpc.shared_state::<i32>("state:read").await.unwrap();
    theirs.set(5).unwrap();
    until(&theirs, |value| *value == 1).await;
    state.set(3).unwrap();
    until(&theirs, |value| *value == 3).await;

    // A value that a client has given to the key before does not count.
    let (_, reply) = raw
        .call(SET, serde_json::json!(["state:late", 5, "x"]))
        .await;
    assert!(!reply.contains("Error"), "{reply}");
    let late = states.create("state:late", js::Value::Null, read_only);
    assert_eq!(*late.unwrap().value(), js::Value::Null);
    let (_, reply) = raw
        .call(SET, serde_json::json!(["state:late", 5, "y"]))
        .await;
    assert!(reply.contains("read-only"), "{reply}");

    // Nobody has a state of the runtime's, whether it is there or not.
    for key in [
        "devframe:docks",
        "devframe:docks:active",
        "devframe:dock-renderers",
        "devframe:commands",
        "devframe:services",
    ] {
        let (_, reply) = raw.call(SET, serde_json::json!([key, ["x"], key])).await;
        assert!(reply.contains("read-only"), "{key}: {reply}");
    }
}

#[tokio::test]
async fn what_get_returned_does_not_undo_what_came_after_it() {
    let server = serve().await;
    let any = |text: &str| -> js::Value {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(json).unwrap()
    };
    let states = server.devtools().context().rpc().shared_states();
    let key = "state:any";
    let options = StateOptions::new();
    let state = states.create(key, any(r#"{"a":{"x":1,"y":[2]},"n":0}"#), options);
    let state = state.unwrap();
    let changed = any(r#"{"a":{"x":1,"y":[2]},"n":1}"#);
    // As JavaScript writes it: completed from an initial value, with the properties in another order.
    let first = || serde_json::json!({"n": 0, "a": {"y": [2], "x": 1}});
    let set = |value: serde_json::Value, id: &str| serde_json::json!([key, value, id]);

    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!([key])).await;
    raw.call(GET, serde_json::json!([key])).await;
    state.set(changed.clone()).unwrap();
    let (told, reply) = raw.call(SET, set(first(), "echo")).await;
    assert!(!reply.contains("Error"), "{reply}");
    assert_eq!(*state.value(), changed);
    // The change, and the value again for a client that does not wait for it.
    assert_eq!(told.len(), 2, "{told:?}");
    // Once: the second time the client means it.
    raw.call(SET, set(first(), "meant")).await;
    assert_eq!(state.value().get("n"), Some(&0.into()));

    // A client that has seen the change means what it says.
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!([key])).await;
    raw.call(GET, serde_json::json!([key])).await;
    state.set(changed.clone()).unwrap();
    let (told, _) = raw.call(GET, serde_json::json!(["state:nothing"])).await;
    let seen = told[0].rsplit_once('-').map(|(before, _)| before).unwrap();
    let prefix = seen.rsplit('"').next().unwrap();
    let number: String = told[0][seen.len() + 1..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let id = format!("{prefix}-{number}");
    raw.call(SET, set(serde_json::json!({"n": 1}), &id)).await;
    assert_eq!(*state.value(), changed);
    raw.call(SET, set(first(), "back")).await;
    assert_eq!(state.value().get("n"), Some(&0.into()));

    // So does one that keeps to the order of the server.
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!([key])).await;
    raw.call(GET, serde_json::json!([key])).await;
    state.set(changed.clone()).unwrap();
    raw.call(SET, set(first(), "~1")).await;
    assert_eq!(state.value().get("n"), Some(&0.into()));
}

#[tokio::test]
async fn what_a_client_has_made_gets_the_type_of_the_program() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let client = connect(&server).await;
    for (key, value) in [("made:fits", "7"), ("made:misfits", "seven")] {
        let value: serde_json::Value = serde_json::from_str(value).unwrap_or(value.into());
        let made = client
            .shared_state_or(key, serde_json::Value::Null)
            .await
            .unwrap();
        made.set(value).unwrap();
        eventually(|| rpc.shared_states().keys().contains(&key.to_owned())).await;
    }
    assert_eq!(*rpc.shared_state("made:fits", 0_u8).unwrap().value(), 7);
    let misfit = rpc.shared_states().get::<u8>("made:misfits").unwrap_err();
    assert!(
        matches!(misfit, SharedStateError::OtherType { .. }),
        "{misfit:?}"
    );
    let state = rpc.shared_state("made:misfits", 3_u8).unwrap();
    assert_eq!(*state.value(), 3);
    // The client is told, and what it changes must fit from now on.
    let theirs = client
        .shared_state::<serde_json::Value>("made:misfits")
        .await
        .unwrap();
    until(&theirs, |value| *value == 3).await;
    theirs.set("four".into()).unwrap();
    until(&theirs, |value| *value == 3).await;
    theirs.set(4.into()).unwrap();
    until(&state, |value| *value == 4).await;
}

#[tokio::test]
async fn whoever_is_not_trusted_sees_nothing() {
    let gate = devtools_runtime::Gate::new().memory().token("secret");
    let server = devtools().auth(gate).bind("127.0.0.1:0").await.unwrap();
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    raw.event(SET, serde_json::json!(["state:board", {"count": 1}, "x"]))
        .await;
    let (told, reply) = raw.call(GET, serde_json::json!(["state:board"])).await;
    assert!(
        told.is_empty() && reply.contains("not authorized"),
        "{reply}"
    );
    board_of(&server).mutate(|board| board.count = 9).unwrap();

    let builder = DevToolsRpcClient::builder(&server.url()).without_reconnect();
    let rpc = builder.token("secret").connect().await.unwrap();
    let board = rpc.shared_state::<Board>("state:board").await.unwrap();
    assert_eq!(board.value().count, 9);
    let (told, _) = raw.call(GET, serde_json::json!(["state:board"])).await;
    assert!(told.is_empty(), "{told:?}");
}

// ---- the client's side --------------------------------------------------------------------------

#[tokio::test]
async fn a_state_that_was_missing_may_be_there_the_next_time() {
    let server = serve().await;
    let rpc = connect(&server).await;
    for _ in 0..10 {
        let missing = in_time(rpc.shared_state::<u8>("state:late")).await;
        assert!(matches!(missing, Err(SharedStateError::Missing(_))));
    }
    let context = server.devtools().context();
    context.rpc().shared_state("state:late", 5_u8).unwrap();
    let late = in_time(rpc.shared_state::<u8>("state:late")).await;
    assert_eq!(*late.unwrap().value(), 5);
}

#[tokio::test]
async fn an_initial_value_is_completed_by_the_servers() {
    let server = serve().await;
    let rpc = connect(&server).await;
    let initial = serde_json::json!({"count": 100, "local": true});
    let state = rpc.shared_state_or("state:board", initial).await.unwrap();
    let merged = until(&state, |value| value["count"] == 0).await;
    assert_eq!(merged["local"], true);
    board_of(&server).mutate(|board| board.count = 1).unwrap();
    let merged = until(&state, |value| value["count"] == 1).await;
    assert_eq!(merged["local"], true);

    // One that the server does not have yet becomes one of its own when it is changed.
    let state = rpc.shared_state_or("state:new", 1).await.unwrap();
    state.mutate(|value| *value += 1).unwrap();
    let other = connect(&server).await;
    let states = server.devtools().context().rpc().shared_states();
    eventually(|| states.get::<js::Value>("state:new").unwrap().is_some()).await;
    let theirs = other.shared_state::<i32>("state:new").await.unwrap();
    assert_eq!(*theirs.value(), 2);
    let error = other.shared_state::<String>("state:new").await.unwrap_err();
    assert!(
        matches!(error, SharedStateError::OtherType { .. }),
        "{error:?}"
    );
    let error = rpc.shared_state::<String>("state:board").await.unwrap_err();
    assert!(
        matches!(error, SharedStateError::OtherType { .. }),
        "{error:?}"
    );
    let error = other
        .shared_state::<String>("state:board")
        .await
        .unwrap_err();
    assert!(matches!(error, SharedStateError::Call { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_never_goes_backwards() {
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let server = serve().await;
        let builder = DevToolsRpcClient::builder(&server.url());
        let rpc = builder
            .reconnect(SOON)
            .transport(transport)
            .connect()
            .await
            .unwrap();
        for key in ["state:board", "state:patched"] {
            let state = rpc.shared_state::<Board>(key).await.unwrap();
            let mut values = state.subscribe();
            let stop = Arc::new(AtomicBool::new(false));
            let counting = tokio::spawn({
                let states = server.devtools().context().rpc().shared_states();
                let ours = states.get::<Board>(key).unwrap().unwrap();
                let stop = Arc::clone(&stop);
                async move {
                    while !stop.load(Ordering::Relaxed) {
                        ours.mutate(|board| board.count += 1).unwrap();
                        tokio::time::sleep(Duration::from_micros(100)).await;
                    }
                    ours.value().count
                }
            });
            let mut last = 0;
            for _ in 0..20 {
                let killed_at = last;
                for session in server.devtools().context().rpc().sessions() {
                    session.close("killed");
                }
                while last <= killed_at + 10 {
                    in_time(values.changed()).await.unwrap();
                    let count = values.borrow_and_update().count;
                    assert!(count >= last, "{count} after {last}");
                    last = count;
                }
            }
            stop.store(true, Ordering::Relaxed);
            let end = counting.await.unwrap();
            until(&state, |board| board.count == end).await;
        }
        rpc.close();
        server.shutdown().await;
    }
}

async fn status(rpc: &DevToolsRpcClient, wanted: impl Fn(ConnectionStatus) -> bool) {
    let mut status = rpc.status();
    let reached = in_time(status.wait_for(|status| wanted(*status))).await;
    drop(reached.unwrap());
}

#[tokio::test]
async fn a_change_without_a_connection_is_made_up_for() {
    let server = serve().await;
    let address: SocketAddr = server.local_addr();
    let rpc = connect(&server).await;
    let board = rpc.shared_state::<Board>("state:board").await.unwrap();
    server.shutdown().await;
    status(&rpc, |status| status != ConnectionStatus::Connected).await;
    board.mutate(|board| board.count = 5).unwrap();
    assert_eq!(board.value().count, 5);

    // Nobody has changed it meanwhile.
    let server = devtools().bind(address).await.unwrap();
    until(&board_of(&server), |board| board.count == 5).await;
    // The client sends its own change before it asks for the value.
    status(&rpc, |status| status == ConnectionStatus::Connected).await;
    until(&board, |board| board.count == 5).await;
    server.shutdown().await;
    status(&rpc, |status| status != ConnectionStatus::Connected).await;
    board.mutate(|board| board.count = 6).unwrap();

    // This server has something else.
    let server = devtools().build().await.unwrap();
    let states = server.context().rpc().shared_states();
    let ours = states.get::<Board>("state:board").unwrap().unwrap();
    ours.mutate(|board| board.count = 100).unwrap();
    let server = server.bind(address).await.unwrap();
    until(&board, |board| board.count == 100).await;
    assert_eq!(board_of(&server).value().count, 100);
}

#[tokio::test]
async fn a_client_in_memory_shares_too() {
    let devtools = devtools().build().await.unwrap();
    let rpc = devtools.client();
    let [mine, theirs] = [
        rpc.shared_state::<Board>("state:patched").await.unwrap(),
        devtools
            .client()
            .shared_state::<Board>("state:patched")
            .await
            .unwrap(),
    ];
    Add::call(&rpc, "x").await.unwrap();
    until(&mine, |board| board.items == ["x"]).await;
    mine.mutate(|board| board.items.push("y".into())).unwrap();
    Add::call(&rpc, "z").await.unwrap();
    until(&mine, |board| board.items.contains(&"z".to_owned())).await;
    // The other client is gone, and its state stays as it was.
    assert!(theirs.value().items.len() <= 1);
    rpc.close();
    in_time(rpc.closed()).await;
    let error = rpc.shared_state::<Board>("state:board").await.unwrap_err();
    let SharedStateError::Call { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(matches!(*source, CallError::Disconnected(_)), "{source:?}");
}
