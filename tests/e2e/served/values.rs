//! Values on their way: numbers, text and nesting are the same in both codecs, and for every caller.

use std::collections::{BTreeMap, HashMap};

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsRpcClient, Limits, js, rpc_function, rpc_functions,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tests::fixture::{Echo, EchoClone};

use super::rust_client::{clients, connect};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tree {
    children: Vec<Tree>,
}

impl Tree {
    /// A tree in which each node has one child: two levels a node.
    fn of(nodes: usize) -> Self {
        (1..nodes).fold(Self { children: vec![] }, |child, _| Self {
            children: vec![child],
        })
    }
}

#[rpc_function(name = "values:tree")]
fn keep_tree(tree: Tree) -> Tree {
    tree
}

#[rpc_function(name = "values:tree-clone", encoding = "structured-clone")]
fn keep_tree_clone(tree: Tree) -> Tree {
    tree
}

#[rpc_function(name = "values:grow")]
fn grow_tree(nodes: usize) -> Tree {
    Tree::of(nodes)
}

#[rpc_function(name = "values:grow-clone", encoding = "structured-clone")]
fn grow_tree_clone(nodes: usize) -> Tree {
    Tree::of(nodes)
}

fn says_limit<T: std::fmt::Debug>(result: Result<T, CallError>) {
    let error = result.unwrap_err();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    assert!(text.contains("128 levels (`Limits::DEPTH`)"), "{text}");
}

#[tokio::test]
async fn nesting_has_one_limit_everywhere() {
    assert_eq!(Limits::DEPTH, 128);
    let (_server, clients) = clients().await;
    for rpc in clients {
        // 64 nodes are 128 levels: a parameter, a result and a reply, in either codec, typed and by name.
        assert_eq!(
            KeepTree::call(&rpc, Tree::of(64)).await.unwrap(),
            Tree::of(64)
        );
        assert_eq!(
            KeepTreeClone::call(&rpc, Tree::of(64)).await.unwrap(),
            Tree::of(64)
        );
        assert_eq!(GrowTree::call(&rpc, 64).await.unwrap(), Tree::of(64));
        assert_eq!(GrowTreeClone::call(&rpc, 64).await.unwrap(), Tree::of(64));
        for name in ["values:tree", "values:tree-clone"] {
            let json: Value = rpc.call_dynamic(name, (Tree::of(64),)).await.unwrap();
            assert_eq!(json, serde_json::to_value(Tree::of(64)).unwrap());
            let value: js::Value = rpc.call_dynamic(name, (Tree::of(64),)).await.unwrap();
            assert_eq!(serde_json::to_value(value).unwrap(), json);
        }
        // One more is refused by whoever sees it first, without overflowing a stack.
        for nodes in [65, 2_500] {
            says_limit(KeepTree::call(&rpc, Tree::of(nodes)).await);
            says_limit(KeepTreeClone::call(&rpc, Tree::of(nodes)).await);
            says_limit(GrowTree::call(&rpc, nodes).await);
            says_limit(GrowTreeClone::call(&rpc, nodes).await);
            for name in ["values:tree", "values:tree-clone"] {
                says_limit(rpc.call_dynamic::<Value>(name, (Tree::of(nodes),)).await);
            }
        }
    }
}

#[rpc_function(name = "values:integers")]
fn integers(a: u64, b: i64, c: u128) -> (u64, i64, u128) {
    (a, b, c)
}

#[rpc_function(name = "values:integers-clone", encoding = "structured-clone")]
fn integers_clone(a: u64, b: i64, c: u128) -> (u64, i64, u128) {
    (a, b, c)
}

