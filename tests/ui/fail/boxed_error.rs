//! A boxed error has no type of its own.

use std::error::Error;

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:save", kind = "action")]
async fn save() -> Result<(), Box<dyn Error + Send + Sync>> {
    Ok(())
}

fn main() {
    drop(Save::definition());
}
