//! Programs that the macros refuse, and how they say it: those of functions (`ui/fail`), of lists and `call!` (`ui/compose`), of errors
//! (`ui/errors`), of channels (`ui/channels`) and of shared states (`ui/states`).
//!
//! The messages are reviewed as prose. After a change to them, run this with `TRYBUILD=overwrite` on
//! the pinned toolchain and read the difference.
//!
//! All are refused in one run: `trybuild` then checks them together. A program that must pass would make it build each one alone, and
//! stands in `accepted`.

#[test]
fn refusals_say_what_to_type() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    cases.compile_fail("ui/compose/fail/*.rs");
    cases.compile_fail("ui/errors/fail/*.rs");
    cases.compile_fail("ui/channels/fail/*.rs");
    cases.compile_fail("ui/states/fail/*.rs");
}
