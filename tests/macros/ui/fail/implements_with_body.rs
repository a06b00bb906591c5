//! A function with a body here is implemented already.

use devtools_runtime::rpc_function;

mod api {
    use devtools_runtime::{Setup, rpc_function};

    #[rpc_function(name = "api:save", kind = "action")]
    pub async fn save() -> bool {
        true
    }

    #[rpc_function(name = "api:load", setup)]
    pub fn load() -> Setup<fn() -> u8> {
        Setup::handler(|| 1)
    }
}

#[rpc_function(implements = api::Save)]
async fn save() -> bool {
    false
}

#[rpc_function(implements = api::Load)]
fn load() -> u8 {
    2
}

fn main() {
    drop((save(), load(), api::save(), api::load()));
}
