//! Types that are not the same everywhere: in both codecs, in both directions, under one name; and those that cannot be written.

use std::panic::{AssertUnwindSafe, catch_unwind};

use devtools_runtime::typescript::TypeScriptOptions;
use devtools_runtime::{
    DevTools, DevToolsBuilder, Encoding, FunctionDefinition, Side, define_rpc_function, js,
    rpc_function, rpc_functions,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tests::typecheck::typecheck;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Rich {
    at: js::Date,
    big: js::BigInt,
    bytes: js::Bytes,
    map: js::Map<String, js::Set<u8>>,
    pattern: js::RegExp,
    arrays: Vec<js::TypedArray>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Holder {
    rich: Rich,
    #[serde(default)]
    more: Vec<Rich>,
}

fn of(functions: impl IntoIterator<Item = FunctionDefinition>) -> impl Future<Output = DevTools> {
    let builder = DevTools::builder().without_collected();
    let builder = functions
        .into_iter()
        .fold(builder, DevToolsBuilder::function);
    async { builder.build().await.unwrap() }
}

const RICH: &str = r"
import type { RichServerFunctions as F } from './generated'

const rich: Awaited<ReturnType<F['rich:clone']>>['rich'] = {
  at: new Date(),
  big: 1n,
  bytes: new Uint8Array(),
  map: new Map([['a', new Set([1])]]),
  pattern: /a/,
  arrays: [new Float64Array()],
}
const call = null! as F['rich:clone']
void call({ rich })
const plain: Awaited<ReturnType<F['rich:json']>>['rich'] = {
  at: '1970-01-01T00:00:00.000Z',
  big: '1',
  bytes: [1],
  map: { a: [1] },
  pattern: { source: 'a', flags: '' },
  arrays: [[1]],
}
// @ts-expect-error it is a `Date` here
void call({ rich: plain })
";

#[tokio::test]
async fn classes_of_javascript_are_there_where_structured_clone_carries_them() {
    let function = |name: &'static str, encoding| {
        define_rpc_function(name)
            .encoding(encoding)
            .types::<fn(Holder) -> Holder>()
            .handler(|holder: Holder| holder)
    };
    let devtools = of([
        function("rich:json", Encoding::Json),
        function("rich:clone", Encoding::StructuredClone),
    ]);
    let text = devtools.await.typescript().unwrap();
    for name in [
        "Holder",
        "HolderClone",
        "HolderInput",
        "HolderCloneInput",
        "Rich",
        "RichClone",
    ] {
        assert!(
            text.contains(&format!("export interface {name} {{")),
            "{name} in {text}"
        );
    }
    assert!(text.contains("Promise<HolderClone>"), "{text}");
    assert!(!text.contains("RichInput"), "{text}");
    typecheck(&[("generated.d.ts", &text), ("rich.ts", RICH)]).await;
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Defaulted {
    #[serde(default)]
    depth: u8,
}

#[rpc_function(name = "both:to-server")]
fn to_server(of: Defaulted) -> u8 {
    of.depth
}

#[rpc_function(name = "both:to-client", kind = "action", side = "client")]
async fn to_client(of: Defaulted) -> Defaulted;

rpc_functions! {
    struct Both { ToServer, ToClient }
}

#[tokio::test]
async fn arguments_for_a_client_are_what_rust_writes() {
    let builder = DevTools::builder().without_collected().functions::<Both>();
    let devtools = builder.build().await.unwrap();
    let text = devtools.typescript().unwrap();
    assert!(
        text.contains("'both:to-server': (of: DefaultedInput) => Promise<number>"),
        "{text}"
    );
    let expected = "'both:to-client': (of: Defaulted) => Promise<DefaultedInput>";
    assert!(text.contains(expected), "{text}");

    // A program also tells of functions that are listed and not collected.
    let described = devtools.context().rpc().describe();
    let sides: Vec<_> = described
        .iter()
        .filter(|function| function.name.starts_with("both:"))
        .map(|function| (function.name.as_str(), function.side))
        .collect();
    let expected = [
        ("both:to-client", Side::Client),
        ("both:to-server", Side::Server),
    ];
    assert_eq!(sides, expected);
}

/// Says of itself what no type can say.
#[derive(Serialize, Deserialize)]
struct Conditional;

impl JsonSchema for Conditional {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Conditional".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "if": { "type": "string" }, "then": { "minLength": 1 } })
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct HasConditional {
    list: Vec<Inner>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Inner {
    when: Vec<Conditional>,
}

#[tokio::test]
async fn what_cannot_be_written_is_refused_with_its_place() {
    let field = define_rpc_function("refused:field")
        .types::<fn() -> HasConditional>()
        .handler(|| HasConditional { list: Vec::new() });
    let error = of([field]).await.typescript().unwrap_err();
    assert_eq!(
        error.to_string(),
        "field `when` of `Inner` cannot be written in TypeScript: the keyword `if` of its schema has no counterpart",
    );
    let parameter = define_rpc_function("refused:parameter")
        .types::<fn(Conditional)>()
        .handler(|_: Conditional| ());
    let error = of([parameter]).await.typescript().unwrap_err();
    let place = "the parameter `arg0` of `refused:parameter` cannot";
    assert!(error.to_string().starts_with(place), "{error}");

    let options = TypeScriptOptions::new().prefix("my-plugin");
    let error = of([]).await.typescript_with(&options).unwrap_err();
    assert!(error.to_string().contains("`my-plugin`"), "{error}");
}

#[tokio::test]
async fn a_part_of_the_functions_goes_to_other_modules() {
    let function = |name: &'static str| define_rpc_function(name).handler(|| 1_u8);
    let devtools = of([function("one:get"), function("two:get")]).await;
    let options = TypeScriptOptions::new()
        .scope("two")
        .without_augmentation()
        .augment("my-kit", "My");
    let text = devtools.typescript_with(&options).unwrap();
    let expected = "\
// Generated from Rust by devtools-runtime: changes will be lost.

// These imports make the augmentations below work. A module that is not installed is ignored.
// @ts-ignore
import 'my-kit'

/** Functions of the server that panels call. */
export interface TwoServerFunctions {
  'two:get': () => Promise<unknown>
}

declare module 'my-kit' {
  interface MyServerFunctions extends TwoServerFunctions {}
}
";
    assert_eq!(text, expected);
    let nothing = of([]).await.typescript().unwrap();
    assert!(nothing.ends_with("\nexport {}\n"), "{nothing}");
}

#[tokio::test]
async fn a_stale_file_is_shown_by_a_test() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rpc.d.ts");
    let devtools = of([define_rpc_function("stale:get").handler(|| 1_u8)]).await;
    std::fs::write(&file, devtools.typescript().unwrap()).unwrap();
    devtools.assert_typescript(&file);
    std::fs::write(
        &file,
        devtools.typescript().unwrap().replace("unknown", "string"),
    )
    .unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| devtools.assert_typescript(&file))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("-   'stale:get': () => Promise<string>"),
        "{message}"
    );
}

#[tokio::test]
async fn a_schema_stands_alone() {
    let function = define_rpc_function("schema:get")
        .types::<fn(Inner2) -> Option<Inner2>>()
        .handler(|inner: Inner2| Some(inner));
    let devtools = of([function]).await;
    let schema = devtools.context().rpc().get_schema("schema:get").unwrap();
    let inner = &schema.arguments[0];
    assert_eq!(inner["$ref"], "#/$defs/Inner2");
    assert_eq!(
        inner["$defs"]["Inner2"]["properties"]["id"]["description"],
        "The name of the module."
    );
    assert_eq!(schema.output["anyOf"][1], json!({ "type": "null" }));
    let error = devtools
        .context()
        .rpc()
        .get_schema("schema:gat")
        .unwrap_err();
    assert!(error.to_string().contains("`schema:gat`"), "{error}");
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Inner2 {
    /// The name of the module.
    id: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Gauge {
    level: f64,
    limit: Option<f32>,
}

#[tokio::test]
async fn a_float_may_arrive_as_null_and_that_is_said_once() {
    let says = "is a float in Rust arrives as `null` if it is `NaN` or infinite";
    let function = |name| define_rpc_function(name).types::<fn() -> Vec<Gauge>>();
    let devtools = of([function("floats:gauges").handler(Vec::<Gauge>::new)]).await;
    let text = devtools.typescript().unwrap();
    assert_eq!(text.matches(says).count(), 1, "{text}");
    assert!(text.contains("  level: number\n"), "{text}");
    assert!(text.contains("  limit: number | null\n"), "{text}");
    typecheck(&[("generated.d.ts", &text)]).await;

    // A float that only clients send, or a whole number, is what it is.
    let takes = define_rpc_function("floats:set").types::<fn(f64) -> u32>();
    let devtools = of([takes.handler(|level: f64| u32::from(level > 0.5))]).await;
    let text = devtools.typescript().unwrap();
    assert!(!text.contains(says), "{text}");
    let returns = define_rpc_function("floats:get").types::<fn() -> f32>();
    let devtools = of([returns.handler(|| 0.5)]).await;
    assert!(devtools.typescript().unwrap().contains(says));
}
