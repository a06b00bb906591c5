//! A method is no RPC function.

use devtools_runtime::rpc_function;

struct Analytics {
    hits: u64,
}

impl Analytics {
    #[rpc_function(name = "analytics:get-hits")]
    fn get_hits(&self) -> u64 {
        self.hits
    }
}

fn main() {
    let analytics = Analytics { hits: 0 };
    println!("{}", analytics.get_hits());
}
