//! Roles, which come with tokens, and the functions that require them.

use devtools_runtime::context::RegisterError;
use devtools_runtime::layers::require_role;
use devtools_runtime::trust::Token;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsRpcClient, Gate, RpcSession,
    define_rpc_function, rpc_function,
};
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;

use tests::log::Log;

use crate::log::has;

#[rpc_function(name = "roles:reset", kind = "action", role = "admin")]
fn reset() -> u8 {
    1
}

#[rpc_function(name = "roles:reset-later", kind = "action", role = "admin")]
async fn reset_later() -> u8 {
    tokio::task::yield_now().await;
    1
}

#[rpc_function(name = "roles:who")]
fn who(session: &RpcSession) -> (Option<String>, Vec<String>) {
    (session.token_name(), session.roles())
}

#[rpc_function(name = "billing:pay", kind = "action")]
fn pay() -> u8 {
    2
}

fn builder() -> DevToolsBuilder {
    DevTools::builder()
        .without_collected()
        .function(Reset::definition())
        .function(ResetLater::definition())
        .function(Who::definition())
        .function(Pay::definition())
        .layer_for("billing:", require_role("billing"))
}

fn refused<T: std::fmt::Debug>(result: Result<T, CallError>, role: &str) {
    match result {
        Err(CallError::Remote(error)) => {
            assert_eq!(error.code.as_deref(), Some("role-required"));
            assert_eq!(error.data.unwrap()["role"], role);
            assert!(
                error.message.contains(&format!("for the role `{role}`")),
                "{}",
                error.message
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_brings_roles() {
    let gate = Gate::new()
        .memory()
        .code_roles(["viewer"])
        .token(
            Token::new("token-of-ci")
                .name("ci")
                .roles(["admin", "billing"]),
        )
        .token("token-of-nobody");
    let server = builder().auth(gate).bind("127.0.0.1:0").await.unwrap();
    let url = server.url();
    let connect = |token: &str| DevToolsRpcClient::builder(&url).token(token).connect();

    let ci = connect("token-of-ci").await.unwrap();
    assert_eq!(
        Who::call(&ci).await.unwrap(),
        (Some("ci".into()), vec!["admin".into(), "billing".into()])
    );
    assert_eq!(Reset::call(&ci).await.unwrap(), 1);
    assert_eq!(ResetLater::call(&ci).await.unwrap(), 1);
    assert_eq!(Pay::call(&ci).await.unwrap(), 2);

    let nobody = connect("token-of-nobody").await.unwrap();
    assert_eq!(Who::call(&nobody).await.unwrap(), (None, vec![]));
    refused(Reset::call(&nobody).await, "admin");
    refused(ResetLater::call(&nobody).await, "admin");
    refused(Pay::call(&nobody).await, "billing");

    let code = server.devtools().auth_code().unwrap();
    let by_code = DevToolsRpcClient::builder(&url)
        .code(code)
        .connect()
        .await
        .unwrap();
    assert_eq!(
        Who::call(&by_code).await.unwrap(),
        (None, vec!["viewer".into()])
    );
    refused(Reset::call(&by_code).await, "admin");
}

#[tokio::test]
async fn without_a_gate_nobody_has_a_role() {
    let server = builder()
        .auth(Auth::None)
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    refused(Reset::call(&rpc).await, "admin");
    refused(Pay::call(&rpc).await, "billing");
}

#[tokio::test]
async fn the_program_itself_has_every_role() {
    let devtools = builder().build().await.unwrap();
    let ctx = devtools.context();
    assert_eq!(Reset::invoke_local(ctx).await.unwrap(), 1);
    assert_eq!(Pay::invoke_local(ctx).await.unwrap(), 2);
    assert_eq!(
        ctx.rpc()
            .invoke_local::<u8>("roles:reset", ())
            .await
            .unwrap(),
        1
    );
    assert_eq!(Reset::call(&devtools.client()).await.unwrap(), 1);
    let viewer = devtools.client_with_roles(["viewer"]);
    assert_eq!(
        Who::call(&viewer).await.unwrap(),
        (None, vec!["viewer".into()])
    );
    refused(Reset::call(&viewer).await, "admin");
    refused(ResetLater::call(&viewer).await, "admin");
    refused(Pay::call(&viewer).await, "billing");
}

#[tokio::test]
async fn a_refused_call_is_in_the_log() {
    let (log, _guard) = Log::of_this_thread(LevelFilter::INFO);
    let devtools = builder().build().await.unwrap();
    let viewer = devtools.client_with_roles(["viewer"]);
    let refusals = || {
        let lines = log.lines().into_iter();
        lines
            .filter(|line| line.contains("refused"))
            .collect::<Vec<_>>()
    };
    Who::call(&viewer).await.unwrap();
    assert_eq!(refusals(), [""; 0]);
    // By the option `role`, and by a layer.
    refused(Reset::call(&viewer).await, "admin");
    refused(Pay::call(&viewer).await, "billing");
    let lines = refusals();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    has(
        &lines[0],
        &[
            " INFO ",
            "refused a call of a session without the role",
            "rpc.method=\"roles:reset\"",
            "session=",
            "role=\"admin\"",
        ],
    );
    has(
        &lines[1],
        &[
            " INFO ",
            "a layer refused a call",
            "rpc.method=\"billing:pay\"",
            "session=",
            "code=\"role-required\"",
            "for the role `billing`",
        ],
    );
}

#[tokio::test]
async fn a_description_says_the_role() {
    let devtools = builder().build().await.unwrap();
    let described = devtools.context().rpc().describe();
    let role = |name: &str| {
        let function = described.iter().find(|function| function.name == name);
        function.unwrap().role.clone()
    };
    assert_eq!(role(Reset::NAME).as_deref(), Some("admin"));
    assert_eq!(role(Who::NAME), None);
    // So does the function that clients ask.
    let rpc = devtools.client();
    let functions: Vec<Value> = rpc
        .call_dynamic("devtools-runtime:functions", ())
        .await
        .unwrap();
    let with_role = |function: &&Value| function.get("role") == Some(&json!("admin"));
    assert_eq!(functions.iter().filter(with_role).count(), 2);
}

#[cfg(feature = "every-feature")]
#[tokio::test]
async fn declarations_say_the_role() {
    use devtools_runtime::typescript::TypeScriptOptions;

    let devtools = builder().build().await.unwrap();
    let declarations = devtools.typescript().unwrap();
    let said = "  /** Callers need the role `admin`. */\n  'roles:reset': () => Promise<number>\n";
    assert!(declarations.contains(said), "{declarations}");
    let document = devtools.openrpc_with(&TypeScriptOptions::new()).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let methods = document["methods"].as_array().unwrap();
    let role = |name: &str| {
        methods
            .iter()
            .find(|method| method["name"] == name)
            .unwrap()
            .get("x-role")
    };
    assert_eq!(role(Reset::NAME), Some(&json!("admin")));
    assert_eq!(role(Who::NAME), None);
}

#[tokio::test]
async fn what_is_for_a_role_is_in_no_dump() {
    let devtools = builder().build().await.unwrap();
    let rpc = devtools.context().rpc();
    let function = define_rpc_function("roles:secret").role("admin");
    let snapshot = function.clone().snapshot().handler(|| 1);
    assert!(matches!(
        rpc.register(snapshot),
        Err(RegisterError::RoleInDump(_))
    ));
    rpc.register(function.handler(|| 1)).unwrap();
    refused(
        devtools
            .client_with_roles(["viewer"])
            .call_dynamic::<u8>("roles:secret", ())
            .await,
        "admin",
    );
    let folder = tempfile::tempdir().unwrap();
    let report = devtools.build(folder.path().join("dump")).await.unwrap();
    let line = "it requires a role, but everybody can read a dump";
    assert!(report.to_string().contains(line), "{report}");
}
