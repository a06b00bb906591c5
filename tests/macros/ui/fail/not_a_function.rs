//! The attribute goes on a function.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:module")]
#[derive(Debug)]
pub struct Module {
    pub id: String,
}

#[rpc_function]
impl Module {
    fn id(&self) -> &str {
        &self.id
    }
}

#[rpc_function]
unsafe impl Send for Marker {}

pub struct Marker(*const u8);

fn main() {
    println!("{}", Module { id: String::new() }.id());
}
