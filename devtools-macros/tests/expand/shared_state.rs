#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    reason = "it is a name, and never built"
)]
/// How far it is.
pub struct Progress(Steps);
#[automatically_derived]
impl ::devtools_runtime::state::RpcSharedState for Progress {
    const NAME: &'static ::core::primitive::str = "my-plugin:progress";
    type Value = Steps;
    type Carrier = ::devtools_runtime::__private::PhantomData<Steps>;
    fn options() -> ::devtools_runtime::state::StateOptions {
        ::devtools_runtime::state::StateOptions::new().patches()
    }
}
#[automatically_derived]
#[allow(dead_code, deprecated, reason = "a program may use some of these only")]
impl Progress {
    /// The key on the wire.
    pub const NAME: &'static ::core::primitive::str = "my-plugin:progress";
    /// Returns the options that the state is created with.
    pub fn options() -> ::devtools_runtime::state::StateOptions {
        <Self as ::devtools_runtime::state::RpcSharedState>::options()
    }
    /// Returns the state. Creates it with `initial` if it does not exist yet.
    pub fn create(
        context: &::devtools_runtime::DevToolsContext,
        initial: Steps,
    ) -> ::core::result::Result<
        ::devtools_runtime::state::SharedState<Steps>,
        ::devtools_runtime::state::SharedStateError,
    > {
        ::devtools_runtime::__private::create_state::<
            Self,
        >(context, initial, Self::options())
    }
    /// Returns the state. Creates it with other options if it does not exist yet.
    pub fn create_with(
        context: &::devtools_runtime::DevToolsContext,
        initial: Steps,
        options: ::devtools_runtime::state::StateOptions,
    ) -> ::core::result::Result<
        ::devtools_runtime::state::SharedState<Steps>,
        ::devtools_runtime::state::SharedStateError,
    > {
        ::devtools_runtime::__private::create_state::<Self>(context, initial, options)
    }
}
::devtools_runtime::__private::state_of_client! {
    (::devtools_runtime) (pub) Progress(Steps)
}
::devtools_runtime::__private::described_value! {
    DeclaredState Progress(Steps) "How far it is."
}
