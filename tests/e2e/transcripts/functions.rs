//! The functions that the recorded server had, as a Rust program defines them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use devtools_runtime::functions::{RpcArgument, RpcFunctionBuilder, RpcOutput};
use devtools_runtime::{
    DevToolsBuilder, Encoding, FunctionDefinition, FunctionKind, define_rpc_function, js,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

/// Which codec each function is declared in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    /// As the JavaScript server behaved: stock servers write nothing as JSON, and those that were given their
    /// definitions write what is flagged so ([protocol 2.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#22-which-codec-a-peer-writes)).
    AsRecorded { definitions: bool },
    /// As Rust programs do it: JSON, and structured clone for what JSON has no word for.
    AsUsual,
}

/// The names that the recorded server flagged as `jsonSerializable`.
fn is_flagged(name: &str) -> bool {
    name.starts_with("proto:json-") || name == "proto:agent-tool"
}

/// Takes or gives what JSON has no word for.
fn needs_clone(name: &str) -> bool {
    ["proto:rich", "proto:echo", "proto:count-args"].contains(&name)
        || ["proto:unserializable", "proto:function-result"].contains(&name)
}

impl Declared {
    fn of(self, name: &str) -> Encoding {
        let json = match self {
            Self::AsRecorded { definitions } => definitions && is_flagged(name),
            Self::AsUsual => !needs_clone(name),
        };
        if json {
            Encoding::Json
        } else {
            Encoding::StructuredClone
        }
    }

    fn define(self, name: &'static str) -> RpcFunctionBuilder {
        define_rpc_function(name).encoding(self.of(name))
    }
}

/// The state that the functions share with the test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    events: Arc<Mutex<Vec<Value>>>,
    /// For each time that a call takes, those that have begun and those that may end.
    slow: Arc<Mutex<HashMap<u64, Arc<Gate>>>>,
}

#[derive(Debug)]
struct Gate {
    begun: Semaphore,
    passed: Semaphore,
}

impl Shared {
    /// The arguments of each `proto:event`.
    pub(crate) fn events(&self) -> Value {
        self.events.lock().unwrap().iter().cloned().collect()
    }

    /// Lets a call of `proto:slow` that takes so long end. Time passes when the recording says so, and not before.
    pub(crate) fn pass(&self, ms: u64) {
        self.gate(ms).passed.add_permits(1);
    }

    /// Waits until a call of `proto:slow` that takes so long has begun.
    pub(crate) async fn begun(&self, ms: u64) {
        self.gate(ms).begun.acquire().await.unwrap().forget();
    }

    fn gate(&self, ms: u64) -> Arc<Gate> {
        let mut slow = self.slow.lock().unwrap();
        let gate = || {
            Arc::new(Gate {
                begun: Semaphore::new(0),
                passed: Semaphore::new(0),
            })
        };
        Arc::clone(slow.entry(ms).or_insert_with(gate))
    }
}

