//! A reference is injected by the type of what it refers to.

use devtools_runtime::rpc_function;

trait Storage: Send + Sync {
    fn read(&self) -> String;
}

#[rpc_function(name = "my-plugin:read")]
async fn read(storage: &dyn Storage) -> String {
    storage.read()
}

fn main() {
    println!("{}", Read::NAME);
}
