//! A function whose type would hide one of the prelude.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:result")]
async fn result(id: String) -> Result<String, std::io::Error> {
    Ok(id)
}

#[rpc_function(name = "my-plugin:box")]
async fn r#box() -> Option<u8> {
    None
}

#[rpc_function(name = "my-plugin:find", as = Option)]
async fn find() -> u8 {
    1
}

fn main() {
    drop(find());
    drop(result(String::new()));
    drop(r#box());
}
