fn find_files(filter: Option<String>, limit: usize) -> Vec<PathBuf> {
    find(filter, limit)
}
/// Stands for the query `my-plugin:find-files`. Use it to call the function or to refer to it.
enum FindFiles {}
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
impl FindFiles {
    /// The name on the wire: `my-plugin:find-files`.
    const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::of::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Calls the function and waits for its output.
    #[inline]
    fn call(
        through: &impl ::devtools_runtime::functions::Caller,
        filter: Option<String>,
        limit: usize,
    ) -> ::devtools_runtime::functions::Calling<Self> {
        ::devtools_runtime::__private::call::<Self>(through, (filter, limit))
    }
    /// Calls the function if the other side has it. Returns `None` otherwise.
    #[inline]
    fn call_optional(
        through: &impl ::devtools_runtime::functions::Caller,
        filter: Option<String>,
        limit: usize,
    ) -> ::devtools_runtime::functions::CallingOptional<Self> {
        ::devtools_runtime::__private::call_optional::<Self>(through, (filter, limit))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        filter: Option<String>,
        limit: usize,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_local::<Self>(through, (filter, limit))
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
    type __Written = Vec<PathBuf>;
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
    impl ::devtools_runtime::RpcFunction for FindFiles {
        const NAME: &'static ::core::primitive::str = "my-plugin:find-files";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Query;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "filter",
                ::devtools_runtime::__private::Probe::<Option<String>>::IS_OPTION,
            ),
            ::devtools_runtime::functions::Parameter::new(
                "limit",
                ::devtools_runtime::__private::Probe::<usize>::IS_OPTION,
            ),
        ];
        type Args = (Option<String>, usize);
        type Output = <__Returned as ::devtools_runtime::__private::Returned>::Output;
        type Error = <__Returned as ::devtools_runtime::__private::Returned>::Error;
        const FAILURE: ::devtools_runtime::__private::Failure<Self::Error> = ::devtools_runtime::__private::Probe::<
            <Self as ::devtools_runtime::RpcFunction>::Error,
        >::FAILURE;
        ::devtools_runtime::__private::of_types! {
            Option < String >, usize
        }
    }
    #[automatically_derived]
    impl ::devtools_runtime::functions::Implementation for FindFiles {
        type Returned = __Returned;
        fn run(
            scope: &::devtools_runtime::__private::SharedScope,
            (arg0, arg1): Self::Args,
        ) -> ::devtools_runtime::__private::Run<__Written> {
            ::devtools_runtime::__private::Run::Done(
                ::core::result::Result::Ok(find_files(arg0, arg1)),
            )
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(FindFiles::definition)
    }
};
