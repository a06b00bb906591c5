async fn log(line: String) {
    println!("{line}");
}
/// Stands for the event `my-plugin:log`. Use it to call the function or to refer to it.
enum Log {}
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
impl Log {
    /// The name on the wire: `my-plugin:log`.
    const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::of::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Sends the event. Resolves once it is queued.
    #[inline]
    fn notify(
        through: &impl ::devtools_runtime::functions::Caller,
        line: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::Notifying {
        ::devtools_runtime::__private::notify::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(line),))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        line: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_local::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(line),))
    }
}
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
    impl ::devtools_runtime::RpcFunction for Log {
        const NAME: &'static ::core::primitive::str = "my-plugin:log";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Event;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "line",
                ::devtools_runtime::__private::Probe::<String>::IS_OPTION,
            ),
        ];
        type Args = (String,);
        type Output = <__Returned as ::devtools_runtime::__private::Returned>::Output;
        type Error = <__Returned as ::devtools_runtime::__private::Returned>::Error;
        const FAILURE: ::devtools_runtime::__private::Failure<Self::Error> = ::devtools_runtime::__private::Probe::<
            <Self as ::devtools_runtime::RpcFunction>::Error,
        >::FAILURE;
        ::devtools_runtime::__private::of_types! {
            String
        }
    }
    #[automatically_derived]
    impl ::devtools_runtime::functions::Implementation for Log {
        type Returned = __Returned;
        fn run(
            scope: &::devtools_runtime::__private::SharedScope,
            (arg0,): Self::Args,
        ) -> ::devtools_runtime::__private::Run<__Written> {
            let future = ::devtools_runtime::__private::boxed(log(arg0));
            ::devtools_runtime::__private::later(future)
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(Log::definition)
    }
};
