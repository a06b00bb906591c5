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
fn a_channel() {
    check(
        quote!(
            name = "my-plugin:chat",
            replay = 256,
            encoding = "structured-clone"
        ),
        quote!(
            /// Answers, word by word.
            pub struct Chat(Token);
        ),
        &expect_file!["../../tests/expand/channel.rs"],
    );
}
