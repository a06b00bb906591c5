//! The parts of a context, and the reasons why it is not built.

use std::convert::Infallible;

use devtools_runtime::context::SessionTransport;
use devtools_runtime::testing::MockVite;
use devtools_runtime::vite::ViteConfig;
use devtools_runtime::{
    Auth, BuildError, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, Dump,
    FunctionDefinition, Gate, Mode, PluginState, RpcSession, ServeError, Setup, SetupError,
    define_rpc_function, rpc_function,
};

#[rpc_function(name = "context:twin", as = First)]
fn first() -> u8 {
    1
}

#[rpc_function(name = "context:twin", as = Second)]
fn second() -> u8 {
    2
}

/// Where a plugin keeps its data.
#[derive(Debug, PartialEq, PluginState)]
struct Options {
    target: &'static str,
}

#[rpc_function(name = "context:target")]
async fn target(options: &Options) -> String {
    options.target.to_owned()
}

#[rpc_function(name = "context:who")]
async fn who(ctx: &DevToolsContext, session: &RpcSession) -> (u64, SessionTransport, usize) {
    (
        session.id(),
        session.transport(),
        ctx.rpc().sessions().len(),
    )
}

/// Puts [`Options`] in, and uses what is there already.
struct Plugin;

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "context"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Options { target: "src" })?;
        ctx.rpc().register(Who::definition())?;
        Ok(())
    }
}

/// The twins were collected, so nothing can be served with what was.
fn builder() -> DevToolsBuilder {
    DevTools::builder().auth(Auth::None).without_collected()
}

#[tokio::test]
async fn two_functions_of_one_name_are_refused_and_both_places_named() {
    let collected = DevTools::builder()
        .auth(Auth::None)
        .plugin(Plugin)
        .build()
        .await;
    let by_hand = builder()
        .function(First::definition())
        .function(Second::definition());
    for refused in [collected, by_hand.build().await] {
        let error = refused.unwrap_err();
        assert!(matches!(error, BuildError::Register(_)), "{error:?}");
        let message = error.to_string();
        let (first, second) = (
            First::definition().location(),
            Second::definition().location(),
        );
        assert_eq!(
            message,
            format!("two functions are named `context:twin`: one at {first}, another at {second}")
        );
        assert!(
            first.to_string().starts_with("tests/e2e/context.rs:"),
            "{first}"
        );
    }
}

/// One line that defines a function: whoever runs it twice has two functions of one place.
fn closure() -> FunctionDefinition {
    define_rpc_function("context:closure").handler(|| 1_u8)
}

#[tokio::test]
async fn a_place_that_defines_a_function_twice_is_named_once() {
    let twice = builder().function(closure()).function(closure());
    let error = twice.build().await.unwrap_err().to_string();
    let place = closure().location().to_string();
    assert!(place.starts_with("tests/e2e/context.rs:"), "{place}");
    assert!(!place.contains("package"), "{place}");
    assert_eq!(
        error,
        format!(
            "the code at {place} defines `context:closure` a second time: register it once, or replace the first with `update`"
        )
    );
}

#[tokio::test]
async fn two_plugins_of_one_name_are_refused() {
    let twice = builder().plugin(Plugin).plugin(Plugin);
    let error = twice.build().await.unwrap_err();
    assert!(matches!(&error, BuildError::DuplicatePlugin(name) if name == "context"));
    assert_eq!(
        error.to_string(),
        "two plugins are named `context`: add each once, and give another one a name of its own"
    );
}

#[tokio::test]
async fn names_of_states_are_checked_as_those_of_functions() {
    let devtools = builder().build().await.unwrap();
    let rpc = devtools.context().rpc();
    for bad in ["Bad", "bad", "context:Bad", "my_plugin:bad"] {
        let error = rpc.shared_state(bad, 1_u8).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`{bad}` is not a valid key of a shared state: write `scope:state`, both in kebab-case"
            )
        );
    }
    rpc.shared_state("context:good", 1_u8).unwrap();
}

#[tokio::test]
async fn the_same_function_twice_is_one() {
    let builder = builder()
        .function(First::definition())
        .function(First::definition());
    assert!(builder.build().await.is_ok());
}

