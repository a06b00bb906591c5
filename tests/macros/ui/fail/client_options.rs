//! Options that only a server has a use for.

use devtools_runtime::rpc_function;

/// Asks the user.
#[rpc_function(name = "my-plugin:ask", side = "client", cacheable, agent)]
async fn ask(question: String) -> bool {
    question.is_empty()
}

fn main() {
    drop(ask(String::new()));
}
