//! Lists of functions: calls by name through them, over a socket and in memory, and registration by them.

use devtools_runtime::client::ConnectError;
use devtools_runtime::context::Delivery;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsRpcClient, FunctionList, RpcSession, Server,
    assert_registered, call, rpc_function, rpc_functions,
};
use file_explorer::{Explorer, FileExplorer, FileExplorerFunctions};
use tokio::sync::mpsc;

mod library;

mod modules {
    use devtools_runtime::{rpc_function, rpc_functions};

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    pub struct Module {
        pub id: String,
        pub size: u64,
    }

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("there is no module `{0}`")]
    pub struct NoModule(String);

    #[rpc_function(name = "compose:get-module")]
    pub async fn get_module(id: String, least: Option<u64>) -> Result<Module, NoModule> {
        let size = id.len() as u64;
        if size < least.unwrap_or(1) {
            return Err(NoModule(id));
        }
        Ok(Module { id, size })
    }

    #[rpc_function(name = "compose:count", kind = "static")]
    pub fn count() -> usize {
        2
    }

    rpc_functions! {
        /// The functions about modules.
        pub struct ModuleFunctions { GetModule, Count }
    }
}

use modules::{Module, ModuleFunctions};

#[rpc_function(name = "compose:ask", kind = "action")]
async fn ask(session: &RpcSession, question: String) -> Result<String, CallError> {
    let client = session.with_functions::<ClientFunctions>();
    call!(client, "compose:heard", question.clone())
        .await
        .map_err(|_| CallError::Disconnected(Delivery::NotSent))?;
    call!(client, "compose:answer", question).await
}

#[rpc_function(name = "compose:tell", kind = "event")]
async fn tell(session: &RpcSession, text: String) {
    let client = session.with_functions::<ClientFunctions>();
    drop(call!(client, "compose:heard", text).await);
}

/// The client answers.
#[rpc_function(name = "compose:answer", side = "client")]
async fn answer(question: String) -> String;

/// The client is told.
#[rpc_function(name = "compose:heard", kind = "event", side = "client")]
async fn heard(text: String);

/// Nobody implements it.
#[rpc_function(name = "compose:declared")]
async fn declared() -> u8;

rpc_functions! {
    /// Functions of both directions.
    struct TalkFunctions { Ask, Tell, Declared }
}
rpc_functions! {
    /// The functions of the client.
    struct ClientFunctions { Answer, Heard }
}

/// Everything there is, the client's too: registration passes those over.
type Everything = (ModuleFunctions, TalkFunctions, ClientFunctions);

async fn serve() -> Server {
    let builder = DevTools::builder().without_collected().auth(Auth::None);
    let builder = builder.functions::<Everything>();
    builder.bind("127.0.0.1:0").await.unwrap()
}

/// A client over a socket, and one in memory; the server must be kept.
async fn clients() -> (Server, [DevToolsRpcClient<Everything>; 2]) {
    let server = serve().await;
    let url = server.url();
    let over_socket = DevToolsRpcClient::<Everything>::connect(&url);
    let clients = [
        over_socket.await.unwrap(),
        server.devtools().client().with_functions(),
    ];
    (server, clients)
}

#[tokio::test]
async fn a_function_is_called_by_its_name_with_its_types() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let module = call!(rpc, "compose:get-module", "/src/main.ts", None).await;
        let id = "/src/main.ts".to_owned();
        assert_eq!(module.unwrap(), Module { id, size: 12 });
        assert_eq!(call!(rpc, "compose:count").await.unwrap(), 2);
        let failed = call!(rpc, "compose:get-module", "a", Some(2)).await;
        let message = failed.unwrap_err().to_string();
        assert!(message.contains("no module `a`"), "{message}");
    }
}

#[tokio::test]
async fn a_call_by_name_is_the_call_by_type() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let by_type = modules::GetModule::call(&rpc, "/", None).await.unwrap();
        let by_name = call!(rpc, "compose:get-module", "/", None).await.unwrap();
        assert_eq!(by_name, by_type);
    }
}

#[tokio::test]
async fn the_server_calls_its_client_by_name_and_events_are_sent() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let (sender, mut told) = mpsc::unbounded_channel();
        rpc.register::<Heard>(move |text: String| {
            sender.send(text).unwrap();
            async {}
        });
        rpc.register::<Answer>(|question: String| async move { format!("{question}!") });
        assert_eq!(call!(rpc, "compose:ask", "so").await.unwrap(), "so!");
        assert_eq!(told.recv().await.as_deref(), Some("so"));
        call!(rpc, "compose:tell", "news").await.unwrap();
        assert_eq!(told.recv().await.as_deref(), Some("news"));
    }
}

