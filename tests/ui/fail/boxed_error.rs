//! A boxed error can move between threads.

use std::error::Error;

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:save", kind = "action")]
async fn save() -> Result<(), Box<dyn Error>> {
    Ok(())
}

fn main() {
    drop(Save::definition());
}
