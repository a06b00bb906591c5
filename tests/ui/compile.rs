//! What the macros refuse and how they say it (`fail`), and what they accept (`pass`).
//!
//! The messages are reviewed as prose. After a change to them, run this with `TRYBUILD=overwrite` on
//! the pinned toolchain and read the difference.

#[test]
fn refusals_say_what_to_type() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn acceptances_compile_and_run() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
