//! Functions that are set up once per context.

// The library of these tests is not linked: its functions would be collected, and they want a state of their own.
#[path = "../src/wait.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod wait;

use std::future::pending;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, Mode, PluginState,
    RpcFunction, Setup, SetupError, rpc_function,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use wait::eventually;

/// The work of a context's setups, and the gate that lets them go on.
#[derive(Debug, PluginState)]
struct Watch {
    begun: AtomicUsize,
    dropped: AtomicUsize,
    go: Semaphore,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    root: PathBuf,
    is_build: bool,
}

/// Returns the configuration of the build.
#[rpc_function(name = "setup:get-config", kind = "static", setup)]
async fn get_config(ctx: &DevToolsContext) -> Setup<fn() -> Config> {
    let root = ctx.cwd().to_owned();
    let ctx = ctx.clone();
    Setup::handler(move || Config {
        root: root.clone(),
        is_build: ctx.mode() == Mode::Build,
    })
}

/// Waits until it may go on; each context counts its own.
#[rpc_function(name = "setup:slow", setup)]
async fn slow(watch: &Watch) -> Setup<fn(factor: usize) -> usize> {
    struct Dropped<'a>(&'a Watch);
    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            self.0.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
    let run = watch.begun.fetch_add(1, Ordering::SeqCst) + 1;
    let _dropped = Dropped(watch);
    watch.go.acquire().await.unwrap().forget();
    Setup::handler(move |factor: usize| run * factor)
}

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
struct Full;

/// The first two runs fail, the one in a panic, the other with an error.
#[rpc_function(name = "setup:flaky", kind = "action", setup)]
async fn flaky(watch: &Watch) -> Result<Setup<fn(String) -> Result<String, Full>>, SetupError> {
    let run = watch.begun.fetch_add(1, Ordering::SeqCst);
    watch.go.acquire().await?.forget();
    match run {
        0 => panic!("the setup of flaky panicked"),
        1 => Err("the network is down".into()),
        _ => Ok(Setup::async_handler(|text: String| async move {
            tokio::task::yield_now().await;
            if text.is_empty() { Err(Full) } else { Ok(text) }
        })),
    }
}

#[rpc_function(name = "setup:stuck", setup, timeout = "20ms")]
fn stuck(_ctx: &DevToolsContext) -> Setup<fn() -> ()> {
    Setup::async_handler(pending)
}

#[expect(clippy::type_complexity, reason = "as many parameters as there may be")]
#[rpc_function(name = "setup:many", setup)]
fn many() -> Setup<fn(u8, u8, u8, u8, u8, u8, u8, Option<u8>) -> u8> {
    Setup::handler(
        |a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: Option<u8>| {
            a + b + c + d + e + f + g + h.unwrap_or(100)
        },
    )
}

#[rpc_function(name = "setup:forget", kind = "event", setup)]
fn forget(watch: &Watch) -> Setup<fn(usize)> {
    watch.begun.fetch_add(10, Ordering::SeqCst);
    Setup::handler(|_count: usize| {})
}

struct Plugin;

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "setup"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Watch {
            begun: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            go: Semaphore::new(0),
        })?;
        Ok(())
    }
}

fn builder() -> DevToolsBuilder {
    DevTools::builder().auth(Auth::None).plugin(Plugin)
}

async fn program() -> DevTools {
    builder().build().await.unwrap()
}

fn watch(devtools: &DevTools) -> &Watch {
    devtools.context().state().unwrap()
}

fn begun(devtools: &DevTools) -> usize {
    watch(devtools).begun.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_handler_closes_over_what_its_setup_computed() {
    let devtools = builder()
        .cwd("/work")
        .mode(Mode::Build)
        .build()
        .await
        .unwrap();
    let config = Config {
        root: "/work".into(),
        is_build: true,
    };
    assert_eq!(GetConfig::call(&devtools.client()).await.unwrap(), config);
    let ctx = devtools.context();
    assert_eq!(GetConfig::invoke_local(ctx).await.unwrap(), config);
    let untyped: Config = ctx
        .rpc()
        .invoke_local("setup:get-config", ())
        .await
        .unwrap();
    assert_eq!(untyped, config);
}

#[tokio::test]
async fn concurrent_first_calls_share_one_run() {
    let devtools = program().await;
    let mut calls = Vec::new();
    for factor in 1..=8_usize {
        let (rpc, ctx) = (devtools.client(), devtools.context().clone());
        calls.push(tokio::spawn(async move {
            match factor {
                1..=4 => Slow::call(&rpc, factor).await.unwrap(),
                _ => Slow::invoke_local(&ctx, factor).await.unwrap(),
            }
        }));
    }
    eventually(|| begun(&devtools) == 1).await;
    watch(&devtools).go.add_permits(1);
    for (call, factor) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap(), factor, "run 1 handles them all");
    }
    assert_eq!(Slow::call(&devtools.client(), 9).await.unwrap(), 9);
    assert_eq!(begun(&devtools), 1);
}

