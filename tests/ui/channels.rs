//! What `#[rpc_channel]` and `#[rpc_shared_state]` refuse and how they say it (`channels/fail`, `states/fail`), and what they accept
//! (`channels/pass`, `states/pass`).
//!
//! As in `compile.rs`: the messages are reviewed as prose.

#[test]
fn refusals_say_what_to_type() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/channels/fail/*.rs");
    cases.compile_fail("ui/states/fail/*.rs");
}

#[test]
fn acceptances_compile_and_run() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/channels/pass/*.rs");
    cases.pass("ui/states/pass/*.rs");
}
