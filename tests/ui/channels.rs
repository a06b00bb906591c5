//! What `#[rpc_channel]` refuses and how it says it (`channels/fail`), and what it accepts (`channels/pass`).
//!
//! As in `compile.rs`: the messages are reviewed as prose.

#[test]
fn refusals_say_what_to_type() {
    trybuild::TestCases::new().compile_fail("ui/channels/fail/*.rs");
}

#[test]
fn acceptances_compile_and_run() {
    trybuild::TestCases::new().pass("ui/channels/pass/*.rs");
}
