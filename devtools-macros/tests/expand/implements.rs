async fn get_module(
    graph: &Graph,
    id: String,
    deep: Option<bool>,
) -> Result<Module, NotFound> {
    graph.find(&id, deep)
}
/// Stands for this implementation of [`api::GetModule`].
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
    /// The name on the wire: that of `api::GetModule`.
    const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::of::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        id: impl ::devtools_runtime::__private::IntoArgument<String>,
        deep: Option<bool>,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_local::<
            Self,
        >(
            through,
            (::devtools_runtime::__private::IntoArgument::into_argument(id), deep),
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
    type __Written = Result<Module, NotFound>;
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
    type __Declared = api::GetModule;
    #[automatically_derived]
    impl ::devtools_runtime::RpcFunction for GetModule {
        const NAME: &'static ::core::primitive::str = <__Declared as ::devtools_runtime::RpcFunction>::NAME;
        const KIND: ::devtools_runtime::FunctionKind = <__Declared as ::devtools_runtime::RpcFunction>::KIND;
        const SIDE: ::devtools_runtime::Side = <__Declared as ::devtools_runtime::RpcFunction>::SIDE;
        const ENCODING: ::devtools_runtime::Encoding = <__Declared as ::devtools_runtime::RpcFunction>::ENCODING;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = <__Declared as ::devtools_runtime::RpcFunction>::PARAMETERS;
        const DESCRIPTION: &'static ::core::primitive::str = <__Declared as ::devtools_runtime::RpcFunction>::DESCRIPTION;
        const OPTIONS: ::devtools_runtime::functions::FunctionOptions = <__Declared as ::devtools_runtime::RpcFunction>::OPTIONS;
        type Args = (String, Option<bool>);
        type Output = <__Returned as ::devtools_runtime::__private::Returned>::Output;
        type Error = <__Returned as ::devtools_runtime::__private::Returned>::Error;
        const FAILURE: ::devtools_runtime::__private::Failure<Self::Error> = ::devtools_runtime::__private::Probe::<
            <Self as ::devtools_runtime::RpcFunction>::Error,
        >::FAILURE;
        ::devtools_runtime::__private::of_types! {
            String, Option < bool >
        }
    }
    #[automatically_derived]
    impl ::devtools_runtime::functions::Implementation for GetModule {
        const INJECTED: &'static [::devtools_runtime::__private::Injection] = &[
            ::devtools_runtime::__private::Injection::of::<Graph>(),
        ];
        type Returned = __Returned;
        fn run(
            scope: &::devtools_runtime::__private::SharedScope,
            (arg0, arg1): Self::Args,
        ) -> ::devtools_runtime::__private::Run<__Written> {
            let scope = ::core::clone::Clone::clone(scope);
            let future = ::devtools_runtime::__private::boxed(async move {
                ::core::result::Result::Ok(
                    get_module(
                            ::devtools_runtime::__private::inject::<Graph>(&scope)?,
                            arg0,
                            arg1,
                        )
                        .await,
                )
            });
            ::devtools_runtime::__private::guarded(future)
        }
    }
    const _: fn(<__Declared as ::devtools_runtime::RpcFunction>::Args) = |(arg0, arg1)| {
        ::devtools_runtime::__private::declared(arg0).is::<String>();
        ::devtools_runtime::__private::declared(arg1).is::<Option<bool>>();
        ::devtools_runtime::__private::same_result::<
            GetModule,
            <__Declared as ::devtools_runtime::RpcFunction>::Output,
            <__Declared as ::devtools_runtime::RpcFunction>::Error,
        >();
    };
    const _: () = ::core::assert!(
        ::core::matches!(
            <__Declared as ::devtools_runtime::RpcFunction>::SIDE,
            ::devtools_runtime::Side::Server
        ),
        "this is a function of the client, which implements it with `rpc.register::<..>(..)`",
    );
    const _: () = ::core::assert!(
        !::devtools_runtime::__private::Probe::<__Declared>::HAS_BODY
            && !::devtools_runtime::__private::Probe::<__Declared>::IS_SET_UP,
        "`implements` takes a declaration, which has no body, and this function has a body",
    );
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(GetModule::definition)
    }
};