#[tokio::test]
async fn a_list_is_registered_by_hand_whatever_is_collected() {
    // The collected functions need it.
    let folder = tempfile::tempdir().unwrap();
    let explorer = Explorer::open(folder.path()).unwrap();
    let collecting = || DevTools::builder().plugin(FileExplorer::new(explorer.clone()));
    let collected = collecting().build().await.unwrap();
    let both = collecting().functions::<Everything>();
    let both = both.functions::<ModuleFunctions>().build().await.unwrap();
    let only = DevTools::builder()
        .without_collected()
        .functions::<ModuleFunctions>();
    let only = only.build().await.unwrap();

    let names = |devtools: &DevTools| -> Vec<String> {
        let functions = devtools.context().rpc().list();
        let names = functions.iter().map(|function| function.name().to_owned());
        let mut names: Vec<_> = names.filter(|name| name.starts_with("compose:")).collect();
        names.sort();
        names
    };
    let all = [
        "compose:ask",
        "compose:count",
        "compose:get-module",
        "compose:tell",
    ];
    assert_eq!(names(&collected), all);
    assert_eq!(names(&both), all);
    assert_eq!(names(&only), ["compose:count", "compose:get-module"]);
    assert_eq!(Everything::definitions().len(), 7);
}

#[tokio::test]
async fn a_declaration_in_a_list_is_no_function_of_the_server() {
    let (_server, clients) = clients().await;
    for rpc in clients {
        let missing = call!(rpc, "compose:declared").await;
        assert!(
            matches!(missing, Err(CallError::UnknownFunction(_))),
            "{missing:?}"
        );
    }
}

#[tokio::test]
async fn connecting_with_a_list_fails_as_connecting_does() {
    let url = "http://127.0.0.1:1/__devtools/";
    let refused = DevToolsRpcClient::<ModuleFunctions>::connect(url).await;
    assert!(matches!(refused, Err(ConnectError::Unreachable { .. })));
}

#[tokio::test]
async fn the_file_explorer_has_one_list() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "text").unwrap();
    let explorer = Explorer::open(folder.path()).unwrap();
    let builder = DevTools::builder().plugin(FileExplorer::new(explorer));
    let devtools = builder.build().await.unwrap();
    let rpc = devtools
        .client()
        .with_functions::<(FileExplorerFunctions, ModuleFunctions)>();
    let files = call!(rpc, "file-explorer:list-files").await.unwrap();
    assert_eq!(files.len(), 1);
    call!(rpc, "file-explorer:write-file", "a.txt", "new")
        .await
        .unwrap();
    let file = call!(rpc, "file-explorer:read-file", "a.txt")
        .await
        .unwrap();
    assert!(format!("{file:?}").contains("new"), "{file:?}");
    assert_eq!(call!(rpc, "compose:count").await.unwrap(), 2);
}

#[test]
fn what_is_collected_can_be_asserted() {
    assert_registered!("compose:count");
    assert_registered!(modules::Count);
    assert_registered!("file-explorer:read-file");
}

/// The message of an assertion that fails.
fn failure(assertion: fn()) -> String {
    let payload = std::panic::catch_unwind(assertion).unwrap_err();
    *payload.downcast::<String>().unwrap()
}

#[test]
fn what_is_not_collected_is_explained() {
    let missing = failure(|| assert_registered!("compose:gone"));
    assert!(missing.contains("no function named `compose:gone`"));
    assert!(missing.contains("use my_functions as _;"), "{missing}");
    assert!(missing.contains("compose:count"), "{missing}");
    let scope = failure(|| assert_registered!("nothing:gone"));
    assert!(scope.contains("none of `nothing`"), "{scope}");
    // These tests depend on that crate and never name it.
    let unlinked = failure(|| assert_registered!("streaming-chat:get-info"));
    let (problem, help) = unlinked.split_once('\n').unwrap();
    assert_eq!(
        problem,
        "no function named `streaming-chat:get-info` was collected"
    );
    let (line, collected) = help.split_once('\n').unwrap();
    assert!(line.contains("`use streaming_chat as _;`"), "{line}");
    let (number, none) = collected.split_once(' ').unwrap();
    assert!(number.parse::<usize>().unwrap() > 3, "{collected}");
    assert_eq!(none, "functions were collected, none of `streaming-chat`");
    let declared = failure(|| assert_registered!("compose:declared"));
    assert!(declared.contains("is declared at "), "{declared}");
    let client = failure(|| assert_registered!(Heard));
    assert!(client.contains("a function of the client"), "{client}");
}
