//! The functions of the chat.

mod ask;
mod get_info;
mod stop;

pub use self::ask::{Ask, ask};
pub use self::get_info::{GetInfo, Info, get_info};
pub use self::stop::{Stop, stop};
