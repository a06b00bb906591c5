//! Golden expansions, in `tests/expand`, as those of the attribute.

use expect_test::expect_file;
use quote::quote;

use super::{call, declare};

#[test]
fn list() {
    let list = quote! {
        devtools_runtime;
        /// Everything this plugin serves.
        pub struct MyPluginFunctions {
            GetInfo,
            #[cfg(unix)]
            fs::ReadFile,
        }
    };
    let expansion = syn::parse2(declare(list)).expect("the expansion is Rust");
    expect_file!["../../tests/expand/list.rs"].assert_eq(&prettyplease::unparse(&expansion));
}

#[test]
fn call_by_name() {
    let call = call(quote!(devtools_runtime; rpc, "my-plugin:read-file", path, None));
    let expansion = syn::parse2(quote!(fn caller() { #call })).expect("the expansion is Rust");
    expect_file!["../../tests/expand/call.rs"].assert_eq(&prettyplease::unparse(&expansion));
}

#[test]
fn past_a_mistake_the_list_is_there() {
    let list = quote!(devtools_runtime; struct Functions { GetInfo, GetInfo, get_data });
    let tokens = declare(list).to_string();
    assert_eq!(tokens.matches("compile_error").count(), 2, "{tokens}");
    assert_eq!(tokens.matches("Lookup").count(), 1, "{tokens}");
    let name = call(quote!(devtools_runtime; rpc, NAME)).to_string();
    assert_eq!(name.matches("compile_error").count(), 1, "{name}");
}
