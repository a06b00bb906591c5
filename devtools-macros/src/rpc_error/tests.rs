//! Golden expansions in `tests/expand`. A difference there is a question of design.
//!
//! After a change, run this with `UPDATE_EXPECT=1` and read the difference.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

use super::derive;

macro_rules! golden {
    ($name:ident: $($item:tt)*) => {
        #[test]
        fn $name() {
            let golden = expect_file![concat!("../../tests/expand/", stringify!($name), ".rs")];
            check(quote!($($item)*), &golden);
        }
    };
}

fn check(item: TokenStream, golden: &ExpectFile) {
    let expansion = syn::parse2(derive(item)).expect("the expansion is Rust");
    golden.assert_eq(&prettyplease::unparse(&expansion));
}

golden! {
    error_enum:
    #[serde(rename_all_fields = "camelCase")]
    pub enum ReadError {
        NotFound { path: PathBuf, line_number: Option<u32> },
        #[rpc_error(code = "too-large")]
        Size(u64, u64),
        Syntax(SyntaxError),
        Busy,
        #[error("cannot read")]
        Io(#[from] std::io::Error),
        #[error(transparent)]
        #[rpc_error(public)]
        Config(ConfigError),
    }
}

golden! {
    error_struct:
    #[rpc_error(code = "stale", crate = toolkit::rpc)]
    struct StaleError<T: Revision> {
        #[serde(rename = "rev")]
        r#type: T,
    }
}

/// The messages of all that is wrong with it.
fn refusals(item: TokenStream) -> String {
    let tokens = derive(item).to_string();
    assert!(!tokens.contains("impl"), "{tokens}");
    tokens
}

#[test]
fn several_mistakes_are_all_reported() {
    let errors = refusals(quote! {
        #[rpc_error(internal)]
        enum ReadError<'a> {
            #[rpc_error(code = "Not Found")]
            NotFound(&'a str),
            #[rpc_error(cod = "busy")]
            Busy,
            #[rpc_error(code = "busy", internal, public)]
            Locked { #[rpc_error(public)] #[serde(flatten)] by: u8 },
        }
    });
    assert_eq!(errors.matches("compile_error").count(), 7, "{errors}");
}

#[test]
fn a_source_is_internal_unless_it_is_marked() {
    for (marked, disclosed) in [
        (
            quote!(Io(
                #[from]
                E
            )),
            false,
        ),
        (
            quote!(Io(
                #[source]
                E
            )),
            false,
        ),
        (quote!(Io { source: E }), false),
        (
            quote!(
                #[error(transparent)]
                Io(E)
            ),
            false,
        ),
        (
            quote!(
                #[rpc_error(internal)]
                Io(E)
            ),
            false,
        ),
        (
            quote!(
                #[rpc_error(public)]
                Io { source: E }
            ),
            true,
        ),
        (
            quote!(
                #[error("no")]
                Io(E)
            ),
            true,
        ),
    ] {
        let expansion = derive(quote!(enum ReadError { #marked })).to_string();
        assert_eq!(
            !expansion.contains("Disclosure :: Internal"),
            disclosed,
            "{marked}"
        );
    }
}