#[tokio::test]
async fn whole_numbers_keep_their_digits() {
    const ODD: u64 = 9_007_199_254_740_993; // 2^53 + 1, which is no float
    let (_server, clients) = clients().await;
    for rpc in clients {
        let numbers = (u64::MAX, i64::MIN, u128::MAX);
        let (a, b, c) = numbers;
        assert_eq!(Integers::call(&rpc, a, b, c).await.unwrap(), numbers);
        assert_eq!(IntegersClone::call(&rpc, a, b, c).await.unwrap(), numbers);
        for name in ["values:integers", "values:integers-clone"] {
            let numbers = (ODD, i64::MIN + 1, u128::from(u64::MAX));
            let back: (u64, i64, u128) = rpc.call_dynamic(name, numbers).await.unwrap();
            assert_eq!(back, numbers);
            let json: Value = rpc.call_dynamic(name, numbers).await.unwrap();
            assert_eq!(json, json!([ODD, i64::MIN + 1, u64::MAX]));
            let value: js::Value = rpc.call_dynamic(name, numbers).await.unwrap();
            let exact = value.as_array().unwrap().iter().map(js::Value::as_integer);
            let expected = [
                i128::from(ODD),
                i128::from(i64::MIN + 1),
                i128::from(u64::MAX),
            ];
            assert!(exact.eq(expected.map(Some)), "{value:?}");
            // Numbers that were read so are written so.
            let back: (u64, i64, u128) = rpc
                .call_dynamic(name, value.as_array().unwrap())
                .await
                .unwrap();
            assert_eq!(back, numbers);
        }
        assert_eq!(Echo::call(&rpc, json!(ODD)).await.unwrap(), json!(ODD));
        let value = js::Value::from(ODD);
        assert_eq!(value, js::Value::Integer(ODD.into()));
        assert_eq!(EchoClone::call(&rpc, value.clone()).await.unwrap(), value);
    }
}

#[rpc_function(name = "values:average")]
fn average(of: Vec<f64>) -> f64 {
    of.iter().sum::<f64>() / if of.is_empty() { 0.0 } else { 1.0 }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Radius(f64),
    Sides(f32, f64),
    Box { width: f64 },
}

#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    name: String,
    values: Vec<f32>,
    best: Option<f64>,
    by_name: BTreeMap<String, f64>,
    by_id: HashMap<u8, f32>,
    pair: (f64, [f32; 2]),
    rows: Vec<Option<Box<[f64]>>>,
    shapes: Vec<Shape>,
}

#[rpc_function(name = "values:measure")]
fn measure() -> Measured {
    Measured {
        name: "\u{2028}null".to_owned(),
        values: vec![1.5, f32::INFINITY],
        best: Some(f64::NAN),
        by_name: [("a".to_owned(), f64::NAN), ("b".to_owned(), 0.5)].into(),
        by_id: [(7, f32::NEG_INFINITY)].into(),
        pair: (f64::NAN, [f32::NAN, 2.0]),
        rows: vec![None, Some(Box::new([f64::NAN, 1.0]))],
        shapes: vec![
            Shape::Radius(f64::NAN),
            Shape::Sides(f32::NAN, 1.0),
            Shape::Box { width: f64::NAN },
        ],
    }
}

#[rpc_function(name = "values:measure-clone", encoding = "structured-clone")]
fn measure_clone() -> Measured {
    measure()
}

#[tokio::test]
async fn a_result_that_is_not_a_number_is_read_by_its_own_type() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        assert!(Average::call(&rpc, vec![]).await.unwrap().is_nan());
        for measured in [
            Measure::call(&rpc).await.unwrap(),
            MeasureClone::call(&rpc).await.unwrap(),
        ] {
            assert_eq!(measured.name, "\u{2028}null");
            assert!(measured.values[1].is_nan());
            assert_eq!((measured.values[0], measured.best), (1.5, None));
            assert!(measured.by_name["a"].is_nan() && measured.by_id[&7].is_nan());
            assert_eq!(measured.by_name["b"].to_bits(), 0.5_f64.to_bits());
            let (first, [second, third]) = measured.pair;
            assert!(first.is_nan() && second.is_nan() && third.to_bits() == 2.0_f32.to_bits());
            let [None, Some(row)] = &measured.rows[..] else {
                panic!("{:?}", measured.rows);
            };
            assert!(row[0].is_nan() && row[1].to_bits() == 1.0_f64.to_bits());
            let [
                Shape::Radius(radius),
                Shape::Sides(side, other),
                Shape::Box { width },
            ] = &measured.shapes[..]
            else {
                panic!("{:?}", measured.shapes);
            };
            assert!(radius.is_nan() && side.is_nan() && width.is_nan());
            assert_eq!(other.to_bits(), 1.0_f64.to_bits());
        }
        // By name it is what JavaScript sees.
        let empty: [f64; 0] = [];
        let json: Value = rpc.call_dynamic("values:average", (empty,)).await.unwrap();
        assert_eq!(json, Value::Null);
        // A parameter is a number or not.
        let refused = Average::call(&rpc, vec![f64::NAN]).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "argument 1 (`of`) of `values:average` at `[0]`: invalid type: null, expected f64"
        );
    }
}

