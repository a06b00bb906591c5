//! Tokens and codes of several processes.

use std::time::Duration;

use devtools_runtime::backplane::Backplane;
use devtools_runtime::layers::{RateLimit, rate_limit};
use devtools_runtime::{DevTools, DevToolsRpcClient, Gate, define_rpc_function};
use tests::wait::in_time;

for_each_backplane!(
    a_token_opens_every_process,
    a_revoked_token_opens_none,
    a_code_is_good_once_wherever_it_was_shown,
    a_wrong_code_is_wrong_everywhere,
    a_rate_counts_the_calls_of_all_processes,
);

/// A program whose calls are counted over all processes.
async fn limited(backplane: impl Backplane) -> DevTools {
    let ask = define_rpc_function("fleet:ask").handler(|| 7_u32);
    let limit = RateLimit::new()
        .calls(1)
        .per(Duration::from_secs(3600))
        .burst(30);
    let limit = rate_limit(limit.across_processes("ask"));
    let builder = DevTools::builder()
        .without_collected()
        .function(ask)
        .layer(limit);
    builder.backplane(backplane).build().await.unwrap()
}

async fn a_rate_counts_the_calls_of_all_processes(first: impl Backplane, second: impl Backplane) {
    let programs = [limited(first).await, limited(second).await];
    let clients = programs.each_ref().map(DevTools::client);
    let mut answered = 0;
    for number in 0..100 {
        let client = &clients[number % 2];
        let answer = in_time(client.call_dynamic::<u32>("fleet:ask", ())).await;
        match answer {
            Ok(_) => answered += 1,
            Err(error) => assert!(error.to_string().contains("too many calls"), "{error}"),
        }
    }
    assert_eq!(answered, 30);
}

/// A program with a gate, and its address.
async fn gated(backplane: impl Backplane) -> (DevTools, String) {
    let ask = define_rpc_function("fleet:ask").handler(|| 7_u32);
    let gate = Gate::new().memory().on_code(|_| {});
    let builder = DevTools::builder().without_collected().function(ask);
    let builder = builder.auth(gate).quiet().backplane(backplane);
    let devtools = builder.build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.url();
    tokio::spawn(server.run());
    (devtools, address)
}

/// Signs in at `address` with a code, and returns the token.
async fn sign_in(address: &str, code: &str) -> Option<String> {
    let client = DevToolsRpcClient::builder(address).code(code);
    let client = in_time(client.connect()).await.ok()?;
    client.auth_token()
}

/// Calls a function at `address` with a token.
async fn ask(address: &str, token: &str) -> Option<u32> {
    let client = DevToolsRpcClient::builder(address).token(token);
    let client = in_time(client.connect()).await.ok()?;
    in_time(client.call_dynamic("fleet:ask", ())).await.ok()
}

async fn a_token_opens_every_process(first: impl Backplane, second: impl Backplane) {
    let ((first, one), (_second, two)) = (gated(first).await, gated(second).await);
    let token = sign_in(&one, &first.auth_code().unwrap()).await.unwrap();
    assert_eq!(ask(&one, &token).await, Some(7));
    assert_eq!(ask(&two, &token).await, Some(7));
    assert_eq!(ask(&two, &token[1..]).await, None);
    // The process that has granted it is not needed any more.
    first.shutdown().await;
    drop(first);
    assert_eq!(ask(&two, &token).await, Some(7));
}

async fn a_revoked_token_opens_none(first: impl Backplane, second: impl Backplane) {
    let ((first, one), (second, two)) = (gated(first).await, gated(second).await);
    let token = sign_in(&one, &first.auth_code().unwrap()).await.unwrap();
    let at_one = DevToolsRpcClient::builder(&one).token(&*token);
    let _at_one = in_time(at_one.connect()).await.unwrap();
    let at_two = DevToolsRpcClient::builder(&two).token(&*token);
    let _at_two = in_time(at_two.connect()).await.unwrap();
    let [of_one, of_two] = [&first, &second].map(|it| it.context().rpc().sessions().remove(0));
    assert!(of_one.is_trusted() && of_two.is_trusted());
    second.context().rpc().revoke(&of_two).await.unwrap();
    assert!(!of_two.is_trusted());
    in_time(async {
        while of_one.is_trusted() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(ask(&one, &token).await, None);
    assert_eq!(ask(&two, &token).await, None);
}

async fn a_code_is_good_once_wherever_it_was_shown(first: impl Backplane, second: impl Backplane) {
    let ((first, one), (_second, two)) = (gated(first).await, gated(second).await);
    let code = first.auth_code().unwrap();
    let token = sign_in(&two, &code).await.unwrap();
    assert_eq!(ask(&one, &token).await, Some(7));
    assert_eq!(sign_in(&two, &code).await, None);
    assert_eq!(sign_in(&one, &code).await, None);
    let another = first.auth_code().unwrap();
    assert!(sign_in(&two, &another).await.is_some());
}

async fn a_wrong_code_is_wrong_everywhere(first: impl Backplane, second: impl Backplane) {
    let ((first, _one), (_second, two)) = (gated(first).await, gated(second).await);
    let code = first.auth_code().unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..2 {
        assert_eq!(sign_in(&two, wrong).await, None);
    }
    for offer in ["", "1", &"f".repeat(32), &"x".repeat(32)] {
        assert_eq!(sign_in(&two, offer).await, None);
    }
    assert!(sign_in(&two, &code).await.is_some());
}
