pub async fn read_file(path: String) -> Result<FileContent, ReadError> {
    read(&path).await
}
/// Stands for the query `my-plugin:read-file`. Use it to call the function or to refer to it.
pub enum ReadFile {}
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
impl ReadFile {
    /// The name on the wire: `my-plugin:read-file`.
    pub const NAME: &'static ::core::primitive::str = <Self as ::devtools_runtime::RpcFunction>::NAME;
    /// The kind of the function.
    pub const KIND: ::devtools_runtime::FunctionKind = <Self as ::devtools_runtime::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    pub const fn definition() -> ::devtools_runtime::FunctionDefinition {
        ::devtools_runtime::FunctionDefinition::of::<
            Self,
        >(::devtools_runtime::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Calls the function and waits for its output.
    #[inline]
    pub fn call(
        through: &impl ::devtools_runtime::functions::Caller,
        path: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::Calling<Self> {
        ::devtools_runtime::__private::call::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(path),))
    }
    /// Calls the function if the other side has it. Returns `None` otherwise.
    #[inline]
    pub fn call_optional(
        through: &impl ::devtools_runtime::functions::Caller,
        path: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::CallingOptional<Self> {
        ::devtools_runtime::__private::call_optional::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(path),))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    pub fn invoke_local(
        through: &::devtools_runtime::DevToolsContext,
        path: impl ::devtools_runtime::__private::IntoArgument<String>,
    ) -> ::devtools_runtime::functions::Invoking<Self> {
        ::devtools_runtime::__private::invoke_local::<
            Self,
        >(through, (::devtools_runtime::__private::IntoArgument::into_argument(path),))
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
    type __Written = Result<FileContent, ReadError>;
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
    impl ::devtools_runtime::RpcFunction for ReadFile {
        const NAME: &'static ::core::primitive::str = "my-plugin:read-file";
        const KIND: ::devtools_runtime::FunctionKind = ::devtools_runtime::FunctionKind::Query;
        const PARAMETERS: &'static [::devtools_runtime::functions::Parameter] = &[
            ::devtools_runtime::functions::Parameter::new(
                "path",
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
    impl ::devtools_runtime::functions::Implementation for ReadFile {
        type Returned = __Returned;
        fn run(
            scope: &::devtools_runtime::__private::SharedScope,
            (arg0,): Self::Args,
        ) -> ::devtools_runtime::__private::Run<__Written> {
            let future = ::devtools_runtime::__private::boxed(read_file(arg0));
            ::devtools_runtime::__private::later(future)
        }
    }
    ::devtools_runtime::__private::inventory::submit! {
        ::devtools_runtime::__private::Registration::new(ReadFile::definition)
    }
};
