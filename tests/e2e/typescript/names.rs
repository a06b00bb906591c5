//! The names of types: they depend on the type alone, and not on the rest of a program.

use devtools_runtime::typescript::TypeScriptOptions;
use devtools_runtime::{
    DevTools, DevToolsBuilder, FunctionDefinition, define_rpc_function, rpc_channel, rpc_function,
    rpc_shared_state,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod graph {
    #[derive(super::Serialize, super::Deserialize, super::JsonSchema)]
    pub(super) struct Node {
        pub(super) edges: Vec<u32>,
    }
}

mod syntax {
    #[derive(super::Serialize, super::Deserialize, super::JsonSchema)]
    pub(super) struct Node {
        pub(super) kind: String,
    }

    #[derive(super::Serialize, super::Deserialize, super::JsonSchema)]
    #[schemars(rename = "Branch")]
    pub(super) struct Tree {
        pub(super) nodes: Vec<Node>,
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Module {
    id: String,
    #[serde(default)]
    size: u32,
}

/// Both pages inside of one type, the other way round than functions have them.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Both {
    numbers: Page<u8>,
    modules: Page<Module>,
}

fn returning<T: Serialize + for<'de> Deserialize<'de> + JsonSchema + Send + 'static>(
    name: &'static str,
) -> FunctionDefinition {
    define_rpc_function(name)
        .types::<fn() -> Option<T>>()
        .handler(|| None::<T>)
}

fn taking<T: Serialize + for<'de> Deserialize<'de> + JsonSchema + Send + 'static>(
    name: &'static str,
) -> FunctionDefinition {
    define_rpc_function(name)
        .types::<fn(T)>()
        .handler(|_: T| ())
}

async fn declarations_of(
    builder: DevToolsBuilder,
    functions: impl IntoIterator<Item = FunctionDefinition>,
) -> String {
    let builder = functions
        .into_iter()
        .fold(builder.without_collected(), DevToolsBuilder::function);
    let devtools = builder.build().await.unwrap();
    let options = TypeScriptOptions::new().without_augmentation();
    devtools.typescript_with(&options).unwrap()
}

async fn declarations(functions: impl IntoIterator<Item = FunctionDefinition>) -> String {
    declarations_of(DevTools::builder(), functions).await
}

#[tokio::test]
async fn two_types_of_one_name_are_called_after_their_modules() {
    // The order of the functions is not that of the types.
    for names in [["names:a", "names:b"], ["names:b", "names:a"]] {
        let text = declarations([
            returning::<graph::Node>(names[0]),
            returning::<syntax::Node>(names[1]),
        ])
        .await;
        for part in [
            "export interface GraphNode {\n  edges: number[]\n}",
            "export interface SyntaxNode {\n  kind: string\n}",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        // Neither is the one that an import of the plain name would get.
        assert!(!text.contains("interface Node "), "{text}");
    }
    let alone = declarations([returning::<graph::Node>("names:a")]).await;
    assert!(alone.contains("interface Node {"), "{alone}");
}

#[tokio::test]
async fn the_author_names_a_type() {
    let text = declarations([returning::<syntax::Tree>("names:tree")]).await;
    assert!(
        text.contains("interface Branch {\n  nodes: Node[]\n}"),
        "{text}"
    );

    let functions = || {
        [
            returning::<graph::Node>("names:graph"),
            returning::<syntax::Tree>("names:tree"),
        ]
    };
    let builder = DevTools::builder().type_name::<syntax::Node>("Word");
    let text = declarations_of(builder, functions()).await;
    for part in [
        "interface Word {\n  kind: string\n}",
        "interface Node {\n  edges: number[]\n}",
        "nodes: Word[]",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn instances_of_a_generic_type_are_called_after_their_arguments() {
    let modules = declarations([returning::<Page<Module>>("names:modules")]).await;
    let both = declarations([
        returning::<Both>("names:a-both"),
        returning::<Page<Module>>("names:modules"),
    ])
    .await;
    for text in [&modules, &both] {
        let page = "export interface PageOfModule {\n  items: Module[]\n}";
        assert!(text.contains(page), "{text}");
        assert!(
            text.contains("'names:modules': () => Promise<PageOfModule | null>"),
            "{text}"
        );
    }
    let other = "export interface PageOfUint8 {\n  items: number[]\n}";
    assert!(both.contains(other), "{both}");
}

/// Says how old it is.
#[rpc_function(name = "names:old")]
#[deprecated(note = "use `names:new`")]
fn old() -> u8 {
    1
}

#[rpc_function(name = "names:silent")]
#[deprecated]
fn silent() -> u8 {
    1
}

/// Words.
#[rpc_channel(name = "names:words")]
#[deprecated(since = "1.2.0", note = "use `names:tokens`")]
struct Words(String);

#[rpc_shared_state(name = "names:count")]
#[deprecated = "use `names:sum`"]
struct Count(u32);

#[tokio::test]
async fn what_is_deprecated_says_so() {
    let options = TypeScriptOptions::new().scope("names");
    let devtools = tests::fixture::devtools().build().await.unwrap();
    let text = devtools.typescript_with(&options).unwrap();
    for part in [
        "  /**\n   * Says how old it is.\n   *\n   * @deprecated use `names:new`\n   */\n  'names:old': () => Promise<number>\n",
        "  /** @deprecated */\n  'names:silent': () => Promise<number>\n",
        "  /**\n   * Words.\n   *\n   * @deprecated use `names:tokens`\n   */\n  'names:words': string\n",
        "  /** @deprecated use `names:sum` */\n  'names:count': number\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let document = devtools.openrpc_with(&options).unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let methods = document["methods"].as_array().unwrap();
    assert_eq!(methods.len(), 2);
    assert!(methods.iter().all(|method| method["deprecated"] == true));
}

#[tokio::test]
async fn a_function_more_changes_no_name() {
    let taken = declarations([taking::<Module>("names:take")]).await;
    let both = declarations([
        returning::<Module>("names:give"),
        taking::<Module>("names:take"),
    ])
    .await;
    // The server always sends the fields that a caller may leave out.
    let input = "export interface ModuleInput {\n  id: string\n  size?: number\n}";
    for text in [&taken, &both] {
        assert!(text.contains(input), "{text}");
        assert!(
            text.contains("'names:take': (arg0: ModuleInput) => Promise<void>"),
            "{text}"
        );
    }
    let output = "export interface Module {\n  id: string\n  size: number\n}";
    assert!(both.contains(output), "{both}");
    assert!(!taken.contains("interface Module {"), "{taken}");
}
