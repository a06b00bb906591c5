//! Types, traits, functions and constants of a module may have the names of the prelude.

use devtools_runtime::rpc_function;

mod standard {
    pub type Text = String;
    pub type Fallible<T> = Result<T, std::fmt::Error>;
    pub type Maybe<T> = Option<T>;

    pub fn text() -> Text {
        Text::from("a")
    }
}

macro_rules! like_the_prelude {
    ($($name:ident)*) => {
        $(
            #[derive(serde::Serialize, serde::Deserialize)]
            pub struct $name;
        )*
    };
}

mod own {
    like_the_prelude!(String Vec Box);
}

use own::{Box, String, Vec};

#[allow(dead_code, reason = "they are there to be found by mistake")]
mod unused {
    pub trait Result {}
    pub trait Option {}
    pub trait Future {}
    pub trait Send {}
    pub trait Sync {}
    pub trait Into {}
    pub trait From {}
    pub trait Sized {}
}

#[allow(unused_imports, reason = "they are there to be found by mistake")]
use unused::*;

#[allow(
    non_snake_case,
    dead_code,
    reason = "it is there to be found by mistake"
)]
fn Ok() {}
#[allow(
    non_snake_case,
    dead_code,
    reason = "it is there to be found by mistake"
)]
fn Err() {}
#[allow(
    non_snake_case,
    dead_code,
    reason = "it is there to be found by mistake"
)]
fn Some() {}
#[allow(
    non_upper_case_globals,
    dead_code,
    reason = "it is there to be found by mistake"
)]
const None: u8 = 0;

#[rpc_function(name = "shadowed:swap")]
fn swap(text: String, _list: Vec, boxed: Box) -> (Box, String) {
    (boxed, text)
}

#[rpc_function(name = "shadowed:read", kind = "action")]
async fn read(maybe: standard::Maybe<u8>) -> standard::Fallible<standard::Text> {
    maybe.map(|_| standard::text()).ok_or(std::fmt::Error)
}

#[rpc_function(name = "shadowed:notify", kind = "event")]
async fn notify(_text: String) {}

#[test]
fn accepted() {
    let swap = Swap::definition();
    assert_eq!(swap.parameters().len(), 3);
    assert!(
        swap.parameters()
            .iter()
            .all(|parameter| !parameter.optional)
    );
    assert!(Read::definition().parameters()[0].optional);
    assert_eq!(Notify::NAME, "shadowed:notify");
}
