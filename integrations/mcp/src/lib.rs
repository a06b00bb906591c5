//! Coding agents call the functions of a [`devtools_runtime`] program, over the
//! [Model Context Protocol](https://modelcontextprotocol.io).
//!
//! Only functions with the option `agent` are offered:
//!
//! ```no_run
//! use devtools_mcp::Mcp;
//! use devtools_runtime::{DevTools, rpc_function};
//!
//! /// Lists the modules of the graph.
//! #[rpc_function(name = "my-tool:get-modules", agent)]
//! fn get_modules() -> Vec<String> {
//!     vec!["/src/main.ts".to_owned()]
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let devtools = DevTools::builder().plugin(Mcp::new("my-tool", "1.0.0")).build().await?;
//! devtools.serve("127.0.0.1:7812").await?; // agents connect to http://127.0.0.1:7812/__devtools/__mcp
//! # Ok(())
//! # }
//! ```
//!
//! [`Mcp`] is a plugin that adds the route `__mcp` beside those of the functions: Streamable HTTP without sessions. An agent
//! sends a token of the program's [gate](devtools_runtime::Gate), as `Authorization: Bearer TOKEN`.
//! [`serve_stdio`] serves one agent over standard input and output, for agents that start the program themselves.
//! With the feature `cli`, [`cli`] adds the command `mcp` to the command line, which does that.
//!
//! A call of an agent is a call like any other: it passes the layers, the limits, and the check of the role that the function asks for.

mod changes;
#[cfg(feature = "cli")]
pub mod cli;
mod confirm;
mod handler;
mod http;
mod instance;
mod name;
mod plugin;
mod resources;
mod results;
mod schema;
mod stdio;
mod streams;
mod tools;

pub use self::confirm::AgentCall;
pub use self::plugin::Mcp;
pub use self::stdio::{StdioError, serve_stdio};
pub use self::tools::NameCollision;
