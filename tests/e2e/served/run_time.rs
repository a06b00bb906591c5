//! Functions that are defined while the program runs.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::__private::dump_of;
use devtools_runtime::context::RegisterError;
use devtools_runtime::functions::{AgentOptions, AgentSafety};
use devtools_runtime::{
    CallError, DevTools, DevToolsContext, DevToolsRpcClient, Dump, Encoding, FunctionKind,
    define_rpc_function, js, rpc_function,
};
use serde_json::{Value, json};
use tests::fixture::{Add, Boom, GetConfig, devtools};
use tokio::sync::mpsc;

async fn program() -> (DevTools, DevToolsRpcClient) {
    let devtools = devtools().build().await.unwrap();
    let rpc = devtools.client();
    (devtools, rpc)
}

// A handler without setup, which needs a live server.
#[tokio::test]
async fn a_closure_over_a_plugins_data_is_a_function() {
    let (devtools, rpc) = program().await;
    let metrics = Arc::new(Mutex::new(BTreeMap::from([(
        "/src/main.ts".to_owned(),
        1024_u64,
    )])));
    let read = Arc::clone(&metrics);
    let registered = devtools.context().rpc().register(
        define_rpc_function("analytics:get-metrics")
            .query()
            .description("The size of each module.")
            .handler(move || read.lock().unwrap().clone()),
    );
    registered.unwrap();
    let get = || rpc.call_dynamic::<BTreeMap<String, u64>>("analytics:get-metrics", ());
    assert_eq!(get().await.unwrap()["/src/main.ts"], 1024);
    metrics.lock().unwrap().insert("/src/App.vue".to_owned(), 1);
    assert_eq!(get().await.unwrap().len(), 2);
    let local: Value = devtools
        .context()
        .rpc()
        .invoke_local("analytics:get-metrics", ())
        .await
        .unwrap();
    assert_eq!(local, json!({ "/src/App.vue": 1, "/src/main.ts": 1024 }));
    let function = devtools
        .context()
        .rpc()
        .get("analytics:get-metrics")
        .unwrap();
    assert_eq!(function.description(), "The size of each module.");
    assert!(
        function.location().file.ends_with("run_time.rs"),
        "{}",
        function.location()
    );
}

