//! A client that is not trusted yet: codes, tokens, and servers that show their code of their own accord.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use devtools_runtime::client::{ClientTransport, ConnectError, ConnectionStatus};
use devtools_runtime::context::SessionTransport;
use devtools_runtime::{DevToolsRpcClient, Gate};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::program::{Whoami, anywhere, client_of, leads_to, serve, until};
use crate::wait::{SHORT, within};

/// A gate whose codes can be read.
fn gate() -> (Gate, Arc<Mutex<String>>) {
    let shown = Arc::new(Mutex::new(String::new()));
    let gate = Gate::new().memory().on_code({
        let shown = Arc::clone(&shown);
        move |code| code.code().clone_into(&mut shown.lock().unwrap())
    });
    (gate, shown)
}

#[tokio::test]
async fn a_client_earns_trust_with_a_code_or_a_token() {
    let (gate, shown) = gate();
    let server = serve(gate.token("a token of the program"), anywhere()).await;
    let error = client_of(&server).connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::Unauthorized), "{error:?}");
    let error = client_of(&server)
        .code("wrong")
        .connect()
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Unauthorized), "{error:?}");

    let code = server.devtools().auth_code().unwrap();
    let rpc = client_of(&server).code(code).connect().await.unwrap();
    assert!(Whoami::call(&rpc).await.is_ok());
    let token = rpc.auth_token().unwrap();
    for token in [token.as_str(), "a token of the program"] {
        let rpc = client_of(&server).token(token).connect().await.unwrap();
        assert!(Whoami::call(&rpc).await.is_ok());
    }

    // Somebody who reads the code off the terminal, and mistypes it once.
    let asked = move |wrong| {
        let code = if wrong == 0 {
            "12345".to_owned()
        } else {
            shown.lock().unwrap().clone()
        };
        async move { Some(code) }
    };
    let rpc = client_of(&server)
        .transport(ClientTransport::Sse)
        .ask_for_code(asked)
        .connect()
        .await
        .unwrap();
    assert_eq!(Whoami::call(&rpc).await.unwrap().1, SessionTransport::Sse);
    let gives_up = client_of(&server).ask_for_code(|_| async { None });
    assert!(matches!(
        gives_up.connect().await,
        Err(ConnectError::Unauthorized)
    ));
}

#[tokio::test]
async fn a_server_that_shows_its_code_of_its_own_accord_is_not_asked_to() {
    let (gate, _) = gate();
    let server = serve(gate, anywhere()).await;
    // As devframe 0.7 to 0.9 have it.
    let functions = server.devtools().context().rpc();
    assert!(functions.unregister("anonymous:devframe:auth:request-code"));
    let code = server.devtools().auth_code().unwrap();
    let ask = move |_| std::future::ready(Some(code.clone()));
    let rpc = client_of(&server).ask_for_code(ask).connect().await;
    assert!(Whoami::call(&rpc.unwrap()).await.is_ok());
    // Others know no codes at all.
    assert!(functions.unregister("anonymous:devframe:auth:exchange"));
    let rpc = client_of(&server).ask_for_code(|_| std::future::ready(Some("123456".to_owned())));
    let error = rpc.connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::NoCodes), "{error:?}");
}

#[tokio::test]
async fn a_client_that_guesses_codes_is_told_to_wait() {
    let (gate, shown) = gate();
    let server = serve(gate, anywhere()).await;
    let asked = Arc::new(AtomicU32::new(0));
    let guess = {
        let asked = Arc::clone(&asked);
        move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            let code: u32 = shown.lock().unwrap().parse().unwrap();
            std::future::ready(Some(format!("{:06}", (code + 1) % 1_000_000)))
        }
    };
    let error = client_of(&server).ask_for_code(guess).connect().await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, ConnectError::TooManyCodes { retry_after } if !retry_after.is_zero()),
        "{error:?}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 6);
}

/// A server as devframe 0.7 to 0.9 are one: it shows its code of its own accord, and has no function to ask for it.
async fn without_request_code(code: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = leads_to(listener.local_addr().unwrap()).await;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            let Ok(text) = message.to_text() else { break };
            let Ok(request) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            let offered = &request["a"][0]["code"];
            let reply = match request["m"].as_str().unwrap() {
                "anonymous:devframe:auth" => json!({"r": {"isTrusted": false}}),
                "anonymous:devframe:auth:exchange" if *offered == code => {
                    json!({"r": {"authToken": "granted"}})
                }
                "anonymous:devframe:auth:exchange" => json!({"r": {"authToken": null}}),
                other => {
                    json!({"e": {"name": "Error", "message": format!("[birpc] function \"{other}\" not found")}})
                }
            };
            let mut frame = json!({"t": "s", "i": request["i"]});
            frame
                .as_object_mut()
                .unwrap()
                .extend(reply.as_object().unwrap().clone());
            if socket.send(Message::text(frame.to_string())).await.is_err() {
                break;
            }
        }
    });
    url
}

#[tokio::test]
async fn a_code_is_asked_for_where_the_server_shows_it_of_its_own_accord() {
    let url = without_request_code("123456").await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let ask = {
        let asked = Arc::clone(&asked);
        move |wrong| {
            asked.lock().unwrap().push(wrong);
            let code = if wrong == 0 { "654321" } else { " 123456\n" };
            std::future::ready(Some(code.to_owned()))
        }
    };
    let client = DevToolsRpcClient::builder(&url)
        .transport(ClientTransport::WebSocket)
        .ask_for_code(ask);
    let rpc = within(SHORT, client.connect()).await;
    let rpc = rpc.unwrap();
    assert_eq!(rpc.auth_token().as_deref(), Some("granted"));
    assert_eq!(*asked.lock().unwrap(), [0, 1]);
}

#[tokio::test]
async fn a_token_is_not_sent_where_the_program_did_not_say() {
    let (gate, shown) = gate();
    let server = serve(gate.token("a token of the program"), anywhere()).await;
    let elsewhere = leads_to(server.local_addr()).await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let client = || {
            let client = DevToolsRpcClient::builder(&elsewhere).transport(transport);
            client.token("a token of the program")
        };
        let error = client().connect().await.unwrap_err();
        let origin = format!("http://{}", server.local_addr());
        match &error {
            ConnectError::TokenWithheld { origin: other } => assert_eq!(*other, origin),
            other => panic!("{other:?}"),
        }
        // As the message has it.
        assert!(
            error
                .to_string()
                .contains(&format!("`.token_origin(\"{origin}\")`")),
            "{error}"
        );
        let rpc = client().token_origin(&origin).connect().await.unwrap();
        assert!(Whoami::call(&rpc).await.is_ok());
        // A code is for whoever shows it, and what it gives is for that server.
        let code = server.devtools().auth_code().unwrap();
        let rpc = client().code(code).connect().await.unwrap();
        assert_ne!(rpc.auth_token().unwrap(), "a token of the program");
        let context = server.devtools().context();
        let mut status = rpc.status();
        for session in context.rpc().sessions() {
            session.close("to see whether it comes back");
        }
        until(&mut status, ConnectionStatus::Disconnected).await;
        until(&mut status, ConnectionStatus::Connected).await;
        assert!(Whoami::call(&rpc).await.is_ok());
        assert!(
            shown.lock().unwrap().is_empty(),
            "it was asked for no other code"
        );
    }
}
