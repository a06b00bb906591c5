//! Channels that are declared once for both sides.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::streaming::ChannelOptions;

/// A channel that both sides know by a type: what [`rpc_channel`](macro@crate::rpc_channel) makes of a struct.
pub trait RpcChannel: 'static {
    /// The name on the wire, `scope:channel`.
    const NAME: &'static str;

    /// What its streams and uploads consist of.
    type Chunk: RpcChunk;

    /// What it is created with.
    fn options() -> ChannelOptions;
}

/// A type that can be a chunk of a declared channel.
///
/// Implemented for everything that serde reads and writes, and that threads can share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a chunk of a channel",
    label = "cannot be written and read",
    note = "if the type is yours, derive it: `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait RpcChunk: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> RpcChunk for T {}
