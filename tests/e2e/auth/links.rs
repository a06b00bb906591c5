//! Links that sign in: the page they lead to, and the secret in them.

use std::sync::mpsc;

use devtools_runtime::trust::AuthCode;
use devtools_runtime::{DevTools, DevToolsBuilder, Gate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::gated::{Client, Gated, url_of};
use crate::wire::Wire;

#[tokio::test]
async fn the_link_signs_in() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut client = gated.connect(None).await;
    client.request_code(false).await;
    let code = gated.codes.try_recv().unwrap();
    // The origin is the one that the browser vouches for, not the one that the page claims.
    let link = code.link().unwrap();
    let (page, secret) = link.split_once("#devframe_otp=").unwrap();
    assert_eq!(page, "http://localhost:5173/");
    // Nobody guesses what is in the link.
    assert_eq!(secret.len(), 32);
    assert_eq!(code.label(), "curl/8");
    let url = gated.server.sign_in_url("/__panel/");
    assert!(
        url.ends_with(&format!("/__panel/#devframe_otp={secret}")),
        "{url}"
    );
    client.request_code(true).await;
    let later = gated.codes.try_recv().unwrap();
    assert_ne!(later.code(), code.code());
    assert_eq!(client.exchange(secret).await, None, "a new code was wanted");
    let (_, secret) = url_of(&later);
    assert!(client.exchange(&secret).await.is_some());
    assert_eq!(client.add().await.unwrap(), 3);
    let mut other = gated.connect(None).await;
    assert_eq!(
        other.exchange(later.code()).await,
        None,
        "spent with its link"
    );
}

/// The link of a code that a page of `origin` asks for, after it has asked for the metadata as `referer` says.
async fn link_for(
    address: std::net::SocketAddr,
    mount: &str,
    origin: &str,
    referer: Option<&str>,
    codes: &mpsc::Receiver<AuthCode>,
) -> Option<String> {
    if let Some(referer) = referer {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET {mount}__connection.json HTTP/1.1\r\nhost: {address}\r\nreferer: {referer}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let url = format!("ws://{address}{mount}__ws");
    let wire = Wire::connect(&url, &[("origin", origin)]).await.unwrap();
    let mut client = Client { wire, last_id: 0 };
    client.request_code(true).await;
    let code = codes.try_recv().unwrap();
    // There are only so many at once.
    assert!(client.exchange(code.code()).await.is_some());
    let link = code.link()?;
    let (page, _) = link.split_once("#devframe_otp=").unwrap();
    Some(page.to_owned())
}

#[tokio::test]
async fn the_link_leads_to_a_page_that_uses_the_code() {
    let (sender, codes) = mpsc::channel();
    let gate = Gate::new()
        .memory()
        .on_code(move |code| sender.send(code.clone()).unwrap());
    let build = async |builder: DevToolsBuilder| builder.auth(gate.clone()).build().await.unwrap();
    let devtools = build(DevTools::builder().base("/x/y/")).await;
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let own = format!("http://{address}");
    let link = async |origin: &str, referer: Option<&str>| {
        link_for(address, "/x/y/", origin, referer, &codes).await
    };
    // A page of this server that hides its address gets a link to the page of the mount.
    assert_eq!(link(&own, None).await, Some(format!("{own}/x/y/")));
    let page = format!("{own}/__panel/");
    let referer = format!("{page}?secret=1");
    assert_eq!(link(&own, Some(&referer)).await, Some(page));
    // Pages of another server of this machine say where they are, if they want to.
    let vite = "http://localhost:5173";
    assert_eq!(link(vite, None).await, Some(format!("{vite}/")));
    let page = format!("{vite}/app/");
    assert_eq!(link(vite, Some(&page)).await, Some(page.clone()));
    // A page that may not connect is no page to send anybody to.
    link(vite, Some("http://evil.example/")).await;
    assert_eq!(link(vite, None).await, Some(page));

    let named = build(DevTools::builder().root_path("/named/")).await;
    let nested = [
        ("/tools/x", devtools.service()),
        ("/named", named.service()),
    ];
    let mut app = axum::Router::new();
    for (path, service) in nested {
        app = app.nest_service(path, service);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let own = format!("http://{address}");
    let link = async |mount: &str, referer: Option<&str>| {
        link_for(address, mount, &own, referer, &codes).await
    };
    assert_eq!(
        link("/tools/x/", None).await,
        None,
        "it is not known, so it is not guessed"
    );
    assert_eq!(link("/named/", None).await, Some(format!("{own}/named/")));
    let page = format!("{own}/tools/x/__panel/");
    assert_eq!(link("/tools/x/", Some(&page)).await, Some(page));
    serving.abort();

    // Behind a proxy that takes the path off.
    let proxied = build(DevTools::builder().root_path("/team")).await;
    let server = proxied.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let own = format!("http://{address}");
    let link = link_for(address, "/__devtools/", &own, None, &codes).await;
    assert_eq!(link, Some(format!("{own}/team/__devtools/")));
}
