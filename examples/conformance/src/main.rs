//! The program that every client of the protocol is checked against: one function for each thing that a
//! client can meet. It is also a tour of the API.
//!
//! `cargo run -p conformance -- dev [--host HOST] [--port PORT]`

mod calls;
mod clients;
mod errors;
mod modules;
mod store;
mod types;

use std::error::Error;

use clap::{Parser, Subcommand, ValueEnum};
use devtools_runtime::DevTools;

use crate::store::Conformance;

/// Serves the functions of the conformance checks.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to end.
    Dev {
        /// The address to listen at.
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
        /// The port to listen at; 0 picks a free one.
        #[arg(long, default_value_t = 7812)]
        port: u16,
        /// Who may call.
        #[arg(long, value_enum, default_value_t = Auth::None)]
        auth: Auth,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Auth {
    /// Everybody on this machine.
    None,
    /// Who has shown a one-time code.
    Otp,
}

impl From<Auth> for devtools_runtime::Auth {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::None => Self::None,
            Auth::Otp => Self::default(),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Command::Dev { host, port, auth } = Options::parse().command;
    let devtools = DevTools::builder()
        .auth(auth)
        .plugin(Conformance)
        .build()
        .await?;
    let server = devtools.bind((host, port)).await?;
    #[expect(
        clippy::print_stdout,
        reason = "whoever started the program waits for this line"
    )]
    {
        println!("listening on {}", server.url());
    }
    server.run().await;
    Ok(())
}
