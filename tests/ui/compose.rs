//! What `rpc_functions!` and `call!` refuse and how they say it (`fail`), and what they accept (`pass`).
//!
//! As in `compile.rs`: the messages are reviewed as prose.

#[test]
fn refusals_point_at_the_name() {
    trybuild::TestCases::new().compile_fail("ui/compose/fail/*.rs");
}

#[test]
fn acceptances_compile_and_run() {
    trybuild::TestCases::new().pass("ui/compose/pass/*.rs");
}
