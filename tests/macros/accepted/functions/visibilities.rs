//! The identity of a function is as visible as the function.

#![deny(warnings, unreachable_pub)]

mod outer {
    pub(crate) mod inner {
        use devtools_runtime::rpc_function;

        #[rpc_function(name = "visible:in-module")]
        fn in_module() {}

        #[rpc_function(name = "visible:in-itself")]
        pub(self) fn in_itself() {}

        #[rpc_function(name = "visible:in-parent")]
        pub(super) fn in_parent() {}

        #[rpc_function(name = "visible:in-path")]
        pub(in crate::functions::visibilities::outer) fn in_path() {}

        #[rpc_function(name = "visible:in-crate")]
        pub(crate) fn in_crate() {}

        pub(super) fn names() -> [&'static str; 2] {
            [InModule::NAME, InItself::NAME]
        }
    }

    pub(crate) fn names() -> Vec<&'static str> {
        let mut names = inner::names().to_vec();
        names.extend([inner::InParent::NAME, inner::InPath::NAME]);
        names
    }
}

#[allow(unreachable_pub, reason = "nobody uses a program as a crate")]
mod everywhere {
    #[devtools_runtime::rpc_function(name = "visible:everywhere")]
    pub fn everywhere() {}
}

#[test]
fn accepted() {
    let mut names = outer::names();
    names.extend([outer::inner::InCrate::NAME, everywhere::Everywhere::NAME]);
    assert_eq!(names.len(), 6);
}
