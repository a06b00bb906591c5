fn count_files(ctx: &DevToolsContext, r#in: PathBuf, files: &Files) -> usize {
    files.count(ctx, &r#in)
}
/// Stands for the action `my-plugin:count-files`. Use it to call the function or to refer to it.
enum CountFiles {}
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
impl CountFiles {
    /// The name on the wire: `my-plugin:count-files`.
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
        r#in: PathBuf,
    ) -> ::devtools_runtime::functions::Calling<Self> {
        ::devtools_runtime::__private::call::<Self>(through, (r#in,))
    }
    /// Calls the function if the other side has it. Returns `None` otherwise.
    #[inline]
    fn call_optional(
        through: &impl ::devtools_runtime::functions::Caller,
        r#in: PathBuf,
    ) -> ::devtools_runtime::functions::CallingOptional<Self> {
        ::devtools_runtime::__private::call_optional::<Self>(through, (r#in,))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        r#in: PathBuf,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_local::<Self>(through, (r#in,))
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
    type __Written = usize;
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
    impl ::devtools_runtime::RpcFunction for CountFiles {
        const NAME: &'static ::core::primitive::str = "my-plugin:count-files";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Action;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "in",
                ::devtools_runtime::__private::Probe::<PathBuf>::IS_OPTION,
            ),
        ];
        type Args = (PathBuf,);
        type Output = <__Returned as ::devtools_runtime::__private::Returned>::Output;
        type Error = <__Returned as ::devtools_runtime::__private::Returned>::Error;
        const FAILURE: ::devtools_runtime::__private::Failure<Self::Error> = ::devtools_runtime::__private::Probe::<
            <Self as ::devtools_runtime::RpcFunction>::Error,
        >::FAILURE;
        ::devtools_runtime::__private::of_types! {
            PathBuf
        }
    }
    #[automatically_derived]
    impl ::devtools_runtime::functions::Implementation for CountFiles {
        const INJECTED: &'static [::devtools_runtime::__private::Injection] = &[
            ::devtools_runtime::__private::Injection::of::<DevToolsContext>(),
            ::devtools_runtime::__private::Injection::of::<Files>(),
        ];
        type Returned = __Returned;
        fn run(
            scope: &::devtools_runtime::__private::SharedScope,
            (arg0,): Self::Args,
        ) -> ::devtools_runtime::__private::Run<__Written> {
            ::devtools_runtime::__private::now(|| ::core::result::Result::Ok(
                count_files(
                    ::devtools_runtime::__private::inject::<DevToolsContext>(&scope)?,
                    arg0,
                    ::devtools_runtime::__private::inject::<Files>(&scope)?,
                ),
            ))
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(CountFiles::definition)
    }
};
