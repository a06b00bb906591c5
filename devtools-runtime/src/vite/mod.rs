#![doc = include_str!("../docs/modules/vite.md")]

// A Vite process is a client of the program like any other, which has said by the call `attach` that it is one. Its session is what
// the handles of this module call, and the end of the session is the end of the attachment.

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
