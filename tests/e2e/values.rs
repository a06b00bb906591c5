//! Values on their way: numbers, text and nesting are the same in both codecs, and for every caller.

use devtools_runtime::{CallError, DevToolsRpcClient, Limits, js, rpc_function};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::fixture::{Echo, EchoClone};

use crate::clients;

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
            // What was read so is written so.
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

#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    name: String,
    values: Vec<f32>,
    best: Option<f64>,
}

#[rpc_function(name = "values:measure")]
fn measure() -> Measured {
    Measured {
        name: "\u{2028}null".to_owned(),
        values: vec![1.5, f32::INFINITY],
        best: Some(f64::NAN),
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
