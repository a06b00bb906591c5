//! Encrypted connections, and the headers of `call`.

use tests::certificates::Authority;

use crate::{Running, run};

#[tokio::test]
async fn a_server_with_a_certificate_is_called() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    authority.sign(&["127.0.0.1"]).write(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    let files = ["--tls-cert", &certificate, "--tls-key", &key];
    let arguments = [&["dev", "--port", "0", "--auth", "none"], &files[..]].concat();
    let server = Running::start(&arguments).await;
    assert!(
        server.url.starts_with("https://127.0.0.1:"),
        "{}",
        server.url
    );

    let root = authority.root_file();
    let call = ["call", "conformance:add", "40", "2", "--url", &server.url];
    let trusting = [
        "--cacert",
        root.to_str().unwrap(),
        "--header",
        "x-team: lens",
    ];
    let called = run(&[&call, &trusting[..]].concat()).await;
    assert_eq!(
        (called.status, &*called.out),
        (Some(0), "42\n"),
        "{}",
        called.err
    );

    let refused = run(&call).await;
    assert_eq!(refused.status, Some(1));
    let beginning = "error: could not make a secure connection to https://127.0.0.1:";
    assert!(refused.err.starts_with(beginning), "{}", refused.err);
    assert!(refused.err.contains("UnknownIssuer"), "{}", refused.err);
    let ended = server.end("TERM").await;
    assert!(ended.err.contains("https://127.0.0.1:"), "{}", ended.err);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named() {
    let missing = run(&["dev", "--tls-cert", "no.pem", "--tls-key", "no.key"]).await;
    assert_eq!(missing.status, Some(1));
    assert!(
        missing.err.starts_with("error: could not read no.pem"),
        "{}",
        missing.err
    );
    let alone = run(&["dev", "--tls-cert", "no.pem"]).await;
    assert_eq!(alone.status, Some(2));
    assert!(alone.err.contains("--tls-key"), "{}", alone.err);
    for (header, problem) in [
        ("x-team", "a header has the form `NAME: VALUE`"),
        (
            "host: x",
            "could not send the header `host`: the client sets this header itself",
        ),
    ] {
        let refused = run(&["list", "--url", "http://127.0.0.1:1", "--header", header]).await;
        assert_ne!(refused.status, Some(0));
        assert!(refused.err.contains(problem), "{}", refused.err);
    }
}