/// An argument of a function that takes any number of them: one that is given, `undefined` too, is told from one
/// that is not.
#[derive(Debug)]
struct Given(Option<js::Value>);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match js::Value::deserialize(deserializer) {
            Ok(value) => Ok(Self(Some(value))),
            Err(missing) if missing.to_string().contains("missing argument") => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A closure over all arguments, however many: the recordings have six at most.
fn variadic(
    function: RpcFunctionBuilder,
    handler: impl Fn(Vec<js::Value>) -> js::Value + Send + Sync + 'static,
) -> FunctionDefinition {
    function.handler(
        move |a: Given, b: Given, c: Given, d: Given, e: Given, f: Given| {
            let given = [a, b, c, d, e, f].into_iter().filter_map(|given| given.0);
            handler(given.collect())
        },
    )
}

/// A function that fails with an error of this message.
fn failing(function: RpcFunctionBuilder, message: &'static str) -> FunctionDefinition {
    function.try_handler(move || Err::<(), _>(js::Error::new(message)))
}

fn returning<T: RpcOutput + RpcArgument + Clone + Sync>(
    function: RpcFunctionBuilder,
    value: T,
) -> FunctionDefinition {
    function.handler(move || value.clone())
}

#[derive(Clone, Serialize, Deserialize)]
struct Rich {
    map: js::Map<String, u8>,
    set: js::Set<String>,
    date: Option<js::Date>,
    big: js::BigInt,
    undef: js::Undefined,
    re: js::RegExp,
    bytes: js::Bytes,
}

#[derive(Clone, Serialize, Deserialize)]
struct Optional {
    a: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<u8>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Numbers {
    nan: Option<f64>,
    inf: Option<f64>,
    nz: f64,
}

/// The second parameter of `proto:schema`. What the schema does not name is kept.
#[derive(Serialize, Deserialize)]
struct Options {
    n: f64,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// The result of `proto:schema`.
#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
    opts: Options,
}

/// A key of neither codec: the nearest that a Rust function comes to a result that its declaration forbids.
type Unwritable = Vec<(HashMap<Vec<u8>, u8>,)>;

/// A builder with the recorded functions in it.
pub(crate) fn server(declared: Declared, shared: &Shared) -> DevToolsBuilder {
    let mut builder = devtools_runtime::DevTools::builder()
        .base("/")
        .without_collected();
    for function in definitions(declared, shared) {
        builder = builder.function(function);
    }
    builder
}

fn definitions(declared: Declared, shared: &Shared) -> Vec<FunctionDefinition> {
    let define = |name| declared.define(name);
    let mut functions = vec![
        define("proto:add").handler(|a: i64, b: i64| a + b),
        define("proto:agent-tool").handler(|a: i64, b: i64| a + b),
        variadic(define("proto:echo"), js::Value::Array),
        variadic(define("proto:json-echo"), |given| {
            js::Value::Object(vec![("args".to_owned(), js::Value::Array(given))])
        }),
        variadic(define("proto:count-args"), |given| {
            js::Value::Number(u32::try_from(given.len()).unwrap().into())
        }),
        define("proto:cacheable").handler(|value: i64| value),
        returning(
            define("proto:static-like").kind(FunctionKind::Static),
            "static".to_owned(),
        ),
        define("proto:schema").handler(|name: String, opts: Options| Named { name, opts }),
        define("proto:bad-returns")
            .handler(|| -> Unwritable { vec![(HashMap::from([(vec![1], 1)]),)] }),
    ];
    functions.extend(values(declared));
    functions.extend(failures(declared));
    functions.extend(with_the_test(declared, shared));
    functions
}

/// Those that return one value, always.
fn values(declared: Declared) -> Vec<FunctionDefinition> {
    let define = |name| declared.define(name);
    let rich = Rich {
        map: [("k".to_owned(), 1)].into_iter().collect(),
        set: ["x".to_owned()].into_iter().collect(),
        date: js::Date::from_millis(0),
        big: js::BigInt::from(10_i64),
        undef: js::Undefined,
        re: js::RegExp::new("a", "g"),
        bytes: js::Bytes::from(vec![1, 2]),
    };
    let map: js::Map<String, u8> = [("a".to_owned(), 1)].into_iter().collect();
    let hole = vec![js::Value::Number(1.0), js::Value::Undefined];
    let numbers = Numbers {
        nan: Some(f64::NAN),
        inf: Some(f64::INFINITY),
        nz: -0.0,
    };
    vec![
        returning(define("proto:rich"), rich),
        returning(define("proto:void"), js::Undefined),
        returning(define("proto:null"), ()),
        // A function is no value in Rust.
        returning(define("proto:function-result"), js::Undefined),
        returning(define("proto:unserializable"), js::Value::Date(None)),
        returning(define("proto:json-undefined"), js::Undefined),
        returning(
            define("proto:json-optional-prop"),
            Optional { a: 1, b: None },
        ),
        returning(define("proto:json-nan"), numbers),
        returning(
            define("proto:json-bad-map"),
            HashMap::from([("nested".to_owned(), HashMap::from([("m".to_owned(), map)]))]),
        ),
        returning(
            define("proto:json-bad-date"),
            vec![js::Date::from_millis(0)],
        ),
        returning(define("proto:json-bad-hole"), js::Value::Array(hole)),
    ]
}

fn failures(declared: Declared) -> Vec<FunctionDefinition> {
    let define = |name| declared.define(name);
    vec![
        failing(define("proto:throw-plain"), "boom"),
        failing(define("proto:throw-type-error"), "bad type"),
        failing(define("proto:throw-custom"), "custom boom"),
        failing(define("proto:throw-cause"), "outer"),
        failing(define("proto:throw-aggregate"), "many"),
        failing(define("proto:json-throws"), "json boom"),
        define("proto:reject-async").try_async_handler(|| async {
            tokio::task::yield_now().await;
            Err::<(), _>(js::Error::new("async boom"))
        }),
        // Only errors are thrown in Rust: these have the message that a client makes of the value.
        failing(define("proto:throw-dom"), "[object Object]"),
        failing(define("proto:throw-string"), "just a string"),
        failing(define("proto:throw-object"), "[object Object]"),
        failing(define("proto:throw-number"), "7"),
        // To throw one of these is to return `undefined` (`docs/protocol.md` 1.5), which is what Rust can do.
        returning(define("proto:throw-zero"), js::Undefined),
        returning(define("proto:throw-null"), js::Undefined),
        returning(define("proto:throw-undefined"), js::Undefined),
        returning(define("proto:throw-empty-string"), js::Undefined),
    ]
}

/// Those whose doings the test sees or steers.
fn with_the_test(declared: Declared, shared: &Shared) -> Vec<FunctionDefinition> {
    let define = |name| declared.define(name);
    let (events, slow) = (Arc::clone(&shared.events), shared.clone());
    vec![
        define("proto:slow").async_handler(move |ms: u64, value: js::Value| {
            let gate = slow.gate(ms);
            gate.begun.add_permits(1);
            async move {
                gate.passed.acquire().await.unwrap().forget();
                value
            }
        }),
        define("proto:event").event().handler(
            move |message: Option<Value>, more: Option<Value>| {
                let told = [message, more].into_iter().flatten().collect();
                events.lock().unwrap().push(told);
            },
        ),
        failing(define("proto:event-throws").event(), "an event that fails"),
    ]
}

/// A function that is registered while the server runs.
pub(crate) fn late() -> FunctionDefinition {
    define_rpc_function("proto:late").handler(|| json!("late"))
}
