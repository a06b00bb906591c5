//! The limits for the states that clients make and open.

use devtools_runtime::Limits;

use crate::boards::devtools;
use crate::raw::{GET, Raw, SET, SUBSCRIBE};

#[tokio::test]
async fn clients_stay_within_the_limits() {
    let limits = Limits::new()
        .states(10)
        .state_bytes(1_000)
        .state_subscriptions(3);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let mut raw = Raw::connect(&server).await;
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let states = server.devtools().context().rpc().shared_states();
    let there = states.keys().len();
    for number in 0..10 {
        let (_, reply) = raw
            .call(
                SET,
                json(&format!(r#"["made:{number}", {number}, "{number}"]"#)),
            )
            .await;
        assert!(!reply.contains("Error"), "{reply}");
    }
    let (_, reply) = raw.call(SET, json(r#"["made:more", 1, "x"]"#)).await;
    assert!(
        reply.contains("clients already have 10 shared states of this kind, which is the limit"),
        "{reply}"
    );

    let long = "x".repeat(2_000);
    let large = serde_json::json!(["made:9", long, "y"]);
    let (_, reply) = raw.call(SET, large).await;
    assert!(
        reply.contains("over the limit `state_bytes` of 1000"),
        "{reply}"
    );
    for arguments in [
        serde_json::json!([long, 1, "z"]),
        serde_json::json!(["made:9", 1, long]),
    ] {
        let (_, reply) = raw.call(SET, arguments).await;
        assert!(reply.contains("is longer than"), "{reply}");
    }
    assert_eq!(states.keys().len(), there + 10);
    for key in ["a", "b", "c", "a"] {
        let (_, reply) = raw.call(SUBSCRIBE, json(&format!(r#"["{key}"]"#))).await;
        assert!(!reply.contains("Error"), "{key}: {reply}");
    }
    let (_, reply) = raw.call(SUBSCRIBE, json(r#"["d"]"#)).await;
    assert!(
        reply.contains("already subscribed to 3 shared states"),
        "{reply}"
    );
}

#[tokio::test]
async fn the_states_of_one_session_leave_room_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::new().states(4).settings(2).session_states(3);
    let devtools = devtools().limits(limits).storage(folder.path());
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let rpc = server.devtools().context().rpc();
    let named = |key: &str| serde_json::json!([key, {"of": key}, key]);
    let setting = |name: &str| format!("devframe:settings:project:{name}");
    let there = |key: &str| rpc.shared_states().keys().contains(&key.to_owned());

    // One session has its share, and no more.
    let mut greedy = Raw::connect(&server).await;
    for key in ["made:a", "made:b", &setting("a")] {
        let (_, reply) = greedy.call(SET, named(key)).await;
        assert!(!reply.contains("Error"), "{reply}");
    }
    for key in ["made:c", &setting("b")] {
        let (_, reply) = greedy.call(SET, named(key)).await;
        let refused =
            "the session has already created or opened 3 shared states, the limit `session_states`";
        assert!(reply.contains(refused), "{reply}");
    }
    let interface = serde_json::json!(["devframe:user-settings"]);
    let (_, reply) = greedy.call(GET, interface).await;
    assert!(reply.contains("docksHidden"), "{reply}");

    // Others have theirs, until all places are taken by those who are connected.
    let mut other = Raw::connect(&server).await;
    for key in ["made:c", "made:d", &setting("b")] {
        let (_, reply) = other.call(SET, named(key)).await;
        assert!(!reply.contains("Error"), "{reply}");
    }
    let mut third = Raw::connect(&server).await;
    let (_, reply) = third.call(SET, named("made:e")).await;
    assert!(
        reply.contains("clients already have 4 shared states"),
        "{reply}"
    );
    // The program is bounded by nothing.
    assert_eq!(*rpc.shared_state("state:own", 7).unwrap().value(), 7);

    // A setting to which nobody subscribes is stored, and gives way.
    let get = |name: &str| serde_json::json!([setting(name)]);
    third.call(SUBSCRIBE, get("b")).await;
    let (_, reply) = third.call(GET, get("c")).await;
    assert!(reply.contains("[2,[]]"), "{reply}");
    assert!(!there(&setting("a")) && there(&setting("b")));
    third.call(SUBSCRIBE, get("c")).await;
    let (_, reply) = third.call(GET, get("a")).await;
    assert!(
        reply.contains("clients already have 2 shared states"),
        "{reply}"
    );
    drop(third);
    let mut last = Raw::connect(&server).await;
    let is_there = |reply: &str| reply.contains("devframe:settings:project:a");
    last.call_until(GET, get("a"), is_there).await;

    // So does a state whose client has left, the oldest first.
    drop(greedy);
    let mut fourth = Raw::connect(&server).await;
    let is_made = |reply: &str| !reply.contains("Error");
    fourth.call_until(SET, named("made:e"), is_made).await;
    let made = ["made:a", "made:b", "made:c", "made:d", "made:e"];
    assert_eq!(made.map(there), [false, true, true, true, true]);
}
