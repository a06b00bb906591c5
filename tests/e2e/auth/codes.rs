//! One-time codes: guesses, floods, and codes for several clients.

use devtools_runtime::Gate;
use serde_json::{Value, json};

use crate::gated::{Gated, url_of};

#[tokio::test]
async fn a_flood_of_wrong_codes_keeps_nobody_out() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut person = gated.connect(None).await;
    let code = gated.code_for(&mut person).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let offer = json!([{"code": wrong, "ua": "curl/8", "origin": ""}]);
    let mut paused = 0;
    for _ in 0..10 {
        let mut flooding = gated.connect(None).await;
        for _ in 0..10 {
            let answer = flooding
                .call("anonymous:devframe:auth:exchange", offer.clone())
                .await;
            let answer = answer.unwrap();
            assert_eq!(answer["authToken"], Value::Null);
            if let Some(reason) = answer["reason"].as_str() {
                assert!(reason.starts_with("too many wrong codes"), "{reason}");
                assert!(answer["retryAfter"].as_u64().unwrap() >= 1, "{answer}");
                paused += 1;
            }
        }
    }
    assert_eq!(paused, 90, "ten of all of them are compared");
    // The person for whom the code was shown mistypes it once.
    assert_eq!(person.exchange(wrong).await, None);
    assert!(person.exchange(&code).await.is_some());
    // Whoever has only a code that was shown for somebody else waits; the link is good at once.
    let mut other = gated.connect(None).await;
    let mut asked = gated.connect(None).await;
    asked.request_code(false).await;
    let code = gated.codes.try_recv().unwrap();
    assert_eq!(other.exchange(code.code()).await, None);
    assert!(other.exchange(&url_of(&code).1).await.is_some());
}

#[tokio::test]
async fn a_new_code_for_one_client_leaves_those_of_others_good() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut person = gated.connect(None).await;
    let code = gated.code_for(&mut person).await;
    let mut hostile = gated.connect(None).await;
    for _ in 0..20 {
        hostile.request_code(true).await;
    }
    assert!(person.exchange(&code).await.is_some());
}

#[tokio::test]
async fn who_asks_for_too_many_codes_is_told_so_and_others_are_shown_theirs() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut hostile = gated.connect(None).await;
    for _ in 0..3 {
        assert_eq!(hostile.request_code(true).await, Value::Null);
    }
    let answer = hostile.request_code(true).await;
    let reason = answer["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("too many codes were asked for"),
        "{reason}"
    );
    let seconds = answer["retryAfter"].as_u64().unwrap();
    assert!((1..=60).contains(&seconds), "{answer}");
    assert!(reason.contains(&format!("{seconds} seconds")), "{reason}");
    assert_eq!(gated.codes.try_iter().count(), 3);

    let mut person = gated.connect(None).await;
    assert_eq!(person.request_code(true).await, Value::Null);
    let code = gated.codes.try_recv().unwrap();
    assert!(person.exchange(code.code()).await.is_some());
}