#[tokio::test]
async fn a_setup_goes_on_when_the_call_that_began_it_is_dropped() {
    let devtools = program().await;
    let rpc = devtools.client();
    let first = tokio::spawn(async move { Slow::call(&rpc, 1).await });
    eventually(|| begun(&devtools) == 1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let rpc = devtools.client();
    let second = tokio::spawn(async move { Slow::call(&rpc, 7).await });
    watch(&devtools).go.add_permits(1);
    assert_eq!(second.await.unwrap().unwrap(), 7);
    assert_eq!(begun(&devtools), 1);
}

#[tokio::test]
async fn a_setup_ends_with_its_function() {
    let devtools = program().await;
    let rpc = devtools.client();
    let call = tokio::spawn(async move { Slow::call(&rpc, 1).await });
    eventually(|| begun(&devtools) == 1).await;
    assert!(devtools.context().rpc().unregister("setup:slow"));
    call.abort();
    eventually(|| watch(&devtools).dropped.load(Ordering::SeqCst) == 1).await;
}

/// The message of an internal error, whatever its id is. This program is linked without the functions that other tests share.
fn without_id(message: &str) -> &str {
    match message.strip_prefix("internal error (id ") {
        Some(id) if id.len() == "0123abcd)".len() => "internal error (id)",
        _ => message,
    }
}

#[tokio::test]
async fn a_failed_setup_answers_those_who_wait_and_is_tried_again() {
    let devtools = program().await;
    let hidden = "internal error (id)";
    for (run, message) in [(1, hidden), (2, "the network is down")] {
        let (rpc, ctx) = (devtools.client(), devtools.context().clone());
        let remote = tokio::spawn(async move { Flaky::call(&rpc, "a").await });
        eventually(|| begun(&devtools) == run).await;
        let local = tokio::spawn(async move { Flaky::invoke_local(&ctx, "b").await });
        tokio::task::yield_now().await;
        watch(&devtools).go.add_permits(1);
        let remote = remote.await.unwrap().unwrap_err().to_string();
        assert_eq!(without_id(&remote), hidden);
        let CallError::Setup(error) = local.await.unwrap().unwrap_err() else {
            panic!("the setup failed");
        };
        assert_eq!(without_id(&error.to_string()), message);
        assert_eq!(begun(&devtools), run, "they shared it");
    }
    watch(&devtools).go.add_permits(1);
    let rpc = devtools.client();
    assert_eq!(Flaky::call(&rpc, "c").await.unwrap(), "c");
    let full = Flaky::call(&rpc, "").await.unwrap_err();
    assert_eq!(full.to_string(), "the disk is full");
    let full = Flaky::invoke_local(devtools.context(), "").await;
    assert!(matches!(full.unwrap_err(), CallError::Function(Full)));
    assert_eq!(begun(&devtools), 3);
}

#[tokio::test]
async fn contexts_are_kept_apart() {
    let (one, other) = (program().await, program().await);
    for devtools in [&one, &other] {
        watch(devtools).go.add_permits(1);
        assert_eq!(Slow::call(&devtools.client(), 5).await.unwrap(), 5);
        assert_eq!(begun(devtools), 1);
    }
    // Also if the definition comes from another context.
    let third = builder().without_collected().build().await.unwrap();
    let definition = one.context().rpc().get("setup:slow").unwrap();
    third.context().rpc().register(definition).unwrap();
    watch(&third).go.add_permits(1);
    assert_eq!(Slow::call(&third.client(), 5).await.unwrap(), 5);
    assert_eq!(begun(&third), 1);
}

#[tokio::test]
async fn an_update_sets_up_anew() {
    let devtools = program().await;
    watch(&devtools).go.add_permits(2);
    assert_eq!(Slow::call(&devtools.client(), 1).await.unwrap(), 1);
    devtools.context().rpc().update(Slow::definition()).unwrap();
    assert_eq!(Slow::call(&devtools.client(), 1).await.unwrap(), 2);
}

#[tokio::test]
async fn the_timeout_holds_for_the_handler() {
    let devtools = program().await;
    let error = Stuck::call(&devtools.client()).await.unwrap_err();
    assert_eq!(error.to_string(), "\"setup:stuck\" did not end within 20ms");
    let error = Stuck::invoke_local(devtools.context()).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout(limit) if limit == Duration::from_millis(20)));
}

#[tokio::test]
async fn the_types_come_from_the_handler() {
    let devtools = program().await;
    let rpc = devtools.client();
    let sum = Many::call(&rpc, 1, 2, 3, 4, 5, 6, 7, None).await.unwrap();
    assert_eq!(sum, 128);
    let sum: u8 = rpc
        .call_dynamic("setup:many", [1, 2, 3, 4, 5, 6, 7])
        .await
        .unwrap();
    assert_eq!(sum, 128);
    let names = |parameters: &[devtools_runtime::functions::Parameter]| -> Vec<_> {
        parameters.iter().map(|it| (it.name, it.optional)).collect()
    };
    assert_eq!(names(Slow::PARAMETERS), [("factor", false)]);
    assert_eq!(
        names(&Many::PARAMETERS[6..]),
        [("arg6", false), ("arg7", true)]
    );

    Forget::notify(&rpc, 1).await.unwrap();
    eventually(|| begun(&devtools) == 10).await;
}