#[tokio::test]
async fn every_form_of_handler_is_called_with_its_arguments() {
    let (devtools, rpc) = program().await;
    let define = |function| devtools.context().rpc().register(function).unwrap();
    define(define_rpc_function("form:sync").handler(|a: i64, b: Option<i64>| a + b.unwrap_or(1)));
    define(
        define_rpc_function("form:async").async_handler(|a: String| async move {
            tokio::task::yield_now().await;
            a + "!"
        }),
    );
    define(
        define_rpc_function("form:fails")
            .try_handler(|fails: bool| if fails { Err(Boom) } else { Ok(1) }),
    );
    define(
        define_rpc_function("form:fails-later").try_async_handler(|fails: bool| async move {
            tokio::task::yield_now().await;
            if fails { Err(Boom) } else { Ok(1) }
        }),
    );
    define(
        define_rpc_function("form:clone")
            .encoding(Encoding::StructuredClone)
            .handler(|value: js::Value| value),
    );
    define(define_rpc_function("form:panics").handler(|| -> u8 { panic!("oh") }));
    let seen = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&seen);
    define(
        define_rpc_function("form:event")
            .event()
            .handler(move |n: u64| {
                counted.fetch_add(n, Ordering::Relaxed);
            }),
    );

    assert_eq!(
        rpc.call_dynamic::<i64>("form:sync", (2, 3)).await.unwrap(),
        5
    );
    assert_eq!(rpc.call_dynamic::<i64>("form:sync", (2,)).await.unwrap(), 3);
    assert_eq!(
        rpc.call_dynamic::<String>("form:async", ("x",))
            .await
            .unwrap(),
        "x!"
    );
    for name in ["form:fails", "form:fails-later"] {
        assert_eq!(rpc.call_dynamic::<u8>(name, (false,)).await.unwrap(), 1);
        assert_eq!(
            rpc.call_dynamic::<u8>(name, (true,))
                .await
                .unwrap_err()
                .to_string(),
            "boom"
        );
    }
    assert_eq!(
        rpc.call_dynamic::<Value>("form:clone", ([1],))
            .await
            .unwrap(),
        json!([1])
    );
    assert_eq!(
        tests::with_id(
            &rpc.call_dynamic::<u8>("form:panics", ())
                .await
                .unwrap_err()
                .to_string()
        ),
        "internal error (id)"
    );
    let misfit = rpc
        .call_dynamic::<i64>("form:sync", ("x",))
        .await
        .unwrap_err();
    assert_eq!(
        misfit.to_string(),
        "argument 1 (`arg0`) of `form:sync`: invalid type: string \"x\", expected i64"
    );
    let optional = |name| {
        let function = devtools.context().rpc().get(name).unwrap();
        function
            .parameters()
            .iter()
            .map(|parameter| parameter.optional)
            .collect::<Vec<_>>()
    };
    assert_eq!(optional("form:sync"), [false, true]);
    assert_eq!(optional("form:panics"), [] as [bool; 0]);
    rpc.call_dynamic::<()>("form:event", (3,)).await.unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_closure_has_the_options_of_the_attribute() {
    let (devtools, rpc) = program().await;
    let host = devtools.context().rpc();
    let agent = AgentOptions::new(AgentSafety::Read).with_tags(&["files"]);
    let title = format!("Find in {} folders", 2);
    let find = define_rpc_function("options:find")
        .title(title)
        .description("Finds files.")
        .agent(agent)
        .snapshot()
        .timeout(Duration::from_secs(3600))
        .async_handler(|filter: Option<String>| async move { filter });
    host.register(find).unwrap();
    let find = host.get("options:find").unwrap();
    assert_eq!(find.title(), Some("Find in 2 folders"));
    assert_eq!(find.agent(), Some(agent));
    assert!(find.is_snapshot());
    assert_eq!(find.timeout(), Some(Duration::from_secs(3600)));
    let found: Option<String> = rpc.call_dynamic("options:find", ("a",)).await.unwrap();
    assert_eq!(found.as_deref(), Some("a"));
}

#[tokio::test]
async fn a_closure_that_takes_too_long_is_dropped() {
    let (devtools, rpc) = program().await;
    let slow = define_rpc_function("options:slow")
        .timeout(Duration::from_millis(1))
        .async_handler(pending::<u8>);
    devtools.context().rpc().register(slow).unwrap();
    let late = rpc.call_dynamic::<u8>("options:slow", ()).await;
    assert_eq!(
        late.unwrap_err().to_string(),
        "\"options:slow\" did not end within 1ms"
    );
}