#[tokio::test]
async fn missing_state_is_found_when_the_server_is_built() {
    let error = builder()
        .function(Target::definition())
        .build()
        .await
        .unwrap_err();
    let message = error.to_string();
    for part in [
        "`context:target`",
        "tests/e2e/context.rs:",
        "context::Options",
        "insert_state",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[tokio::test]
async fn functions_borrow_what_a_plugin_put_in() {
    let devtools = builder()
        .function(Target::definition())
        .plugin(Plugin)
        .build()
        .await
        .unwrap();
    let ctx = devtools.context();
    assert_eq!(ctx.state::<Options>().unwrap(), &Options { target: "src" });
    assert_eq!(Target::call(&devtools.client()).await.unwrap(), "src");
    assert!(
        ctx.insert_state(Options { target: "lib" })
            .unwrap_err()
            .to_string()
            .contains("Options")
    );
}

#[tokio::test]
async fn contexts_of_one_program_are_kept_apart() {
    let with = builder().plugin(Plugin).build().await.unwrap();
    let without = builder().build().await.unwrap();
    assert!(with.context().state::<Options>().is_ok());
    assert!(without.context().state::<Options>().is_err());
}

#[tokio::test]
async fn functions_are_invoked_without_a_network_typed_and_by_name() {
    let devtools = builder()
        .function(Target::definition())
        .plugin(Plugin)
        .build()
        .await
        .unwrap();
    let ctx = devtools.context();
    let local = (0, SessionTransport::Local, 0);
    assert_eq!(Target::invoke_local(ctx).await.unwrap(), "src");
    assert_eq!(Who::invoke_local(ctx).await.unwrap(), local);
    assert_eq!(
        ctx.rpc()
            .invoke_local::<String>("context:target", ())
            .await
            .unwrap(),
        "src"
    );
    let unknown = First::invoke_local(ctx).await.unwrap_err();
    assert!(
        matches!(unknown, CallError::UnknownFunction(_)),
        "{unknown:?}"
    );
    let unknown = ctx
        .rpc()
        .invoke_local::<()>("context:nope", ())
        .await
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no function named `context:nope`"
    );
}

#[tokio::test]
async fn a_function_registered_later_can_be_called_by_clients_that_are_there() {
    let devtools = builder().build().await.unwrap();
    let rpc = devtools.client();
    assert!(matches!(
        First::call(&rpc).await,
        Err(CallError::UnknownFunction(_))
    ));
    devtools
        .context()
        .rpc()
        .register(First::definition())
        .unwrap();
    assert_eq!(First::call(&rpc).await.unwrap(), 1);
    assert!(devtools.context().rpc().has("context:twin"));
    assert!(
        devtools
            .context()
            .rpc()
            .register(Second::definition())
            .is_err()
    );
}

// An annotated function is still a function.
#[tokio::test]
async fn an_annotated_function_is_called_like_any_other() {
    assert_eq!(first(), 1);
    assert_eq!(target(&Options { target: "x" }).await, "x");
}

#[tokio::test]
async fn a_context_knows_its_mode_and_its_folders() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join(".git")).unwrap();
    std::fs::create_dir_all(root.join("packages/app")).unwrap();
    let devtools = builder()
        .mode(Mode::Build)
        .cwd(root.join("packages/app"))
        .build()
        .await
        .unwrap();
    let ctx = devtools.context();
    assert_eq!(ctx.mode().to_string(), "build");
    assert_eq!(ctx.cwd(), root.join("packages/app"));
    assert_eq!(ctx.workspace_root(), root);
    let devtools = builder().workspace_root(&root).build().await.unwrap();
    assert_eq!(devtools.context().mode(), Mode::Dev);
    assert!(devtools.context().cwd().is_absolute());
}

struct Broken;

impl DevToolsPlugin for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    async fn setup(&self, _ctx: &DevToolsContext) -> Result<(), SetupError> {
        Err("no disk".into())
    }
}

