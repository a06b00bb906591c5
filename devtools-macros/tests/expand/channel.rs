#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    reason = "it is a name, and never built"
)]
/// Answers, word by word.
pub struct Chat(Token);
#[automatically_derived]
impl ::devtools_runtime::streaming::RpcChannel for Chat {
    const NAME: &'static ::core::primitive::str = "my-plugin:chat";
    type Chunk = Token;
    type Carrier = ::devtools_runtime::__private::PhantomData<Token>;
    fn options() -> ::devtools_runtime::streaming::ChannelOptions {
        ::devtools_runtime::streaming::ChannelOptions::new()
            .replay(256)
            .encoding(::devtools_runtime::Encoding::StructuredClone)
    }
}
#[automatically_derived]
#[allow(dead_code, deprecated, reason = "a program may use some of these only")]
impl Chat {
    /// The name on the wire.
    pub const NAME: &'static ::core::primitive::str = "my-plugin:chat";
    /// Returns the options that the channel is created with.
    pub fn options() -> ::devtools_runtime::streaming::ChannelOptions {
        <Self as ::devtools_runtime::streaming::RpcChannel>::options()
    }
    /// Creates the channel, once per context.
    pub fn create(
        context: &::devtools_runtime::DevToolsContext,
    ) -> ::core::result::Result<
        ::devtools_runtime::streaming::Channel<Token>,
        ::devtools_runtime::streaming::ChannelError,
    > {
        ::devtools_runtime::__private::create_channel::<Self>(context, Self::options())
    }
    /// Creates the channel with other options.
    pub fn create_with(
        context: &::devtools_runtime::DevToolsContext,
        options: ::devtools_runtime::streaming::ChannelOptions,
    ) -> ::core::result::Result<
        ::devtools_runtime::streaming::Channel<Token>,
        ::devtools_runtime::streaming::ChannelError,
    > {
        ::devtools_runtime::__private::create_channel::<Self>(context, options)
    }
}
::devtools_runtime::__private::channel_of_client! {
    (::devtools_runtime) (pub) Chat(Token)
}
::devtools_runtime::__private::described_value! {
    DeclaredChannel Chat(Token) "Answers, word by word."
}
