//! The choice of the transport.

use devtools_runtime::client::{ClientTransport, ConnectError};
use devtools_runtime::context::SessionTransport;
use devtools_runtime::{Auth, DevToolsRpcClient};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::program::{Whoami, anywhere, serve};

#[tokio::test]
async fn server_sent_events_take_the_place_of_a_websocket_that_does_not_get_through() {
    let server = serve(Auth::None, anywhere()).await;
    // As a proxy that lets no upgrade through would make it look.
    let listener = tokio::net::TcpListener::bind(anywhere()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let sse = format!("http://{}/__devtools/__sse", server.local_addr());
    let meta = format!(r#"{{"backend":"websocket","websocket":{{"path":"__ws"}},"sse":"{sse}"}}"#);
    let proxy = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let is_upgrade = String::from_utf8_lossy(&request[..read]).contains("__ws");
            let (status, body) = if is_upgrade {
                ("502 Bad Gateway", "")
            } else {
                ("200 OK", &*meta)
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            stream.write_all((head + body).as_bytes()).await.unwrap();
        }
    });
    let url = format!("http://{address}/");
    let rpc = DevToolsRpcClient::connect(&url).await.unwrap();
    assert_eq!(Whoami::call(&rpc).await.unwrap().1, SessionTransport::Sse);
    let only = DevToolsRpcClient::builder(&url).transport(ClientTransport::WebSocket);
    assert!(matches!(
        only.connect().await,
        Err(ConnectError::Unreachable { .. })
    ));
    proxy.abort();
}