#[rpc_function(name = "values:second")]
fn second(first: js::Value, second: u64) -> u64 {
    drop(first);
    second
}

#[rpc_function(name = "values:second-clone", encoding = "structured-clone")]
fn second_clone(first: js::Value, second: u64) -> u64 {
    drop(first);
    second
}

async fn complaint(rpc: &DevToolsRpcClient, name: &str, second: Value) -> String {
    let called = rpc.call_dynamic::<Value>(name, (json!({ "x": [1] }), second));
    let text = called.await.unwrap_err().to_string();
    text.replace("-clone", "")
}

#[tokio::test]
async fn errors_name_the_argument_whatever_its_type() {
    let (_server, clients) = clients().await;
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    for rpc in clients {
        for (value, problem) in [
            (json!("text"), "invalid type: string \"text\", expected u64"),
            (json!(-1), "invalid value: integer `-1`, expected u64"),
            (json!(null), "invalid type: null, expected u64"),
        ] {
            let json = complaint(&rpc, "values:second", value.clone()).await;
            assert_eq!(
                json,
                format!("argument 2 (`second`) of `values:second`: {problem}")
            );
            let clone = complaint(&rpc, "values:second-clone", value).await;
            assert!(
                clone.starts_with("argument 2 (`second`) of `values:second`: invalid"),
                "{clone}"
            );
        }
        for name in ["values:second", "values:second-clone"] {
            let problem = complaint(&rpc, name, deep(128)).await;
            assert!(problem.starts_with("argument 2 (`second`)"), "{problem}");
        }
    }
}

/// JavaScript's `undefined`, which is not `null`.
#[rpc_function(
    name = "values:nothing",
    kind = "static",
    encoding = "structured-clone"
)]
fn nothing() -> js::Value {
    js::Value::Undefined
}

#[rpc_function(name = "values:null", kind = "static", encoding = "structured-clone")]
fn null() -> js::Value {
    js::Value::Null
}

rpc_functions! {
    struct Nothings { Nothing, Null }
}

#[tokio::test]
async fn undefined_is_told_from_null() {
    let devtools = DevTools::builder().without_collected();
    let devtools = devtools.functions::<Nothings>().auth(Auth::None);
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    server.devtools().build(&dist).await.unwrap();
    let clients = [
        DevToolsRpcClient::connect(&server.url()).await.unwrap(),
        server.devtools().client(),
        DevToolsRpcClient::open_static(&dist).await.unwrap(),
    ];
    for (name, expected) in [
        ("values:nothing", js::Value::Undefined),
        ("values:null", js::Value::Null),
    ] {
        for rpc in &clients {
            let result: js::Value = rpc.call_structured(name, ()).await.unwrap();
            assert_eq!(result, expected);
            // Other types have one word for both.
            let result: Option<u8> = rpc.call_structured(name, ()).await.unwrap();
            assert_eq!(result, None);
            let () = rpc.call_structured(name, ()).await.unwrap();
            let result: Value = rpc.call_structured(name, ()).await.unwrap();
            assert_eq!(result, Value::Null);
            let refused = rpc.call_structured::<u8>(name, ()).await;
            assert!(matches!(refused, Err(CallError::Decode { .. })));
            // So has JSON.
            let result: js::Value = rpc.call_dynamic(name, ()).await.unwrap();
            assert_eq!(result, js::Value::Null);
        }
        let ctx = server.devtools().context();
        let result: js::Value = ctx.rpc().invoke_structured(name, ()).await.unwrap();
        assert_eq!(result, expected);
    }
    // The second time it is what was kept of the first.
    for rpc in &clients {
        for _ in 0..2 {
            assert_eq!(Nothing::call(rpc).await.unwrap(), js::Value::Undefined);
            assert_eq!(Null::call(rpc).await.unwrap(), js::Value::Null);
        }
    }
}

