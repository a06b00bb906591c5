//! Arguments and results of types that have rules: what breaks one never reaches the function.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, DevToolsRpcClient, Dump, PluginState, Setup,
    define_rpc_function, js, rpc_function,
};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The state that the functions share.
#[derive(Debug, Default, PluginState)]
struct Shared {
    runs: AtomicUsize,
    lines: Mutex<Vec<String>>,
}

impl Shared {
    fn run(&self) {
        self.runs.fetch_add(1, Ordering::SeqCst);
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate)]
struct Options {
    #[garde(range(min = 1, max = 5))]
    retries: u32,
    #[garde(length(chars, min = 1, max = 8))]
    name: String,
    #[garde(dive)]
    #[serde(default)]
    nested: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate)]
struct Part {
    #[garde(range(max = 9))]
    size: u8,
}

fn options(retries: u32, name: &str) -> Options {
    Options {
        retries,
        name: name.to_owned(),
        nested: Vec::new(),
    }
}

/// Has rules for a context that nobody here has.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[garde(context(String))]
struct InContext {
    #[garde(range(max = 9))]
    size: u8,
}

#[rpc_function(name = "validate:fetch")]
fn fetch(shared: &Shared, id: String, options: Option<Options>) -> usize {
    shared.run();
    id.len() + options.map_or(0, |options| options.name.len())
}

#[rpc_function(name = "validate:fetch-all")]
async fn fetch_all(shared: &Shared, all: Vec<Options>) -> usize {
    tokio::task::yield_now().await;
    shared.run();
    all.len()
}

#[rpc_function(name = "validate:fetch-clone", encoding = "structured-clone")]
fn fetch_clone(shared: &Shared, at: js::Date, options: Options) -> js::Date {
    shared.run();
    drop(options);
    at
}

#[rpc_function(name = "validate:fetch-set-up", setup)]
fn fetch_set_up(_ctx: &DevToolsContext) -> Setup<fn(options: Options) -> String> {
    Setup::handler(|options: Options| options.name)
}

#[rpc_function(name = "validate:log", kind = "event")]
fn log(shared: &Shared, options: Options) {
    shared.lines.lock().unwrap().push(options.name);
}

#[rpc_function(name = "validate:lines")]
fn lines(shared: &Shared) -> Vec<String> {
    shared.lines.lock().unwrap().clone()
}

#[rpc_function(name = "validate:dumped", dump = dump_some)]
fn dumped(shared: &Shared, options: Options) -> String {
    shared.run();
    options.name
}

fn dump_some(_: &DevToolsContext) -> Dump<(Options,), String> {
    Dump::inputs([(options(1, "good"),), (options(9, "bad"),)])
}

/// The result may be anything that the arguments say.
#[rpc_function(name = "validate:make")]
fn make(retries: u32) -> Options {
    options(retries, "made")
}

#[rpc_function(name = "validate:make-later")]
async fn make_later(retries: u32) -> Result<Vec<Options>, std::fmt::Error> {
    tokio::task::yield_now().await;
    Ok(vec![options(retries, "made")])
}

#[rpc_function(name = "validate:in-context", as = InContextFunction)]
fn in_context(value: InContext) -> u8 {
    value.size
}

async fn devtools() -> DevTools {
    let devtools = DevTools::builder().auth(Auth::None);
    let devtools = devtools.build_with_state().await;
    assert_eq!(runs(&devtools), 0);
    devtools
}

trait BuildWithState {
    async fn build_with_state(self) -> DevTools;
}

impl BuildWithState for devtools_runtime::DevToolsBuilder {
    async fn build_with_state(self) -> DevTools {
        self.plugin(Plugin).build().await.unwrap()
    }
}

struct Plugin;

impl devtools_runtime::DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "validate"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), devtools_runtime::SetupError> {
        Ok(ctx.insert_state(Shared::default())?)
    }
}

fn runs(devtools: &DevTools) -> usize {
    let shared = devtools.context().state::<Shared>().unwrap();
    shared.runs.load(Ordering::SeqCst)
}

/// The message of a call that the other side refused.
async fn refused(rpc: &DevToolsRpcClient, name: &str, arguments: Value) -> String {
    match rpc.call_dynamic::<Value>(name, arguments).await {
        Err(CallError::Remote(error)) => error.message,
        other => panic!("{other:?}"),
    }
}

const TOO_MANY: &str = "argument 2 (`options`) of `validate:fetch`: `name`: length is lower than 1; `retries`: greater than 5";

#[tokio::test]
async fn what_breaks_a_rule_is_refused_before_the_function_runs() {
    let devtools = devtools().await;
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let connected = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    for rpc in [devtools.client(), connected] {
        let bad = json!(["x", { "retries": 6, "name": "" }]);
        assert_eq!(refused(&rpc, "validate:fetch", bad).await, TOO_MANY);
        let typed = Fetch::call(&rpc, "x", Some(options(6, "")));
        assert_eq!(typed.await.unwrap_err().to_string(), TOO_MANY);

        // Unknown fields pass, and characters are Unicode scalar values.
        let good = json!(["x", { "retries": 5, "name": "🦀🦀🦀🦀🦀🦀🦀🦀", "more": 1 }]);
        let length: usize = rpc.call_dynamic("validate:fetch", good).await.unwrap();
        assert_eq!(length, 33);
        assert_eq!(Fetch::call(&rpc, "x", None).await.unwrap(), 1);
    }
    assert_eq!(runs(&devtools), 4);
    server.shutdown().await;
}

