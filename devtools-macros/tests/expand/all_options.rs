pub(crate) fn merge(left: Map, right: Map) -> Map {
    left.merge(right)
}
/// Stands for the action `my-plugin:merge`. Use it to call the function or to refer to it.
pub(crate) enum MergeMaps {}
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
impl MergeMaps {
    /// The name on the wire: `my-plugin:merge`.
    pub(crate) const NAME: &'static ::core::primitive::str = <Self as toolkit::rpc::RpcFunction>::NAME;
    /// The kind of the function.
    pub(crate) const KIND: toolkit::rpc::FunctionKind = <Self as toolkit::rpc::RpcFunction>::KIND;
    /// Returns the definition of the function, to register it.
    pub(crate) const fn definition() -> toolkit::rpc::FunctionDefinition {
        toolkit::rpc::FunctionDefinition::of::<
            Self,
        >(toolkit::rpc::functions::SourceLocation::of_caller("devtools-macros"))
    }
    /// Calls the function and waits for its output.
    #[inline]
    pub(crate) fn call(
        through: &impl toolkit::rpc::functions::Caller,
        left: Map,
        right: Map,
    ) -> toolkit::rpc::functions::Calling<Self> {
        toolkit::rpc::__private::call::<Self>(through, (left, right))
    }
    /// Calls the function if the other side has it. Returns `None` otherwise.
    #[inline]
    pub(crate) fn call_optional(
        through: &impl toolkit::rpc::functions::Caller,
        left: Map,
        right: Map,
    ) -> toolkit::rpc::functions::CallingOptional<Self> {
        toolkit::rpc::__private::call_optional::<Self>(through, (left, right))
    }
    /// Runs the function in this process, without serialization.
    #[inline]
    pub(crate) fn invoke_local(
        through: &toolkit::rpc::DevToolsContext,
        left: Map,
        right: Map,
    ) -> toolkit::rpc::functions::Invoking<Self> {
        toolkit::rpc::__private::invoke_local::<Self>(through, (left, right))
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
    use toolkit::rpc::__private::ProbeFallback as _;
    type __Written = Map;
    type __Returned = toolkit::rpc::__private::Returns<
        __Written,
        {
            toolkit::rpc::__private::returns(
                toolkit::rpc::__private::Probe::<__Written>::IS_RESULT,
                toolkit::rpc::__private::Probe::<__Written>::HAS_TEXT,
                toolkit::rpc::__private::Probe::<__Written>::HAS_ERROR,
            )
        },
    >;
    #[automatically_derived]
    impl toolkit::rpc::RpcFunction for MergeMaps {
        const NAME: &'static ::core::primitive::str = "my-plugin:merge";
        const KIND: toolkit::rpc::FunctionKind = toolkit::rpc::FunctionKind::Action;
        const ENCODING: toolkit::rpc::Encoding = toolkit::rpc::Encoding::StructuredClone;
        const PARAMETERS: &'static [toolkit::rpc::functions::Parameter] = &[
            toolkit::rpc::functions::Parameter::new(
                "left",
                toolkit::rpc::__private::Probe::<Map>::IS_OPTION,
            ),
            toolkit::rpc::functions::Parameter::new(
                "right",
                toolkit::rpc::__private::Probe::<Map>::IS_OPTION,
            ),
        ];
        type Args = (Map, Map);
        type Output = <__Returned as toolkit::rpc::__private::Returned>::Output;
        type Error = <__Returned as toolkit::rpc::__private::Returned>::Error;
        const FAILURE: toolkit::rpc::__private::Failure<Self::Error> = toolkit::rpc::__private::Probe::<
            <Self as toolkit::rpc::RpcFunction>::Error,
        >::FAILURE;
        toolkit::rpc::__private::of_types! {
            Map, Map
        }
    }
    #[automatically_derived]
    impl toolkit::rpc::functions::Implementation for MergeMaps {
        type Returned = __Returned;
        fn run(
            scope: &toolkit::rpc::__private::SharedScope,
            (arg0, arg1): Self::Args,
        ) -> toolkit::rpc::__private::Run<__Written> {
            toolkit::rpc::__private::Run::Done(
                ::core::result::Result::Ok(merge(arg0, arg1)),
            )
        }
    }
    toolkit::rpc::__private::inventory::submit! {
        toolkit::rpc::__private::Registration::new(MergeMaps::definition)
    }
};
