//! A raw identifier is the name behind the `r#`, on the wire and in Rust.

#![deny(warnings)]

use devtools_runtime::rpc_function;

#[rpc_function]
fn r#type(r#struct: u8) -> u8 {
    r#struct
}

#[rpc_function]
async fn r#async() {}

#[rpc_function(name = "raw:yield", as = r#Gen)]
fn r#yield() {}

#[rpc_function(name = "raw:declared", side = "client")]
async fn r#move(r#final: u8, r#where: Option<u8>) -> u8;

#[test]
fn accepted() {
    let package = env!("CARGO_PKG_NAME");
    assert_eq!(Type::NAME, format!("{package}:type"));
    assert_eq!(Async::NAME, format!("{package}:async"));
    assert_eq!(Gen::NAME, "raw:yield");
    assert_eq!(Type::definition().parameters()[0].name, "struct");
    let definition = Move::definition();
    let names = definition.parameters();
    assert_eq!((names[0].name, names[1].name), ("final", "where"));
    assert_eq!(r#type(1), 1);
}
