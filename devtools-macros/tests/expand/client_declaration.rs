#[cfg(feature = "panel")]
/// Stands for the event `my-plugin:refresh`. Use it to call the function or to refer to it.
pub enum Refresh {}
#[cfg(feature = "panel")]
#[allow(
    dead_code,
    deprecated,
    non_snake_case,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    reason = "the code is generated, and its author cannot mend it"
)]
#[automatically_derived]
impl Refresh {
    /// The name on the wire: `my-plugin:refresh`.
    pub const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    pub const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    pub const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::declared::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Sends the event. Resolves once it is queued.
    #[inline]
    pub fn notify(
        through: &impl ::devtools_runtime::functions::Caller,
        paths: Vec<PathBuf>,
    ) -> ::devtools_runtime::functions::Notifying {
        ::devtools_runtime::__private::notify::<Self>(through, (paths,))
    }
    /// Sends the event to every client. Resolves once it is queued, with the number of clients.
    #[inline]
    pub fn broadcast(
        through: impl ::core::convert::Into<::devtools_runtime::context::Audience>,
        paths: Vec<PathBuf>,
    ) -> ::devtools_runtime::context::Broadcasting {
        ::devtools_runtime::__private::broadcast::<Self>(through, (paths,))
    }
    /// Is for functions with a body: this is a declaration.
    #[doc(hidden)]
    pub fn invoke_local(
        through: impl ::devtools_runtime::__private::Invokes<Self>,
        paths: Vec<PathBuf>,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        let _ = (paths,);
        ::devtools_runtime::__private::not_invoked(through)
    }
}
#[cfg(feature = "panel")]
#[allow(
    deprecated,
    unused_imports,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    reason = "the code is generated, and its author cannot mend it"
)]
const _: () = {
    use ::devtools_runtime::__private::ProbeFallback as _;
    type __Written = ();
    type __Returned = ::devtools_runtime::__private::Returns<
        __Written,
        {
            ::devtools_runtime::__private::returns(
                ::devtools_runtime::__private::Probe::<__Written>::IS_RESULT,
                ::devtools_runtime::__private::Probe::<__Written>::HAS_TEXT,
                ::devtools_runtime::__private::Probe::<__Written>::HAS_ERROR,
            )
        },
    >;
    #[automatically_derived]
    impl ::devtools_runtime::RpcFunction for Refresh {
        const NAME: &'static ::core::primitive::str = "my-plugin:refresh";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Event;
        const SIDE: ::devtools_runtime::Side = ::devtools_runtime::Side::Client;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "paths",
                ::devtools_runtime::__private::Probe::<Vec<PathBuf>>::IS_OPTION,
            ),
        ];
        type Args = (Vec<PathBuf>,);
        type Output = <__Returned as ::devtools_runtime::__private::Returned>::Output;
        type Error = <__Returned as ::devtools_runtime::__private::Returned>::Error;
        const FAILURE: ::devtools_runtime::__private::Failure<Self::Error> = ::devtools_runtime::__private::Probe::<
            <Self as ::devtools_runtime::RpcFunction>::Error,
        >::FAILURE;
        ::devtools_runtime::__private::of_types! {
            Vec < PathBuf >
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(Refresh::definition)
    }
};
