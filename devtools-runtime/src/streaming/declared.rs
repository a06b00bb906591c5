//! Channels that are declared once for both sides.

use std::marker::PhantomData;
#[cfg(feature = "client")]
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "typescript")]
use crate::function::DescribeType;
#[cfg(feature = "client")]
use crate::streaming::client::{ClientStreams, StreamReader, StreamingClient, UploadSink};
use crate::streaming::options::ChannelOptions;

/// A channel that both sides know by a type. The attribute [`rpc_channel`](macro@crate::rpc_channel) implements it for a
/// struct.
///
/// ```
/// use devtools_runtime::streaming::RpcChannel;
/// use devtools_runtime::{DevTools, rpc_channel};
///
/// /// The lines of a build.
/// #[rpc_channel(name = "docs-of-declared-channels:build-log")]
/// pub struct BuildLog(String);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let channel = BuildLog::create(devtools.context())?;
/// assert_eq!(channel.name(), BuildLog::NAME);
/// let sink = channel.start();
/// sink.write(&"compiling".to_owned()).await?;
/// sink.close();
/// # Ok(())
/// # }
/// ```
pub trait RpcChannel: 'static {
    /// The name on the wire, `scope:channel`.
    const NAME: &'static str;

    /// The type of the chunks of its streams and uploads: an [`RpcChunk`].
    type Chunk;

    #[doc(hidden)]
    type Carrier: ChunkCarrier<Chunk = Self::Chunk>;

    /// Returns the options that the channel is created with.
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

/// The operations on the chunks of a declared channel. This trait stands between a channel and its chunk, so that the
/// compiler reports an unsuitable type once, and with the message of [`RpcChunk`].
#[doc(hidden)]
pub trait ChunkCarrier {
    type Chunk;

    #[cfg(feature = "client")]
    fn subscribe(
        streams: &Arc<ClientStreams>,
        channel: &str,
        id: &str,
    ) -> StreamReader<Self::Chunk>;

    #[cfg(feature = "client")]
    fn upload(streams: &Arc<ClientStreams>, channel: &str, id: &str) -> UploadSink<Self::Chunk>;
}

impl<T: RpcChunk> ChunkCarrier for PhantomData<T> {
    type Chunk = T;

    #[cfg(feature = "client")]
    fn subscribe(streams: &Arc<ClientStreams>, channel: &str, id: &str) -> StreamReader<T> {
        StreamingClient::new(streams).subscribe(channel, id)
    }

    #[cfg(feature = "client")]
    fn upload(streams: &Arc<ClientStreams>, channel: &str, id: &str) -> UploadSink<T> {
        StreamingClient::new(streams).upload(channel, id)
    }
}

/// An entry of the program's list of declared channels. It describes a channel without creating it.
#[cfg(feature = "typescript")]
#[derive(Debug)]
pub struct DeclaredChannel {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) options: fn() -> ChannelOptions,
    /// The description of the chunks' type.
    pub(crate) describe: Option<DescribeType>,
    /// The note of the attribute `deprecated`, if there is one.
    pub(crate) deprecated: Option<&'static str>,
    /// The position among several declarations with the same name.
    pub(crate) identity: fn() -> &'static str,
}

#[cfg(feature = "typescript")]
impl DeclaredChannel {
    /// Returns the entry of a channel.
    pub const fn new<C: RpcChannel>(
        description: &'static str,
        describe: Option<DescribeType>,
    ) -> Self {
        Self {
            name: C::NAME,
            description,
            options: C::options,
            describe,
            deprecated: None,
            identity: std::any::type_name::<C>,
        }
    }

    /// Marks the channel as deprecated with this note, which may be empty.
    #[must_use]
    pub const fn deprecated(mut self, note: &'static str) -> Self {
        self.deprecated = Some(note);
        self
    }
}

#[cfg(feature = "typescript")]
inventory::collect!(DeclaredChannel);