// Typed by the handler.
#[tokio::test]
async fn a_closure_has_a_dump_that_a_closure_computes() {
    let (devtools, _rpc) = program().await;
    let host = devtools.context().rpc();
    let plain = define_rpc_function("dumped:plain")
        .dump(|ctx: &DevToolsContext| {
            let root = ctx.cwd().display().to_string();
            Dump::inputs([(root, None), ("/".to_owned(), Some(2))]).fallback(0)
        })
        .handler(|path: String, factor: Option<usize>| path.len() * factor.unwrap_or(1));
    let fails = define_rpc_function("dumped:fails")
        .dump(|ctx: &DevToolsContext| {
            let ctx = ctx.clone();
            async move {
                tokio::task::yield_now().await;
                let lengths = ctx.cwd().iter().map(|part| (part.len(),));
                Ok::<_, Boom>(Dump::inputs(lengths.take(1)).fallback(Err(Boom)))
            }
        })
        .try_async_handler(|length: usize| async move {
            if length > 0 { Ok(length) } else { Err(Boom) }
        });
    let clone = define_rpc_function("dumped:clone")
        .encoding(Encoding::StructuredClone)
        .dump(|_: &DevToolsContext| Dump::inputs([(js::Value::Undefined,)]))
        .handler(|value: js::Value| value);
    for function in [plain, fails, clone] {
        host.register(function).unwrap();
    }
    let plain = dump_of(devtools.context(), "dumped:plain").await;
    let plain = plain.unwrap().unwrap();
    assert_eq!(plain.fallback(), Some(r#"{"inputs":[],"output":0}"#));
    let inputs = plain.into_inputs();
    assert_eq!(inputs.len(), 2);
    assert_eq!(inputs[1], r#"["/",2]"#);
    let fails = dump_of(devtools.context(), "dumped:fails").await;
    let fails = fails.unwrap().unwrap();
    let fallback = fails.fallback().unwrap();
    assert!(fallback.contains("boom"), "{fallback}");
    let clone = dump_of(devtools.context(), "dumped:clone").await;
    let clone = clone.unwrap().unwrap();
    assert_eq!(clone.fallback(), None);
    assert_eq!(clone.into_inputs(), ["[[1,[1]],[-1]]"]);
    let local: usize = host.invoke_local("dumped:plain", ("ab", 3)).await.unwrap();
    assert_eq!(local, 6);
}

#[tokio::test]
async fn what_does_not_go_together_is_refused_at_registration() {
    fn dump<R>(_: &DevToolsContext) -> Dump<(), R> {
        Dump::inputs([()])
    }
    let (devtools, _rpc) = program().await;
    let define = || define_rpc_function("rules:f");
    let agent = AgentOptions::new(AgentSafety::Read);
    let second = Duration::from_secs(1);
    let refused = [
        (
            define().action().snapshot().handler(|| 1),
            "which only a query can have",
        ),
        (
            define().event().dump(dump).handler(|| ()),
            "which only a query can have",
        ),
        (
            define().kind(FunctionKind::Static).dump(dump).handler(|| 1),
            "which only a query can have",
        ),
        (
            define().snapshot().dump(dump).handler(|| 1),
            "has both `snapshot` and `dump`",
        ),
        (
            define().snapshot().handler(|id: u8, _: Option<u8>| id),
            "make its parameters `Option`s",
        ),
        (
            define().agent(agent).handler(|| 1),
            "choose by the description, but has none",
        ),
        (
            define()
                .agent(agent)
                .description("One.")
                .encoding(Encoding::StructuredClone)
                .handler(|| 1),
            "declares structured clone",
        ),
        (
            define().timeout(second).try_handler(|| Ok::<_, Boom>(1)),
            "its handler is not async",
        ),
        (
            define()
                .timeout(Duration::ZERO)
                .async_handler(|| async { 1 }),
            "a timeout of zero",
        ),
        (
            define().action().cacheable().handler(|| 1),
            "cannot be cacheable",
        ),
    ];
    for (function, rule) in refused {
        let host = devtools.context().rpc();
        let error = host.register(function.clone()).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("`rules:f`"), "{message}");
        assert!(message.contains(rule), "{message}");
        assert_eq!(host.force(function).unwrap_err(), error);
        assert!(host.get("rules:f").is_none());
    }
}

/// The event to clients that cache.
#[rpc_function(name = "devframe:rpc:cache:invalidate", as = CacheInvalidated, kind = "event", side = "client")]
async fn cache_invalidated();

#[tokio::test]
async fn functions_come_change_and_go_while_clients_are_there() {
    let (devtools, rpc) = program().await;
    rpc.call_dynamic::<Value>("e2e:get-modules", ())
        .await
        .unwrap();
    let (told, mut invalidated) = mpsc::channel(8);
    rpc.register::<CacheInvalidated>(move || {
        let told = told.clone();
        async move { told.send(()).await.unwrap() }
    });
    let functions = devtools.context().rpc();
    let mut changes = functions.on_changed();
    let answer = |n: u8| define_rpc_function("late:answer").handler(move || n);
    let call = || rpc.call_dynamic::<u8>("late:answer", ());

    let missing = functions.update(answer(0)).unwrap_err();
    assert_eq!(missing, RegisterError::Unknown("late:answer".into()));
    functions.register(answer(1)).unwrap();
    changes.next().await.unwrap();
    invalidated.recv().await.unwrap();
    assert_eq!(call().await.unwrap(), 1);

    let taken = functions.register(answer(2)).unwrap_err();
    let taken = taken.to_string();
    assert!(
        taken.starts_with("the code at tests/e2e/served/run_time.rs:"),
        "{taken}"
    );
    let advice =
        "defines `late:answer` a second time: register it once, or replace the first with `update`";
    assert!(taken.ends_with(advice), "{taken}");
    assert_eq!(call().await.unwrap(), 1);
    functions.update(answer(3)).unwrap();
    invalidated.recv().await.unwrap();
    assert_eq!(call().await.unwrap(), 3);
    functions.force(answer(4)).unwrap();
    assert_eq!(call().await.unwrap(), 4);
    assert!(functions.has("late:answer"));
    assert!(functions.unregister("late:answer"));
    assert!(!functions.unregister("late:answer"));
    assert!(matches!(call().await, Err(CallError::UnknownFunction(_))));
}

#[tokio::test]
async fn what_the_attribute_refuses_is_refused_here() {
    let (devtools, _rpc) = program().await;
    let functions = devtools.context().rpc();
    for name in ["late", "late:getData", "late:", "Late:get", "late:get data"] {
        let refused = functions
            .register(define_rpc_function(name).handler(|| 1_u8))
            .unwrap_err();
        assert_eq!(refused, RegisterError::Name(name.into()));
    }
    let constant = define_rpc_function("late:constant").kind(FunctionKind::Static);
    let refused = functions
        .register(constant.clone().handler(|n: u8| n))
        .unwrap_err();
    assert_eq!(
        refused,
        RegisterError::StaticWithParameters("late:constant".into())
    );
    functions.register(constant.handler(|| 1_u8)).unwrap();
}

#[tokio::test]
async fn clients_that_cache_learn_what_they_may_keep() {
    // Other tests have constant functions in this program too.
    let builder = devtools().without_collected();
    let builder = builder
        .function(GetConfig::definition())
        .function(Add::definition());
    let devtools = builder.build().await.unwrap();
    let rpc = devtools.client();
    let constant = define_rpc_function("late:constant")
        .kind(FunctionKind::Static)
        .handler(|| 1_u8);
    devtools.context().rpc().register(constant).unwrap();
    let names: Vec<String> = rpc
        .call_dynamic("devframe:rpc:cacheable-functions", ())
        .await
        .unwrap();
    assert_eq!(names, ["e2e:get-config", "late:constant"]);
}

#[tokio::test]
async fn a_plugin_leaves_its_own_name_out() {
    let devtools = DevTools::builder()
        .without_collected()
        .build()
        .await
        .unwrap();
    let scope = devtools.context().scope("my-plugin");
    let answer = |n: u8| define_rpc_function("answer").query().handler(move || n);
    scope.register(answer(42)).unwrap();
    assert_eq!(scope.invoke_local::<u8>("answer", ()).await.unwrap(), 42);
    let rpc = devtools.client();
    assert_eq!(
        rpc.call_dynamic::<u8>("my-plugin:answer", ())
            .await
            .unwrap(),
        42
    );
    assert!(scope.register(answer(1)).is_err(), "it is there already");
    scope.update(answer(43)).unwrap();
    assert_eq!(
        rpc.call_dynamic::<u8>("my-plugin:answer", ())
            .await
            .unwrap(),
        43
    );
    let names: Vec<String> = scope
        .list()
        .iter()
        .map(|function| function.name().to_owned())
        .collect();
    assert_eq!(names, ["my-plugin:answer"]);

    let whole = define_rpc_function("other:answer").query().handler(|| 1_u8);
    let error = scope.register(whole).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`other:answer` already has a scope: leave it out, because the name is registered within `my-plugin`"
    );
    assert!(
        devtools
            .context()
            .scope("My Plugin")
            .register(answer(1))
            .is_err()
    );
    assert!(scope.unregister("answer") && !scope.has("answer") && scope.get("answer").is_none());
}
