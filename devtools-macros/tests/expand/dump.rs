fn get_module(id: String) -> Option<Module> {
    find(&id)
}
/// Stands for the query `my-plugin:get-module`. Use it to call the function or to refer to it.
enum GetModule {}
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
impl GetModule {
    /// The name on the wire: `my-plugin:get-module`.
    const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::of::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
            .dumped::<Self>()
    }
    /// Calls the function and waits for its output.
    #[inline]
    fn call(
        through: &impl ::devtools_runtime::functions::Caller,
        id: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::Calling<Self> {
        ::devtools_runtime::__private::call::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(id),))
    }
    /// Calls the function if the other side has it. Returns `None` otherwise.
    #[inline]
    fn call_optional(
        through: &impl ::devtools_runtime::functions::Caller,
        id: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::CallingOptional<Self> {
        ::devtools_runtime::__private::call_optional::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(id),))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        id: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_local::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(id),))
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
    type __Written = Option<Module>;
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
    impl ::devtools_runtime::RpcFunction for GetModule {
        const NAME: &'static ::core::primitive::str = "my-plugin:get-module";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Query;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "id",
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
    impl ::devtools_runtime::functions::Implementation for GetModule {
        type Returned = __Returned;
        fn run(
            scope: &::devtools_runtime::__private::SharedScope,
            (arg0,): Self::Args,
        ) -> ::devtools_runtime::__private::Run<__Written> {
            ::devtools_runtime::__private::Run::Done(
                ::core::result::Result::Ok(get_module(arg0)),
            )
        }
    }
    #[automatically_derived]
    impl ::devtools_runtime::__private::Dumped for GetModule {
        type Returned = __Returned;
        async fn dump(
            scope: ::devtools_runtime::__private::SharedScope,
        ) -> ::core::result::Result<
            ::devtools_runtime::Dump<Self::Args, __Written>,
            ::devtools_runtime::__private::BoxError,
        > {
            let dump = crate::dumps::modules(
                ::devtools_runtime::__private::inject::<
                    ::devtools_runtime::DevToolsContext,
                >(&scope)?,
            );
            ::devtools_runtime::__private::IntoDump::<
                Self::Args,
                __Written,
            >::into_dump(dump)
                .await
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(GetModule::definition)
    }
};
