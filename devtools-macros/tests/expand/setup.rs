async fn find(
    ctx: &DevToolsContext,
) -> Result<Setup<fn(text: String, u8) -> Vec<Hit>>, Error> {
    let index = Index::open(ctx.cwd()).await?;
    Ok(Setup::handler(move |text: String, limit: u8| index.find(&text, limit)))
}
/// Stands for the query `my-plugin:find`. Use it to call the function or to refer to it.
enum Find {}
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
impl Find {
    /// The name on the wire: `my-plugin:find`.
    const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::set_up::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Calls the function and waits for its output.
    #[inline]
    fn call(
        through: &impl ::devtools_runtime::functions::Caller,
        text: impl ::devtools_runtime::__private::IntoArgument<String>,
        arg1: u8,
    ) -> ::devtools_runtime::functions::Calling<Self> {
        ::devtools_runtime::__private::call::<
            Self,
        >(
            through,
            (::devtools_runtime::__private::IntoArgument::into_argument(text), arg1),
        )
    }
    /// Calls the function if the other side has it. Returns `None` otherwise.
    #[inline]
    fn call_optional(
        through: &impl ::devtools_runtime::functions::Caller,
        text: impl ::devtools_runtime::__private::IntoArgument<String>,
        arg1: u8,
    ) -> ::devtools_runtime::functions::CallingOptional<Self> {
        ::devtools_runtime::__private::call_optional::<
            Self,
        >(
            through,
            (::devtools_runtime::__private::IntoArgument::into_argument(text), arg1),
        )
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        text: impl ::devtools_runtime::__private::IntoArgument<String>,
        arg1: u8,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_set_up::<
            Self,
        >(
            through,
            (::devtools_runtime::__private::IntoArgument::into_argument(text), arg1),
        )
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
    type __Written = Vec<Hit>;
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
    impl ::devtools_runtime::RpcFunction for Find {
        const NAME: &'static ::core::primitive::str = "my-plugin:find";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Query;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "text",
                ::devtools_runtime::__private::Probe::<String>::IS_OPTION,
            ),
            ::devtools_runtime::functions::Parameter::new(
                "arg1",
                ::devtools_runtime::__private::Probe::<u8>::IS_OPTION,
            ),
        ];
        type Args = (String, u8);
        type Output = <__Returned as ::devtools_runtime::__private::Returned>::Output;
        type Error = <__Returned as ::devtools_runtime::__private::Returned>::Error;
        const FAILURE: ::devtools_runtime::__private::Failure<Self::Error> = ::devtools_runtime::__private::Probe::<
            <Self as ::devtools_runtime::RpcFunction>::Error,
        >::FAILURE;
        ::devtools_runtime::__private::of_types! {
            String, u8
        }
    }
    #[automatically_derived]
    impl ::devtools_runtime::__private::SetupImplementation for Find {
        const INJECTED: &'static [::devtools_runtime::__private::Injection] = &[
            ::devtools_runtime::__private::Injection::of_setup::<DevToolsContext>(),
        ];
        type Signature = fn(text: String, u8) -> Vec<Hit>;
        type Returned = __Returned;
        async fn set_up(
            scope: ::devtools_runtime::__private::SharedScope,
        ) -> ::core::result::Result<
            ::devtools_runtime::Setup<Self::Signature>,
            ::devtools_runtime::__private::NotRun,
        > {
            let setup = find(
                    ::devtools_runtime::__private::inject::<DevToolsContext>(&scope)?,
                )
                .await;
            ::devtools_runtime::__private::IntoSetup::into_setup(setup)
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(Find::definition)
    }
};
