//! The types of workers' functions are known to gateways.

use std::fmt;
use std::sync::{Arc, Mutex};

use devtools_runtime::backplane::Backplane;
use devtools_runtime::functions::{AgentOptions, AgentSafety};
use devtools_runtime::typescript::TypeScriptOptions;
use devtools_runtime::{DevTools, FunctionDefinition, Limits, define_rpc_function, rpc_function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing_subscriber::fmt::MakeWriter;

use crate::workers::{gateway, worker};
use tests::wait::{eventually, in_time};

for_each_backplane!(
    three:
    a_gateway_describes_functions_as_their_worker_does,
    a_mismatch_of_types_is_named,
    the_worker_that_came_last_describes_a_function,
);

/// A part of a build.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Part {
    /// The path of its file.
    path: String,
    /// The size in bytes. The caller may leave it out.
    #[serde(default)]
    size: u32,
    of: Option<Box<Part>>,
}

/// The settings of a build.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Target {
    Web { minify: bool },
    Server,
}

/// Builds parts.
#[rpc_function(
    name = "types:build",
    kind = "action",
    role = "builder",
    agent(safety = "destructive", title = "Build the parts", tags = ["graph", "build"])
)]
fn build(parts: Vec<Part>, target: Target, limit: Option<u32>) -> Vec<Part> {
    let _ = (target, limit);
    parts
}

/// Finds a part.
#[rpc_function(name = "types:find", encoding = "structured-clone", cacheable)]
fn find(part: Part) -> Option<Part> {
    (!part.path.is_empty()).then_some(part)
}

/// A type of the same name as another one.
mod other {
    #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Part {
        pub(super) number: u32,
    }
}

async fn a_gateway_describes_functions_as_their_worker_does(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let functions = vec![Build::definition(), Find::definition()];
    let first = worker(one, Limits::new(), functions).await;
    let (gateway, _client) = gateway(three, "types:build").await;
    let (types, of_worker) = (gateway.typescript(), first.devtools.typescript());
    assert_eq!(types.unwrap(), of_worker.unwrap());
    let options = TypeScriptOptions::new();
    let of_worker = first.devtools.openrpc_with(&options);
    let types = gateway.openrpc_with(&options);
    assert_eq!(types.unwrap(), of_worker.unwrap());
    let schema = gateway.context().rpc().get_schema("types:find").unwrap();
    let of_worker = first.devtools.context().rpc();
    assert_eq!(schema, of_worker.get_schema("types:find").unwrap());

    for name in ["types:build", "types:find"] {
        let facts = |devtools: &DevTools| {
            let function = devtools.context().rpc().get(name).unwrap();
            (function.agent(), function.role(), function.is_cacheable())
        };
        assert_eq!(facts(&gateway), facts(&first.devtools), "{name}");
    }
    let for_agents = gateway.context().agents().functions();
    let for_agents: Vec<_> = for_agents.iter().map(FunctionDefinition::name).collect();
    assert_eq!(for_agents, ["types:build"]);

    // A second worker has a type of the same name.
    let count = define_rpc_function("types:count").types::<fn(other::Part) -> u32>();
    let count = count.handler(|part: other::Part| part.number);
    let second = worker(two, Limits::new(), vec![count]).await;
    eventually(|| gateway.context().rpc().has("types:count")).await;
    let types = gateway.typescript().unwrap();
    assert!(!types.contains("unknown"), "{types}");
    let of = |line: &str| {
        let found = types.lines().find(|it| it.contains(line));
        found
            .unwrap_or_else(|| panic!("{line}: {types}"))
            .to_owned()
    };
    let (count, find) = (of("'types:count'"), of("'types:find'"));
    let argument = |line: &str| {
        let (_, line) = line.split_once('(').unwrap();
        let (_, line) = line.split_once(": ").unwrap();
        line.split_once(')').unwrap().0.to_owned()
    };
    assert_ne!(argument(&count), argument(&find), "{types}");
    first.stop().await;
    second.stop().await;
}

/// The lines of the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the log")
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn a_mismatch_of_types_is_named(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let log = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false);
    let _subscriber = crate::subscriber::of_this_thread(subscriber.finish());
    let process = two.process().to_owned();
    let first = worker(one, Limits::new(), vec![Find::definition()]).await;
    let (_gateway, client) = gateway(three, "types:find").await;
    let other = define_rpc_function("types:find").types::<fn(other::Part) -> other::Part>();
    let second = worker(
        two,
        Limits::new(),
        vec![other.handler(|part: other::Part| part)],
    )
    .await;
    in_time(async {
        while !log
            .text()
            .contains("another worker offers it with other types")
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    let text = log.text();
    let line = text.lines().find(|it| it.contains("other types")).unwrap();
    assert!(line.contains(&process), "{line}");
    assert!(line.contains("types:find"), "{line}");
    for number in 0..10 {
        let part = Part {
            path: "main.ts".to_owned(),
            size: number,
            of: None,
        };
        let found = client.call_dynamic::<Option<Part>>("types:find", (part,));
        assert_eq!(in_time(found).await.unwrap().unwrap().size, number);
    }
    first.stop().await;
    second.stop().await;
}

async fn the_worker_that_came_last_describes_a_function(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let number = || define_rpc_function("types:number").action().role("user");
    let number = number().description("Returns one.").handler(|| 1);
    let first = worker(one, Limits::new(), vec![number]).await;
    let (gateway, _client) = gateway(three, "types:number").await;
    let client = gateway.client_with_roles(["guest"]);
    let error = client.call_dynamic::<u32>("types:number", ()).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("user"), "{error}");

    // The next version is for everybody, and for agents.
    let number = define_rpc_function("types:number").action();
    let number = number.description("Returns two.");
    let number = number.agent(AgentOptions::new(AgentSafety::Destructive));
    let second = worker(two, Limits::new(), vec![number.handler(|| 2)]).await;
    let described = || gateway.context().rpc().get("types:number").unwrap();
    in_time(async {
        while described().description() != "Returns two." {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    assert_eq!(described().role(), None);
    let agent = AgentOptions::new(AgentSafety::Destructive);
    assert_eq!(described().agent(), Some(agent));
    first.stop().await;
    let number = client.call_dynamic::<u32>("types:number", ());
    assert_eq!(in_time(number).await.unwrap(), 2);
    second.stop().await;
}
