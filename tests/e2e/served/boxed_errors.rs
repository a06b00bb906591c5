//! Errors that are texts, boxes, or `anyhow::Error`: what the caller reads, and what stays in the process.

use std::borrow::Cow;
use std::error::Error;
use std::io;

use anyhow::Context as _;
use devtools_runtime::streaming::ChannelOptions;
use devtools_runtime::{
    CallError, DevToolsRpcClient, Mode, RemoteError, Setup, SetupError, rpc_function,
};
use futures_util::{StreamExt as _, stream};
use tests::{fixture, with_id};

use super::typed_errors::{clients, serve};

const SECRET: &str = "/home/me/.token is on fire";

fn burn() -> Result<(), io::Error> {
    Err(io::Error::other(SECRET))
}

#[rpc_function(name = "boxed:text")]
fn text() -> Result<u8, String> {
    Err("no such file".to_owned())
}

#[rpc_function(name = "boxed:literal")]
async fn literal() -> Result<u8, &'static str> {
    Err("no such folder")
}

#[rpc_function(name = "boxed:borrowed")]
fn borrowed() -> Result<u8, Cow<'static, str>> {
    Err("no such disk".into())
}

#[rpc_function(name = "boxed:any")]
async fn any() -> anyhow::Result<u8> {
    burn().context("could not read the token")?;
    Ok(1)
}

#[rpc_function(name = "boxed:dynamic", kind = "action", encoding = "structured-clone")]
fn dynamic() -> Result<u8, Box<dyn Error + Send + Sync>> {
    burn()?;
    Ok(1)
}

#[rpc_function(name = "boxed:public", public_errors)]
async fn public() -> anyhow::Result<u8> {
    burn().context("could not read the token")?;
    Ok(1)
}

#[rpc_function(name = "boxed:chosen")]
fn chosen() -> Result<u8, Box<dyn Error + Send + Sync>> {
    Err(RemoteError::new("the token is missing").into())
}

#[rpc_function(name = "boxed:handler", setup)]
fn handler() -> Setup<fn() -> Result<u8, String>> {
    Setup::handler(|| Err("not yet".to_owned()))
}

#[rpc_function(name = "boxed:broken-setup", setup)]
fn broken_setup() -> Result<Setup<fn() -> u8>, SetupError> {
    burn()?;
    Ok(Setup::handler(|| 1))
}

#[rpc_function(name = "boxed:early-setup", setup)]
fn early_setup() -> Result<Setup<fn() -> u8>, String> {
    Err("no project here".to_owned())
}

#[rpc_function(name = "boxed:panics")]
async fn panics() -> u8 {
    burn().unwrap();
    1
}

#[rpc_function(name = "boxed:blocks", blocking)]
fn blocks() -> u8 {
    burn().unwrap();
    1
}

/// The functions, with the text that the caller of each reads.
const FUNCTIONS: [(&str, &str); 12] = [
    ("boxed:text", "no such file"),
    ("boxed:literal", "no such folder"),
    ("boxed:borrowed", "no such disk"),
    ("boxed:any", "internal error (id)"),
    ("boxed:dynamic", "internal error (id)"),
    (
        "boxed:public",
        "could not read the token: /home/me/.token is on fire",
    ),
    ("boxed:chosen", "the token is missing"),
    ("boxed:handler", "not yet"),
    ("boxed:broken-setup", "internal error (id)"),
    ("boxed:early-setup", "no project here"),
    ("boxed:panics", "internal error (id)"),
    ("boxed:blocks", "internal error (id)"),
];

#[tokio::test]
async fn a_text_is_public_and_a_box_is_not() {
    let server = serve().await;
    for rpc in clients(&server).await {
        for (name, message) in FUNCTIONS {
            let error = rpc.call_dynamic::<u8>(name, ()).await.unwrap_err();
            assert_eq!(with_id(&error.to_string()), message, "{name}");
        }
    }
}

#[tokio::test]
async fn a_rust_caller_has_a_remote_error() {
    let server = serve().await;
    let rpc = server.devtools().client();
    let error: CallError<RemoteError> = Text::call(&rpc).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(error) if error.message == "no such file"));

    let ctx = server.devtools().context();
    let error: CallError<RemoteError> = Any::invoke_local(ctx).await.unwrap_err();
    let CallError::Function(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(with_id(&error.message), "internal error (id)");
    // Within the process the error of a setup is there as it is.
    let CallError::Setup(error) = BrokenSetup::invoke_local(ctx).await.unwrap_err() else {
        panic!("the setup fails");
    };
    assert_eq!(error.to_string(), SECRET);
}

#[tokio::test]
async fn an_id_is_new_each_time() {
    let server = serve().await;
    let rpc = server.devtools().client();
    let first = Any::call(&rpc).await.unwrap_err().to_string();
    assert_ne!(Any::call(&rpc).await.unwrap_err().to_string(), first);
}

#[rpc_function(name = "boxed:of-client", kind = "action", side = "client")]
async fn of_client() -> u8;

#[tokio::test]
async fn a_panic_of_a_client_stays_in_the_client() {
    let server = serve().await;
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    rpc.register::<OfClient>(|| async {
        burn().unwrap();
        1
    });
    let replies = OfClient::broadcast(server.devtools().context()).await;
    let [reply] = &replies[..] else {
        panic!("{replies:?}");
    };
    let error = reply.result.as_ref().unwrap_err().to_string();
    assert_eq!(with_id(&error), "internal error (id)");
}

#[tokio::test]
async fn a_panic_of_what_is_piped_stays_in_the_server() {
    let server = serve().await;
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let streaming = server.devtools().context().rpc().streaming();
    let options = ChannelOptions::new().replay(8);
    let channel = streaming.create::<u8>("boxed:chunks", options).unwrap();
    let chunks = stream::iter(0..).map(|chunk: u8| {
        if chunk == 2 {
            burn().unwrap();
        }
        chunk
    });
    let id = channel.pipe_from(chunks);
    let mut reader = rpc.streaming().subscribe::<u8>("boxed:chunks", &id);
    assert_eq!(reader.next().await.unwrap().unwrap(), 0);
    assert_eq!(reader.next().await.unwrap().unwrap(), 1);
    let error = reader.next().await.unwrap().unwrap_err().to_string();
    assert_eq!(with_id(&error), "internal error (id)");
}

#[tokio::test]
async fn errors_are_revealed_where_the_program_asks_for_it() {
    for (mode, is_revealed) in [(Mode::Dev, true), (Mode::Build, false)] {
        let builder = fixture::devtools().mode(mode).reveal_errors(true);
        let devtools = builder.build().await.unwrap();
        let rpc = devtools.client();
        for name in ["boxed:any", "boxed:dynamic", "boxed:panics", "boxed:blocks"] {
            let error = rpc.call_dynamic::<u8>(name, ()).await.unwrap_err();
            let error = error.to_string();
            assert_eq!(error.contains(SECRET), is_revealed, "{name}: {error}");
            let is_hidden = with_id(&error) == "internal error (id)";
            assert_eq!(is_hidden, !is_revealed, "{name}: {error}");
        }
    }
}
