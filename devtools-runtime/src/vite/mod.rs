#![doc = include_str!("../docs/modules/vite.md")]

// A Vite process is a client of the program that has called `attach`. The handles of this module call functions of
// its session, and the attachment ends with the session.

mod attachments;
mod configs;
mod functions;
mod graph;
mod process;
mod server;

pub(crate) use self::functions::register;

pub use self::graph::ViteModuleGraph;
pub use self::process::Vite;
pub use self::server::{ViteEnvironment, ViteServer};
pub use crate::protocol::vite::{
    FileChange, FileEvent, HotUpdate, TransformEvent, ViteAlias, ViteConfig, ViteModule,
    ViteTransformed, ViteUrls,
};

#[cfg(test)]
mod tests;
