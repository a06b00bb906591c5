//! Golden expansions in `tests/expand`. A difference there is a question of design.
//!
//! After a change, run this with `UPDATE_EXPECT=1` and read the difference.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

use super::attribute;

fn check(args: TokenStream, item: TokenStream, golden: &ExpectFile) {
    let expansion = syn::parse2(attribute(args, item)).expect("the expansion is Rust");
    golden.assert_eq(&prettyplease::unparse(&expansion));
}

#[test]
fn a_shared_state() {
    check(
        quote!(name = "my-plugin:progress", patches),
        quote!(
            /// How far it is.
            pub struct Progress(Steps);
        ),
        &expect_file!["../../tests/expand/shared_state.rs"],
    );
}