#[tokio::test]
async fn lists_are_checked_in_what_they_hold() {
    let devtools = devtools().await;
    let rpc = devtools.client();
    let deep = json!([[
        { "retries": 1, "name": "a" },
        { "retries": 1, "name": "b", "nested": [{ "size": 1 }, { "size": 10 }] },
    ]]);
    assert_eq!(
        refused(&rpc, "validate:fetch-all", deep).await,
        "argument 1 (`all`) of `validate:fetch-all`: `[1].nested[1].size`: greater than 9"
    );
    assert_eq!(runs(&devtools), 0);
}

#[tokio::test]
async fn structured_clone_and_setups_are_checked_too() {
    let devtools = devtools().await;
    let rpc = devtools.client();
    let at = js::Date::from_millis(0).unwrap();
    let refused = FetchClone::call(&rpc, at, options(0, "a")).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "argument 2 (`options`) of `validate:fetch-clone`: `retries`: lower than 1"
    );
    let refused = FetchSetUp::call(&rpc, options(0, "a")).await;
    let message = "argument 1 (`options`) of `validate:fetch-set-up`: `retries`: lower than 1";
    assert_eq!(refused.unwrap_err().to_string(), message);
    let refused = FetchSetUp::invoke_local(devtools.context(), options(0, "a")).await;
    let Err(CallError::Argument(error)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(error.to_string(), message);
    let name = FetchSetUp::invoke_local(devtools.context(), options(1, "a")).await;
    assert_eq!(name.unwrap(), "a");
}

#[tokio::test]
async fn a_call_within_the_process_is_checked() {
    let devtools = devtools().await;
    let ctx = devtools.context();
    let refused = Fetch::invoke_local(ctx, "x", Some(options(6, ""))).await;
    let Err(CallError::Argument(error)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((error.position, error.parameter), (2, "options"));
    assert_eq!(error.to_string(), TOO_MANY);
    let by_name = ctx
        .rpc()
        .invoke_local::<usize>(Fetch::NAME, json!(["x", { "retries": 6, "name": "" }]));
    assert_eq!(by_name.await.unwrap_err().to_string(), TOO_MANY);
    assert_eq!(runs(&devtools), 0);
}

#[tokio::test]
async fn an_event_that_breaks_a_rule_is_dropped() {
    let devtools = devtools().await;
    let rpc = devtools.client();
    Log::notify(&rpc, options(9, "bad")).await.unwrap();
    Log::notify(&rpc, options(1, "good")).await.unwrap();
    // Events of one connection run in order, before the query behind them.
    assert_eq!(Lines::call(&rpc).await.unwrap(), ["good"]);
}

#[tokio::test]
async fn a_dump_records_the_refusal() {
    let devtools = devtools().await;
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    devtools.build(&dist).await.unwrap();
    assert_eq!(runs(&devtools), 1, "only the valid input is a call");
    let rpc = DevToolsRpcClient::open_static(&dist).await.unwrap();
    assert_eq!(
        Dumped::call(&rpc, options(1, "good")).await.unwrap(),
        "good"
    );
    let refused = Dumped::call(&rpc, options(9, "bad")).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "argument 1 (`options`) of `validate:dumped`: `retries`: greater than 5"
    );
}

#[tokio::test]
async fn a_result_that_breaks_a_rule_is_an_error_where_that_is_asked_for() {
    let message = "the result of `validate:make` is not valid: `retries`: greater than 5";
    let asked = DevTools::builder().check_results(true);
    let asked = asked.build_with_state().await;
    let rpc = asked.client();
    assert_eq!(Make::call(&rpc, 5).await.unwrap().retries, 5);
    assert_eq!(Make::call(&rpc, 6).await.unwrap_err().to_string(), message);
    let local = Make::invoke_local(asked.context(), 6).await;
    assert_eq!(local.unwrap_err().to_string(), message);
    let later = MakeLater::call(&rpc, 0).await;
    assert_eq!(
        later.unwrap_err().to_string(),
        "the result of `validate:make-later` is not valid: `[0].retries`: lower than 1"
    );

    let trusting = DevTools::builder().check_results(false);
    let trusting = trusting.build_with_state().await;
    assert_eq!(Make::call(&trusting.client(), 6).await.unwrap().retries, 6);
    let local = Make::invoke_local(trusting.context(), 6).await;
    assert_eq!(local.unwrap().retries, 6);
}

#[tokio::test]
async fn what_cannot_be_checked_is_taken_as_it_is() {
    let devtools = devtools().await;
    let rpc = devtools.client();
    assert_eq!(
        InContextFunction::call(&rpc, InContext { size: 10 })
            .await
            .unwrap(),
        10
    );
    // A closure checks by itself.
    let function = define_rpc_function("validate:closure").try_handler(|options: Options| {
        options.validate()?;
        Ok::<_, garde::Report>(options.name)
    });
    devtools.context().rpc().register(function).unwrap();
    let bad = json!([{ "retries": 6, "name": "a" }]);
    let message = refused(&rpc, "validate:closure", bad).await;
    assert!(message.contains("retries: greater than 5"), "{message}");
}
