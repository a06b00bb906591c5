//! A chat whose answers are streams, for its server and for clients written in Rust.
//!
//! It uses two kinds of sharing. The history is a shared state: every page has it, and it changes twice per question.
//! The tokens of an answer are sent over a channel: they are many and small, and are replayed for late subscribers.
//! The id of an answer in the history is also the id of its stream.

mod chat;
mod history;
mod model;
mod options;
mod plugin;
mod rpc;

pub use self::chat::{Chat, ChatError, Tokens};
pub use self::history::{History, Message, MessageState, Role, SharedHistory};
pub use self::model::{ModelError, answer};
pub use self::options::ChatOptions;
pub use self::plugin::{PANEL_BASE, StreamingChat};
pub use self::rpc::{Ask, GetInfo, Info, Stop, StreamingChatFunctions, ask, get_info, stop};
