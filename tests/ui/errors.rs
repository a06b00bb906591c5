//! What `#[derive(RpcError)]` refuses and how it says it (`errors/fail`), and what it accepts (`errors/pass`).
//!
//! The messages are reviewed as prose. After a change to them, run this with `TRYBUILD=overwrite` on
//! the pinned toolchain and read the difference.

#[test]
fn refusals_say_what_to_type() {
    trybuild::TestCases::new().compile_fail("ui/errors/fail/*.rs");
}

#[test]
fn acceptances_compile_and_run() {
    trybuild::TestCases::new().pass("ui/errors/pass/*.rs");
}