#[tokio::test]
async fn a_program_says_why_it_cannot_be_served() {
    let error = builder().plugin(Broken).build().await.unwrap_err();
    assert_eq!(error.to_string(), "the plugin `broken` could not be set up");
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "no disk"
    );

    let error = builder()
        .auth(Gate::new().token(""))
        .build()
        .await
        .unwrap_err();
    assert!(matches!(error, BuildError::EmptyToken), "{error:?}");

    let error = builder().base("x").build().await.unwrap_err();
    assert!(matches!(error, BuildError::Base(_)), "{error:?}");
    let error = builder()
        .allow_origin("example.com/x")
        .build()
        .await
        .unwrap_err();
    assert!(matches!(error, BuildError::Origin(_)), "{error:?}");

    let error = builder().bind("0.0.0.0:0").await.unwrap_err();
    assert!(matches!(error, ServeError::NotLoopback(_)), "{error:?}");
    let insisting = builder()
        .expose_without_auth()
        .bind("0.0.0.0:0")
        .await
        .unwrap();
    drop(insisting);
    let gated = builder()
        .auth(Gate::new().memory())
        .bind("0.0.0.0:0")
        .await
        .unwrap();
    drop(gated);
    let taken = builder().bind("127.0.0.1:0").await.unwrap();
    let error = builder().bind(taken.local_addr()).await.unwrap_err();
    assert!(matches!(error, ServeError::Bind(_)), "{error:?}");
}

/// A function may fail with the error of another one.
#[rpc_function(name = "context:nested")]
async fn nested(ctx: &DevToolsContext) -> Result<String, CallError<Infallible>> {
    Target::invoke_local(ctx).await
}

#[tokio::test]
async fn an_error_of_an_inner_function_reaches_the_caller() {
    let devtools = builder()
        .function(Nested::definition())
        .build()
        .await
        .unwrap();
    let error = Nested::call(&devtools.client()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no function named `context:target`"
    );
}

/// Where Vite works, and how large its modules are.
#[rpc_function(name = "context:vite")]
async fn vite(ctx: &DevToolsContext) -> Result<(Option<String>, Vec<usize>), CallError> {
    let root = ctx
        .vite_config()
        .map(|config| config.root.display().to_string());
    let Some(server) = ctx.vite_server() else {
        return Ok((root, Vec::new()));
    };
    let graph = server.module_graph();
    let mut sizes = Vec::new();
    for id in graph.ids().await? {
        let module = graph.module_by_id(&id).await?;
        sizes.extend(module.and_then(|module| module.code_length));
    }
    Ok((root, sizes))
}

#[tokio::test]
async fn vite_is_known_where_it_is_attached() {
    let config = || ViteConfig {
        root: "/project".into(),
        ..ViteConfig::default()
    };
    let builder = || builder().function(Vite::definition());
    let root = Some("/project".to_owned());
    let dev = builder().build().await.unwrap();
    let client = dev.client();
    assert_eq!(Vite::call(&client).await.unwrap(), (None, vec![]));
    let process = MockVite::new(config()).module("/src/main.ts", "export {}");
    let process = process.attach(&dev).await.unwrap();
    assert_eq!(Vite::call(&client).await.unwrap(), (root.clone(), vec![9]));
    process.detach().await;
    let after = Vite::call(&client).await.unwrap();
    assert_eq!(
        after,
        (root.clone(), vec![]),
        "the configuration stays known"
    );

    let build = builder().mode(Mode::Build).vite_config(config());
    let build = build.build().await.unwrap();
    assert_eq!(Vite::call(&build.client()).await.unwrap(), (root, vec![]));
    assert!(MockVite::new(config()).attach(&build).await.is_err());
}

fn dump_of_count(_: &DevToolsContext) -> Dump<(u32,), u32> {
    Dump::inputs([(3,)])
}

#[rpc_function(name = "context:count", dump = dump_of_count)]
fn count(number: u32) -> u32 {
    number
}

#[rpc_function(name = "context:names", snapshot)]
fn names() -> Vec<String> {
    Vec::new()
}

#[rpc_function(name = "context:prepared", setup)]
async fn prepared() -> Setup<fn() -> u8> {
    Setup::handler(|| 1)
}

#[tokio::test]
async fn a_description_says_how_a_dump_has_the_function_and_whether_it_is_set_up() {
    let devtools = builder()
        .function(Count::definition())
        .function(Names::definition())
        .function(Prepared::definition())
        .function(First::definition())
        .build()
        .await
        .unwrap();
    let client = devtools.client();
    let described: Vec<serde_json::Value> = client
        .call_dynamic("devtools-runtime:functions", ())
        .await
        .unwrap();
    for (name, snapshot, dump, setup) in [
        ("context:count", false, true, false),
        ("context:names", true, false, false),
        ("context:prepared", false, false, true),
        ("context:twin", false, false, false),
    ] {
        let info = described.iter().find(|info| info["name"] == name).unwrap();
        let facts = ["snapshot", "dump", "setup"].map(|fact| info[fact] == true);
        assert_eq!(facts, [snapshot, dump, setup], "{info}");
    }
}
