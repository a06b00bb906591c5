//! A chat whose answers are streams, for its server and for clients written in Rust.
//!
//! Two things are shared, and each does what it is good at. The history is a shared state: whoever opens a page has it, and
//! it changes twice per question. The tokens of an answer come over a channel: many, small, and replayed for
//! whoever comes in the middle. The id of an answer in the history is that of its stream.

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