/// Types that serde reads before it knows what they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Amount {
    Whole(u64),
    Part(f64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Mark {
    Line { at: u32, weight: f32 },
    Point { x: f64, y: i64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Pair {
    Numbers(f64, i8),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Size {
    width: f64,
    height: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Picture {
    amounts: Vec<Amount>,
    marks: Vec<Mark>,
    pair: Pair,
    #[serde(flatten)]
    size: Size,
    #[serde(flatten)]
    more: BTreeMap<String, f64>,
}

#[rpc_function(name = "values:picture")]
fn keep_picture(picture: Picture, amount: Amount) -> (Picture, Amount) {
    (picture, amount)
}

#[rpc_function(name = "values:picture-clone", encoding = "structured-clone")]
fn keep_picture_clone(picture: Picture, amount: Amount) -> (Picture, Amount) {
    (picture, amount)
}

#[tokio::test]
async fn numbers_are_read_by_types_that_look_at_them_later() {
    let (server, clients) = clients().await;
    let picture = Picture {
        amounts: vec![
            Amount::Whole(u64::MAX),
            Amount::Part(0.75),
            Amount::Text("1".to_owned()),
        ],
        marks: vec![
            Mark::Line { at: 7, weight: 0.5 },
            Mark::Point { x: -0.25, y: -1 },
        ],
        pair: Pair::Numbers(1e300, -128),
        size: Size {
            width: 2.5,
            height: Some(9_007_199_254_740_993),
        },
        more: [("depth".to_owned(), 0.125)].into(),
    };
    let both = (picture.clone(), Amount::Part(-0.5));
    for rpc in clients {
        let (picture, amount) = both.clone();
        let kept = KeepPicture::call(&rpc, picture.clone(), amount.clone());
        assert_eq!(kept.await.unwrap(), both);
        let kept = KeepPictureClone::call(&rpc, picture, amount);
        assert_eq!(kept.await.unwrap(), both);
        for name in ["values:picture", "values:picture-clone"] {
            let kept: (Picture, Amount) = rpc.call_dynamic(name, &both).await.unwrap();
            assert_eq!(kept, both);
            let kept: (Picture, Amount) = rpc.call_structured(name, &both).await.unwrap();
            assert_eq!(kept, both);
            let json: Value = rpc.call_dynamic(name, &both).await.unwrap();
            assert_eq!(json, serde_json::to_value(&both).unwrap());
        }
    }
    let states = server.devtools().context().rpc();
    let state = states
        .shared_state("values:picture", picture.clone())
        .unwrap();
    let rpc = connect(&server).await;
    let copy = rpc.shared_state::<Picture>("values:picture").await.unwrap();
    assert_eq!(*copy.value(), picture);
    drop(state);
}

#[rpc_function(name = "values:counts")]
fn counts(by_id: HashMap<u8, u64>) -> u64 {
    by_id.values().sum()
}

#[rpc_function(name = "values:counts-clone", encoding = "structured-clone")]
fn counts_clone(by_id: HashMap<u8, u64>) -> u64 {
    by_id.values().sum()
}

#[rpc_function(name = "values:day", encoding = "structured-clone")]
fn day(of: js::Date) -> js::Date {
    of
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

#[tokio::test]
async fn odd_texts_mean_the_same_in_both_codecs() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        for (text, expected) in [
            (r#"{"a":1,"b":2,"a":3}"#, json!({ "a": 3, "b": 2 })),
            (r#"{"\u0061":1,"a":2}"#, json!({ "a": 2 })),
            (r#"{"\ud800":1,"b":2}"#, json!({ "\u{fffd}": 1, "b": 2 })),
            (r#"["\udc00x"]"#, json!(["\u{fffd}x"])),
            (
                r#"{"__proto__":{"a":1},"constructor":2}"#,
                json!({ "__proto__": { "a": 1 }, "constructor": 2 }),
            ),
            ("-0", json!(0)),
            ("1e2", json!(100)),
            ("[5e-324,1e308]", json!([5e-324, 1e308])),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("9007199254740993", json!(9_007_199_254_740_993_u64)),
        ] {
            let number = |value: Value| serde_json::from_value::<js::Value>(value).unwrap();
            for name in ["e2e:echo", "e2e:echo-clone"] {
                let same: Value = rpc.call_dynamic(name, [raw(text)]).await.unwrap();
                assert_eq!(number(same), number(expected.clone()), "{name} {text}");
                let same: Value = rpc.call_structured(name, [raw(text)]).await.unwrap();
                assert_eq!(number(same), number(expected.clone()), "{name} {text}");
            }
        }
    }
}

#[tokio::test]
async fn every_level_up_to_the_limit_goes_both_ways() {
    let (_server, clients) = clients().await;
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    for rpc in clients {
        for name in ["e2e:echo", "e2e:echo-clone"] {
            for levels in [127, 128] {
                let same: Value = rpc.call_dynamic(name, (deep(levels),)).await.unwrap();
                assert_eq!(same, deep(levels));
                let same: Value = rpc.call_structured(name, (deep(levels),)).await.unwrap();
                assert_eq!(same, deep(levels));
            }
            for levels in [129, 130, 5_000] {
                let text = raw(&format!("{}1{}", "[".repeat(levels), "]".repeat(levels)));
                says_limit(rpc.call_dynamic::<Value>(name, (&text,)).await);
                says_limit(rpc.call_structured::<Value>(name, (&text,)).await);
            }
        }
    }
}

#[tokio::test]
async fn keys_and_numbers_that_a_type_does_not_have_are_refused_by_name() {
    let (_server, clients) = clients().await;
    let huge: js::BigInt = "1".repeat(60).parse().unwrap();
    for rpc in clients {
        let huge = js::Value::BigInt(huge.clone());
        let same: js::Value = rpc
            .call_structured("e2e:echo-clone", (&huge,))
            .await
            .unwrap();
        assert_eq!(same, huge);
        let by_number: js::Map<u8, u64> = [(1, 2), (7, 3)].into();
        let by_text: js::Map<String, u64> = [("1".to_owned(), 2), ("7".to_owned(), 3)].into();
        let too_large: js::Map<u16, u64> = [(300, 1)].into();
        let no_number: js::Map<bool, u64> = [(true, 1)].into();
        for name in ["values:counts", "values:counts-clone"] {
            let sum: u64 = rpc
                .call_dynamic(name, (json!({ "1": 2, "7": 3 }),))
                .await
                .unwrap();
            assert_eq!(sum, 5);
            let refused = [
                rpc.call_structured::<u64>(name, (&too_large,)).await,
                rpc.call_structured::<u64>(name, (&no_number,)).await,
                rpc.call_structured::<u64>(name, (&huge,)).await,
                rpc.call_dynamic::<u64>(name, (json!({ "300": 1 }),)).await,
                rpc.call_dynamic::<u64>(name, (json!({ "x": 1 }),)).await,
                rpc.call_structured::<u64>(
                    name,
                    ([(7, &huge)].into_iter().collect::<js::Map<_, _>>(),),
                )
                .await,
            ];
            for refused in refused {
                let text = refused.unwrap_err().to_string();
                let place = format!("argument 1 (`by_id`) of `{name}`");
                assert!(text.starts_with(&place), "{text}");
            }
        }
        // A `Map` has a form in JSON of its own, where its keys are no text.
        let sum = rpc.call_structured::<u64>("values:counts-clone", (&by_number,));
        assert_eq!(sum.await.unwrap(), 5);
        let sum = rpc.call_structured::<u64>("values:counts", (&by_text,));
        assert_eq!(sum.await.unwrap(), 5);
        for late in [
            json!("+275760-09-13T00:00:00.001Z"),
            json!(8.64e15 + 1.0),
            json!(null),
            json!("2020-02-30"),
        ] {
            let refused = rpc
                .call_structured::<js::Value>("values:day", (late,))
                .await;
            let text = refused.unwrap_err().to_string();
            assert!(
                text.starts_with("argument 1 (`of`) of `values:day`: "),
                "{text}"
            );
        }
    }
}
