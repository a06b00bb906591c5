//! The attribute goes on a function, not on what holds functions.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data")]
mod functions {
    pub async fn get_data() {}
}

#[rpc_function(name = "my-plugin:read")]
trait Read {
    fn read(&self) -> u8;
}

fn main() {
    drop(functions::get_data());
    let _: Option<&dyn Read> = None;
}
