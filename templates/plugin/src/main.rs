use std::process::ExitCode;

use devtools_runtime::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run({{crate_name}}::program()).await
}
