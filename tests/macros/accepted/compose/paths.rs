//! Functions are listed by any path to their type: raw, renamed, re-exported, aliased, under a condition.

use devtools_runtime::{FunctionList, rpc_functions};

mod r#in {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "paths:type")]
    pub fn r#type() -> u8 {
        1
    }

    #[rpc_function(name = "paths:other", as = r#Other)]
    pub fn value() -> u8 {
        2
    }
}

mod again {
    pub use crate::compose::paths::r#in::Other as Renamed;
}

#[devtools_runtime::rpc_function(name = "paths:aliased")]
fn aliased() {}

type Alias = crate::compose::paths::Aliased;

#[devtools_runtime::rpc_function(name = "paths:maybe")]
#[cfg(any())]
fn maybe() {}

#[test]
fn accepted() {
    rpc_functions! {
        struct Functions {
            r#in::Type,
            crate::compose::paths::again::Renamed,
            self::Alias,
            #[cfg(any())]
            Maybe,
            #[cfg(not(any()))]
            Always,
        }
    }
    rpc_functions! { pub(crate) struct Nothing {} }

    #[devtools_runtime::rpc_function(name = "paths:always")]
    fn always() {}

    let names: Vec<_> = Functions::definitions()
        .iter()
        .map(|f| f.name().to_owned())
        .collect();
    assert_eq!(
        names,
        ["paths:type", "paths:other", "paths:aliased", "paths:always"]
    );
    assert!(Nothing::definitions().is_empty());
}
