//! The attribute may itself be conditional, and so may others beside it.

#![deny(warnings)]

#[cfg_attr(all(), devtools_runtime::rpc_function(name = "by-cfg-attr:is-one"))]
#[cfg_attr(any(), missing::attribute)]
fn is_one() -> bool {
    true
}

#[cfg_attr(any(), devtools_runtime::rpc_function(name = "by-cfg-attr:is-none"))]
fn is_none() -> bool {
    false
}

#[cfg_attr(all(), doc = "Said by a condition.")]
#[devtools_runtime::rpc_function(name = "by-cfg-attr:documented")]
#[cfg_attr(all(), inline)]
fn documented() {}

// Nothing stands for `is_none`.
enum IsNone {}

#[test]
fn accepted() {
    assert!(is_one() && !is_none());
    assert_eq!(IsOne::NAME, "by-cfg-attr:is-one");
    assert_eq!(size_of::<Option<IsNone>>(), 0);
    assert_eq!(
        Documented::definition().description(),
        "Said by a condition."
    );
}
